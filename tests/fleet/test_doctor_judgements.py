"""What `manage.py doctor` makes of what it saw, for deployments that are hard to build: far clocks, NAT, two Redis."""

import pytest

from collab.doctor import address, examination, idle, instances, transports
from collab.doctor.idle import Silence
from collab.doctor.lines import Opening
from collab.doctor.report import Finding, Status, exit_code, text_of
from collab.doctor.seen import FORGED, Survey, Told
from collab.doctor.transports import Conversation, Doors
from collab.doctor.web import Answer, BadAddress, Cookie, Site, cookie_of

MINE = "192.0.2.7"


def told(name: str, *, skew: float = 0.0, trip: float = 0.01, redis: bool | None = True, **more: float | str) -> Told:
    ping = float(more.get("ping", 20))
    return Told(
        instance=name,
        version=str(more.get("version", "1")),
        address=str(more.get("address", MINE)),
        local=MINE,
        redis=redis,
        heartbeat=float(more.get("heartbeat", 20)),
        skew=skew,
        trip=trip,
        opening=Opening("x", ping, 10, int(more.get("most", 1_000_000))),
    )


def survey(*of: Told, dead: tuple[tuple[str, str], ...] = (), believed: str = MINE) -> Survey:
    names = [one.instance for one in of]
    heard = {(x, y): None if (x, y) in dead else 0.001 for x in names for y in names}
    return Survey(transport="WebSocket", told=list(of), heard=heard, believed=believed)


@pytest.mark.parametrize(
    ("seen", "status", "word"),
    [
        (survey(told("a"), told("b", skew=0.4)), Status.OK, "0.40 s apart"),
        (survey(told("a"), told("b", skew=5)), Status.FAIL, "5.0 s apart"),
        (survey(told("a", skew=-3), told("b", skew=-3)), Status.OK, "apart"),
        (survey(told("a", skew=60), told("b", skew=60)), Status.WARN, "this machine"),
        # Nothing can be said about three seconds over a line that takes four.
        (survey(told("a"), told("b", skew=3, trip=4)), Status.OK, "apart"),
    ],
)
def test_clocks(seen: Survey, status: Status, word: str) -> None:
    found = instances.judge_clocks(seen)
    assert found.status is status
    assert word in found.says


@pytest.mark.parametrize(
    ("seen", "heartbeat", "status", "word"),
    [
        (survey(told("a"), told("b")), None, Status.OK, "every 20 s"),
        (survey(told("a"), told("b")), 20, Status.OK, "every 20 s"),
        (survey(told("a"), told("b")), 25, Status.WARN, "here is 25"),
        (survey(told("a"), told("b", heartbeat=25, ping=25)), None, Status.FAIL, "different"),
        (survey(told("a"), told("b", most=5)), None, Status.FAIL, "different"),
        (survey(told("a", ping=25)), None, Status.FAIL, "told 25 s"),
    ],
)
def test_settings(seen: Survey, heartbeat: int | None, status: Status, word: str) -> None:
    found = instances.judge_settings(seen, heartbeat=heartbeat)
    assert found.status is status
    assert word in found.says


def test_versions() -> None:
    assert instances.judge_versions(survey(told("a"), told("b"))).status is Status.OK
    assert instances.judge_versions(survey(told("a"), told("b", version="2"))).status is Status.WARN


@pytest.mark.parametrize(
    ("seen", "known", "status", "word"),
    [
        (survey(told("a"), told("b")), {"a", "b"}, Status.OK, "4 of 4"),
        (survey(told("a")), {"a"}, Status.OK, "one instance"),
        (survey(told("a")), {"a", "b"}, Status.WARN, "not tried: b"),
        (
            survey(told("a"), told("b"), dead=(("a", "b"),)),
            {"a", "b"},
            Status.FAIL,
            "a → b. Each instance hears itself",
        ),
        (survey(told("a"), told("b", redis=False), dead=(("a", "b"),)), {"a"}, Status.FAIL, "b cannot hear Redis"),
        (survey(told("a"), told("b", redis=None), dead=(("a", "b"),)), {"a"}, Status.FAIL, "not set on b"),
        (Survey(told=[told("a")]), {"a"}, Status.FAIL, "no instance"),
    ],
)
def test_delivery(seen: Survey, known: set[str], status: Status, word: str) -> None:
    found = instances.judge_delivery(seen, known=known)
    assert found.status is status
    assert word in found.says


@pytest.mark.parametrize(
    ("seen", "remote", "status"),
    [
        (survey(told("a")), "198.51.100.1", Status.OK),
        (survey(told("a", address="8.8.8.8")), "9.9.9.9", Status.OK),  # this machine is behind a NAT
        (survey(told("a", address="10.0.0.3")), "9.9.9.9", Status.FAIL),
        (survey(told("a", address="10.0.0.3")), "10.0.0.1", Status.OK),  # an inner network altogether
        (survey(told("a"), believed=FORGED), "9.9.9.9", Status.FAIL),
    ],
)
def test_forwarded(seen: Survey, remote: str, status: Status) -> None:
    assert instances.judge_forwarded(seen, remote=remote).status is status


def talk(*names: str, failed: str = "") -> Conversation:
    return Conversation(names, 6, failed)


@pytest.mark.parametrize(
    ("talks", "known", "status", "kept"),
    [
        ([talk("a", "a"), talk("b", "b"), talk("a", "a"), talk("b", "b")], {"a", "b"}, Status.OK, 4),
        ([talk("a", "a")] * 4, {"a", "b"}, Status.WARN, 4),
        ([talk("a", "a")] * 4, {"a"}, Status.OK, 4),
        ([talk("a", "a"), talk("a", "b")], {"a", "b"}, Status.FAIL, 1),
        ([talk("a", "a"), talk(failed="answered with 400")], {"a", "b"}, Status.FAIL, 1),
    ],
)
def test_polling(talks: list[Conversation], known: set[str], status: Status, kept: int) -> None:
    found = transports.judge_polling(talks, known=known)
    assert found.status is status
    assert found.facts["kept"] == kept


