"""`manage.py doctor` finds nothing wrong with what deploy/ ships, and of each thing that is broken exactly that."""

import contextlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from collab.doctor.examination import CHECKS
from tests.fleet.broken import CERTIFICATE_DAYS, HEARTBEAT, Ward
from tests.harness.ports import free_port
from tests.harness.server import ROOT

# Longer than the limit that four seconds of the instances' heartbeat make.
IDLE_SECONDS = 2 * HEARTBEAT + 0.3
NOT_IDLE = ("idle", "idle-poll")


@contextlib.contextmanager
def running(folder: Path, **options: Any) -> Iterator[Ward]:
    ward = Ward(folder, **options)
    try:
        yield ward.start()
    finally:
        ward.close()


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    with running(tmp_path_factory.mktemp("ward")) as made:
        yield made


@pytest.fixture(scope="module")
def https(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    with running(tmp_path_factory.mktemp("ward"), instances=1, tls=True) as made:
        yield made


def doctor(url: str, *options: str, skip: tuple[str, ...] = ()) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the exit code, and what each check found."""
    said = io.StringIO()
    skips = [f"--skip={check}" for check in skip]
    code = 0
    try:
        call_command("doctor", url, "--json", f"--idle-seconds={IDLE_SECONDS}", *skips, *options, stdout=said)
    except SystemExit as end:
        code = int(str(end.code))
    found = json.loads(said.getvalue())
    assert found["exit_code"] == code
    return code, {one["check"]: one for one in found["checks"]}


def but_ok(found: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {check: one["status"] for check, one in found.items() if one["status"] != "ok"}


@pytest.mark.parametrize("lb", ["haproxy", "nginx"])
def test_nothing_is_wrong_with_what_is_shipped(ward: Ward, lb: str) -> None:
    code, found = doctor(ward.behind(lb))
    assert (code, but_ok(found)) == (0, {})
    assert list(found) == list(CHECKS)
    assert found["polling"]["facts"]["kept"] == 12
    seconds = found["delivery"]["facts"]["seconds"]
    assert {name: sorted(row) for name, row in seconds.items()} == {"a": ["a", "b"], "b": ["a", "b"]}
    assert found["settings"]["facts"]["a"]["ping_seconds"] == HEARTBEAT


# fault: what else but ok is found, each with a word of what is to be changed. `skip`: cannot be looked at then.
FAULTS: dict[str, dict[str, tuple[str, str]]] = {
    "round-robin": {"polling": ("fail", "stickiness.enabled"), "idle-poll": ("skip", "")},
    "short-timeout": {"idle": ("fail", "timeout tunnel"), "idle-poll": ("fail", "proxy_read_timeout")},
    "no-upgrade": {"websocket": ("fail", "Upgrade"), "idle": ("skip", "")},
    "wrong-host": {"page": ("fail", "proxy_set_header Host"), "cookies": ("skip", "")},
    "wrong-origin": {"origin": ("fail", "set-header Origin")},
    "no-origin": {"origin": ("fail", "must not remove")},
    "passes-addresses-on": {"forwarded": ("fail", "X-Forwarded-For")},
    "cookies-without-flags": {"cookies": ("fail", "Set-Cookie")},
}
# Nothing there is about time: the wait would find nothing new.
TIMELESS = {"wrong-host", "wrong-origin", "no-origin", "passes-addresses-on", "cookies-without-flags"}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_names_exactly_what_is_broken(ward: Ward, fault: str) -> None:
    code, found = doctor(ward.behind(fault), skip=NOT_IDLE if fault in TIMELESS else ())
    expected = {check: status for check, (status, _) in FAULTS[fault].items()}
    assert code == 1
    assert but_ok(found) == {**dict.fromkeys(NOT_IDLE if fault in TIMELESS else (), "skip"), **expected}
    for check, (_, word) in FAULTS[fault].items():
        assert word in " ".join(one["what"] for one in found[check]["change"])


def test_the_limit_is_measured(ward: Ward) -> None:
    others = tuple(check for check in CHECKS if check != "idle")
    found = doctor(ward.behind("short-timeout"), skip=others)[1]["idle"]["facts"]
    assert found["cut"] is True
    assert 1.5 < found["seconds"] < 3.5, "the file says two seconds"


def test_instances_without_redis_do_not_hear_each_other(tmp_path: Path) -> None:
    with running(tmp_path, redis=False, first={"COLLAB_VERSION": "0.0.9"}) as ward:
        code, found = doctor(ward.behind("haproxy"), skip=NOT_IDLE)
    assert code == 1
    assert but_ok(found) == {
        "delivery": "fail", "readiness": "warn", "versions": "warn", "idle": "skip", "idle-poll": "skip",
    }  # fmt: skip
    assert "REDIS_URL is not set on a, b" in found["delivery"]["says"]
    seconds = found["delivery"]["facts"]["seconds"]
    assert {(x, y) for x in seconds for y in seconds[x] if seconds[x][y] is None} == {("a", "b"), ("b", "a")}
    assert found["versions"]["facts"]["versions"]["a"] == "0.0.9"


def test_another_secret_key_cannot_look(ward: Ward, settings: Any) -> None:
    settings.SECRET_KEY = "another one " * 5
    code, found = doctor(ward.behind("haproxy"), skip=NOT_IDLE)
    assert code == 2
    assert found["ticket"]["status"] == "fail"
    assert "COLLAB_SECRET_KEY" in found["ticket"]["change"][0]["what"]
    assert found["delivery"]["status"] == "skip"


def test_with_tls_the_certificate_is_checked(https: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    code, found = doctor(https.behind("tls"))
    assert (code, list(found)) == (2, ["address"])
    assert "certificate" in found["address"]["says"]

    code, found = doctor(https.behind("tls"), "--insecure", skip=NOT_IDLE)
    assert code == 0
    assert but_ok(found) == {"address": "warn", "idle": "skip", "idle-poll": "skip"}

    certificate = https._folder / "certificate.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    code, found = doctor(https.behind("tls"))
    assert (code, but_ok(found)) == (0, {})
    assert found["address"]["facts"]["days"] == CERTIFICATE_DAYS
    assert all("secure" in found["cookies"]["facts"][name] for name in ("sessionid", "csrftoken", "collab_lb"))


def test_with_tls_the_application_has_to_know_it(https: Ward) -> None:
    code, found = doctor(https.behind("tls-no-scheme"), "--insecure", skip=NOT_IDLE)
    assert code == 1
    assert found["page"]["status"] == "fail"
    assert "X-Forwarded-Proto" in found["page"]["change"][0]["what"]
    assert {check for check, status in but_ok(found).items() if status == "fail"} == {"page"}


def test_where_nothing_answers_it_could_not_run() -> None:
    code, found = doctor(f"http://127.0.0.1:{free_port()}")
    assert (code, list(found)) == (2, ["address"])


@pytest.mark.parametrize(
    "wrong", ["rooms.example.org", "https://", "ftp://rooms.example.org", "http://a:b", "http://a/b"]
)
def test_what_is_no_address_is_said_to_be_none(wrong: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("doctor", wrong)
    assert refused.value.returncode == 2


def test_the_command_prints_a_table_that_can_be_read_without_colours(ward: Ward) -> None:
    """As it is run: in a process of its own, with nothing in its environment but what an operator's shell has."""
    kept = {"COLLAB_SECRET_KEY", "COLLAB_ORIGINS", "PATH", "HOME", "LANG"}
    environment = {name: value for name, value in ward.servers.instances[0].environment().items() if name in kept}
    command = [sys.executable, "manage.py", "doctor", ward.behind("round-robin"), "--skip=idle", "--skip=idle-poll"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    rows = re.findall(r"^  (ok|FAIL|warn|skip) +([\w-]+) ", done.stdout, re.MULTILINE)
    assert [check for _, check in rows] == list(CHECKS)
    assert [check for status, check in rows if status == "FAIL"] == ["polling"]
    assert "cookie collab_lb insert" in done.stdout
    assert "\x1b" not in done.stdout


def test_its_page_lists_exactly_its_checks() -> None:
    text = (ROOT / "docs" / "doctor.md").read_text()
    assert re.findall(r"^\| `([a-z][\w-]*)` \|", text, re.MULTILINE) == list(CHECKS)
