"""The load balancers' own programs accept the files, and what the files promise is seen through them."""

import http.client
import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deploy import reading
from tests.deploy.backends import Backend, backends
from tests.deploy.sites import Site, configured, eventually, running, told

DEPLOY = reading.DEPLOY


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with fullchain.pem, privkey.pem and both in collab.pem, for localhost."""
    folder = tmp_path_factory.mktemp("certificate")
    names = ["-keyout", "privkey.pem", "-out", "fullchain.pem"]
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*request, *names], cwd=folder, check=True, capture_output=True)
    (folder / "collab.pem").write_text((folder / "fullchain.pem").read_text() + (folder / "privkey.pem").read_text())
    return folder


KINDS = ["haproxy", "nginx", "caddy"]


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_its_own_program_accepts_the_file(kind: str, tls: bool, tmp_path: Path, certificate: Path) -> None:
    command, site = configured(kind, tmp_path, [Backend(name) for name in "abc"], certificate if tls else None)
    environment = told(site)
    if kind == "caddy":
        command[1] = "validate"
        # A name, not an address, is what makes Caddy serve TLS.
        environment |= {"COLLAB_SITE": "rooms.example.org"} if tls else {}
    else:
        command.insert(1, {"nginx": "-t", "haproxy": "-c"}[kind])
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    said = run.stdout + run.stderr
    assert run.returncode == 0, said
    assert not re.search(r"warn(ing)?\b", said, re.I), said


def test_the_shipped_files_are_accepted_as_they_are(tmp_path: Path) -> None:
    """With the ports of the README and no change at all."""
    nginx = [reading.program("nginx"), "-t", "-e", "stderr", "-p", f"{tmp_path}", "-c", f"{DEPLOY}/nginx/nginx.conf"]
    for command in (nginx, [reading.program("haproxy"), "-c", "-f", f"{DEPLOY}/haproxy/haproxy.cfg"]):
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("kind", ["haproxy", "nginx"])
def test_with_its_lines_against_floods_one_address_is_not_served_without_end(kind: str, tmp_path: Path) -> None:
    """Far beyond what an office does, and whoever is in at nginx goes on: only handshakes count there."""
    with backends(3) as instances, running(kind, tmp_path, instances, against_floods=True) as site:
        handshake = "/socket.io/?EIO=4&transport=polling"
        with ThreadPoolExecutor(16) as flood:
            refused = sum(flood.map(lambda _: is_refused(site, handshake), range(1_500)))
        assert 0 < refused < 1_500 - 300
        if kind == "nginx":
            assert not any(is_refused(site, path) for path in ["/rooms/", f"{handshake}&sid=abc"] * 200)


def is_refused(site: Site, path: str) -> bool:
    """Whether a request on a connection of its own is answered 429, or not at all."""
    try:
        return site.get(path)[0] == 429
    except (OSError, http.client.HTTPException):
        return True


@pytest.mark.parametrize("kind", KINDS)
def test_a_browser_stays_at_its_instance_and_all_get_some(kind: str, tmp_path: Path) -> None:
    with backends(3) as instances, running(kind, tmp_path, instances) as site:
        served: dict[str, str] = {}
        for _ in range(40):
            _, headers, body = site.get()
            cookie = headers["set-cookie"]
            assert cookie.startswith("collab_lb=")
            served[cookie.partition(";")[0]] = json.loads(body)["name"]
        # All of 40 at two of three has a chance of 1 in 3 million where the choice is a hash.
        assert set(served.values()) == {"a", "b", "c"}
        for cookie, name in served.items():
            assert site.name(cookie) == name
        assert "set-cookie" not in site.get(headers={"Cookie": next(iter(served))})[1], "who has a cookie keeps it"


@pytest.mark.parametrize("kind", ["haproxy", "caddy"])
def test_p5_who_is_bound_to_an_unready_instance_is_served_by_another(kind: str, tmp_path: Path) -> None:
    with backends(3) as instances, running(kind, tmp_path, instances) as site:
        cookies = [site.get()[1]["set-cookie"].partition(";")[0] for _ in range(40)]
        bound = next(cookie for cookie in cookies if site.name(cookie) == "a")
        instances[0].is_ready = False
        eventually(lambda: site.name(bound) != "a")
        assert all(site.name(cookie) != "a" for cookie in cookies)


@pytest.mark.parametrize("kind", KINDS)
def test_an_instance_that_is_gone_costs_nobody_an_error(kind: str, tmp_path: Path) -> None:
    with backends(3) as instances, running(kind, tmp_path, instances) as site:
        cookies = [site.get()[1]["set-cookie"].partition(";")[0] for _ in range(40)]
        assert any(site.name(cookie) == "a" for cookie in cookies)
        instances[0].stop()
        assert {site.get(headers={"Cookie": cookie})[0] for cookie in cookies} == {200}


@pytest.mark.parametrize("kind", KINDS)
def test_s14_what_a_client_claims_about_itself_is_replaced(kind: str, tmp_path: Path) -> None:
    with backends(3) as instances, running(kind, tmp_path, instances) as site:
        forged = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "Host": "rooms.example.org"}
        if kind == "caddy":  # serves the one name that it is configured for
            del forged["Host"]
        seen = json.loads(site.get(headers=forged)[2])["headers"]
        assert seen["x-forwarded-for"] == "127.0.0.1"
        assert seen["x-forwarded-proto"] == "http"
        assert kind == "caddy" or seen["host"] == "rooms.example.org"


@pytest.mark.parametrize("kind", KINDS)
def test_an_upload_of_25_mb_passes_and_one_of_30_does_not(kind: str, tmp_path: Path) -> None:
    with backends(3) as instances, running(kind, tmp_path, instances) as site:
        assert site.get(body=bytes(25 * 1024 * 1024))[0] == 200
        try:
            status = site.get(body=bytes(30 * 1024 * 1024))[0]
        except (ConnectionError, http.client.HTTPException):
            status = 413  # hung up before the body was through
        assert status in {413, 502}  # Caddy ends the request that it was passing on


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_neither_compressed_nor_given_hsts(kind: str, tmp_path: Path) -> None:
    """Strict-Transport-Security is the application's: it knows whether everybody comes by https."""
    with backends(3) as instances, running(kind, tmp_path, instances) as site:
        headers = site.get("/socket.io/?EIO=4", headers={"Accept-Encoding": "gzip, br, zstd"})[1]
        assert not {"content-encoding", "strict-transport-security"} & set(headers)


@pytest.mark.parametrize("kind", ["haproxy", "nginx"])
def test_with_tls_the_cookie_is_secure_and_plain_http_is_sent_on(kind: str, tmp_path: Path, certificate: Path) -> None:
    with backends(3) as instances, running(kind, tmp_path, instances, certificate) as site:
        _, headers, body = site.get(tls=True)
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(re.split(r"; ?", headers["set-cookie"]))
        assert json.loads(body)["headers"]["x-forwarded-proto"] == "https"
        status, headers, _ = site.get("/rooms/", headers={"Host": "rooms.example.org"})
        assert (status, headers["location"]) == (301, "https://rooms.example.org/rooms/")


def test_nginx_gives_no_cookie_with_a_static_file(tmp_path: Path) -> None:
    with backends(1) as instances, running("nginx", tmp_path, instances * 3) as site:
        assert "set-cookie" not in site.get("/static/css/base.css")[1]
        assert "set-cookie" in site.get("/socket.io/")[1]


def test_haproxy_never_cuts_open_sockets_of_an_unready_instance() -> None:
    text = reading.shipped()["haproxy/haproxy.cfg"]
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    assert "shutdown-sessions" not in code
    assert "option redispatch" in code