@pytest.mark.parametrize(
    ("doors", "status"),
    [
        ([Doors("WebSocket", own=True, foreign=False, nobody=True)], Status.OK),
        ([Doors("WebSocket", own=True, foreign=True, nobody=True)], Status.FAIL),
        ([Doors("WebSocket", own=False, foreign=False, nobody=True)], Status.FAIL),
        ([Doors("WebSocket", own=False, foreign=False, nobody=False)], Status.SKIP),
    ],
)
def test_origin(doors: list[Doors], status: Status) -> None:
    assert transports.judge_origin(doors).status is status


@pytest.mark.parametrize(
    ("silence", "status"),
    [
        (Silence(90, 20, was_cut=False), Status.OK),
        (Silence(60, 20, was_cut=True), Status.OK),
        (Silence(30.1, 20, was_cut=True), Status.FAIL),  # longer than a silent line lives, but with no room
        (Silence(20, 20, was_cut=True), Status.FAIL),  # (trap L5)
        (Silence(20, 20, was_cut=False), Status.WARN),  # nobody waited long enough
        (Silence(5, 20, was_cut=False, was_closed=True), Status.WARN),
    ],
)
def test_idle(silence: Silence, status: Status) -> None:
    assert idle.judge_websocket(silence).status is status


@pytest.mark.parametrize(
    ("silence", "status"),
    [
        (Silence(30, 20, was_cut=True, why="answered with 400"), Status.OK),  # the server itself
        (Silence(31, 20, was_cut=False), Status.OK),
        (Silence(20, 20, was_cut=True, why="answered with 504"), Status.FAIL),
        (Silence(20, 20, was_cut=False), Status.WARN),
    ],
)
def test_idle_poll(silence: Silence, status: Status) -> None:
    assert idle.judge_polling(silence).status is status


GOOD = {
    "sessionid": cookie_of("sessionid=x; HttpOnly; Secure; SameSite=Lax"),
    "csrftoken": cookie_of("csrftoken=x; Secure; SameSite=Lax"),
    "AWSALB": cookie_of("AWSALB=x; Path=/"),
}


@pytest.mark.parametrize(
    ("changed", "is_https", "status"),
    [
        ({}, True, Status.OK),
        ({"sessionid": "sessionid=x; HttpOnly; SameSite=Lax"}, True, Status.FAIL),
        ({"sessionid": "sessionid=x; HttpOnly; SameSite=Lax"}, False, Status.OK),
        ({"sessionid": "sessionid=x; Secure; SameSite=Lax"}, True, Status.FAIL),
        ({"csrftoken": "csrftoken=x; Secure"}, True, Status.FAIL),
        ({"collab_lb": "collab_lb=a; Secure"}, True, Status.FAIL),
        ({"collab_lb": "collab_lb=a; httponly; secure"}, True, Status.OK),
    ],
)
def test_cookies(changed: dict[str, str], is_https: bool, status: Status) -> None:
    found: dict[str, Cookie] = {**GOOD, **{name: cookie_of(line) for name, line in changed.items()}}
    assert address.judge_cookies(found, is_https=is_https).status is status


def test_a_cookie_that_did_not_come_is_not_called_right() -> None:
    assert address.judge_cookies({"csrftoken": GOOD["csrftoken"]}, is_https=True).status is Status.WARN


@pytest.mark.parametrize(
    ("days", "remote", "is_https", "status"),
    [
        (60, "9.9.9.9", True, Status.OK),
        (3, "9.9.9.9", True, Status.WARN),
        (None, "9.9.9.9", True, Status.WARN),
        (None, "9.9.9.9", False, Status.WARN),
        (None, "::1", False, Status.OK),
    ],
)
def test_address(days: int | None, remote: str, is_https: bool, status: Status) -> None:
    answer = Answer(200, [], b"ok", MINE, remote, "TLSv1.3" if is_https else None, days)
    assert address.judge_reached(answer, is_https=is_https).status is status


def test_an_address_is_a_scheme_and_a_host() -> None:
    assert Site("https://rooms.example.org/").url == "https://rooms.example.org"
    assert Site("http://[::1]:8080").port == 8080
    with pytest.raises(BadAddress):
        Site("https://rooms.example.org/rooms/")


GREEN, RED = Finding(Status.OK, "fine"), Finding(Status.FAIL, "broken", [("nginx", "a line")])


def test_exit_codes() -> None:
    assert examination.code_of({"address": GREEN, "ticket": GREEN}) == exit_code({"address": GREEN}) == 0
    assert examination.code_of({"address": GREEN, "polling": RED}) == 1
    assert examination.code_of({"address": RED}) == 2
    assert examination.code_of({"address": GREEN, "ticket": RED}) == 2
    some = Finding(Status.FAIL, "some", facts={"let_in": 3})
    assert examination.code_of({"address": GREEN, "ticket": some}) == 1


def test_a_row_has_its_word_with_and_without_colour() -> None:
    plain = text_of("polling", RED, colour=False)
    assert plain.splitlines()[0] == "  FAIL  polling     broken"
    assert plain.splitlines()[-1].split() == ["nginx", "a", "line"]
    coloured = text_of("polling", RED, colour=True)
    assert "\x1b[1;31mFAIL" in coloured
    assert coloured.replace("\x1b[1;31m", "").replace("\x1b[0m", "") == plain
