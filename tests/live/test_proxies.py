"""What a client says of where it comes from counts for nothing, except through as many proxies as are trusted (S14)."""

import http.client
from collections.abc import Callable

import pytest
from django.core import signing

from rooms.core.access import Role
from rooms.live.probes import SALT
from rooms.models import AuditEntry
from rooms.services import sharing
from tests.conftest import Connect
from tests.harness.orm import orm
from tests.harness.people import Cast, sign_in
from tests.harness.server import Server

FORGED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
TRICKS = {
    "X_Forwarded_For": "203.0.113.9",
    "X-Forwarded_For": "203.0.113.9",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9;proto=https;host=evil.example",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Ssl": "on",
    "X_Forwarded_Proto": "https",
    "Front-End-Https": "on",
    "Remote_Addr": "203.0.113.9",
    "X-Original-URL": "/admin/",
    "X-Rewrite-URL": "/admin/",
    "X-HTTP-Method-Override": "DELETE",
    "Client-IP": "203.0.113.9",
}


def ask(server: Server, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    line.request(method, path, body.encode(), headers)
    answer = line.getresponse()
    said = answer.read().decode(errors="replace")
    line.close()
    return answer.status, said


def log_in(server: Server, **headers: str) -> str | None:
    """Sign in wrongly; return the address that the log has for it."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": "a" * 32, "Origin": server.url}
    form["Cookie"] = f"csrftoken={'a' * 32}"
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    status, _ = ask(server, "POST", "/accounts/login/", "login=alice@example.com&password=wrong", **form, **headers)
    assert status == 200
    return AuditEntry.objects.exclude(pk__in=before).get().address


@pytest.mark.parametrize("headers", [FORGED, TRICKS, FORGED | TRICKS], ids=["forged", "tricks", "both"])
def test_s14_without_a_trusted_proxy_nobody_is_believed(
    server: Server, live_cast: Cast, headers: dict[str, str]
) -> None:
    assert log_in(server, **headers) == "127.0.0.1"
    link = sharing.make_link(document=live_cast.document, by=live_cast.alice, role=Role.VIEWER)
    cookie = {"Cookie": f"sessionid={sign_in(live_cast.alice)}"}
    _, page = ask(server, "GET", f"/d/{live_cast.document.key}/share", **cookie, **headers)
    assert f"{server.url}/l/{link.key}" in page
    assert "evil.example" not in page


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [
        ("1", "192.0.2.1", "192.0.2.1"),
        ("1", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        ("2", "203.0.113.9, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        # Somebody who came past one of the proxies: no fault, and not believed.
        ("2", "203.0.113.9", "127.0.0.1"),
    ],
)
def test_s14_trusted_proxies_say_the_address_and_nobody_before_them(
    own_server: Callable[..., Server], live_cast: Cast, proxies: str, told: str, address: str
) -> None:
    server = own_server(COLLAB_PROXY_COUNT=proxies)
    assert log_in(server, **{**TRICKS, "X-Forwarded-For": told, "X-Forwarded-Host": "evil.example"}) == address


async def test_s14_a_socket_has_the_address_of_its_connection(server: Server, connect: Connect) -> None:
    ticket = {"ticket": signing.dumps({"probe": "one"}, salt=SALT)}
    for transport in ("websocket", "polling"):
        probe = await connect(server, None, auth=ticket, transport=transport, **FORGED, **TRICKS)
        assert (await probe.call("probe", {}))["address"] == "127.0.0.1"


async def test_s14_a_host_that_is_not_ours_is_refused(server: Server, live_cast: Cast) -> None:
    session = await orm(sign_in, live_cast.alice)
    for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:80", "127.0.0.1@evil.example", ""):
        status, said = ask(server, "GET", "/", Host=host, Cookie=f"sessionid={session}")
        assert status == 400, host
        assert "evil.example" not in said
    assert "HTTP_HOST" not in server.log(), "anybody could fill it"
