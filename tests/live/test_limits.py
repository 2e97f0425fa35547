"""What one socket and one person may send: beyond it `slow_down`, nothing lost, and nobody else slowed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rooms.live.commits import merge
from tests.conftest import Connect, Dial
from tests.harness.client import Page, Refused, eventually
from tests.harness.orm import orm, written
from tests.harness.people import Cast
from tests.harness.raw import BOTH, EVENT, Raw, RawPolling, RawWebSocket, opening, packet
from tests.harness.server import Server

# Small enough for a test to reach within a second, and to see the next of it come.
LITTLE = {
    "COLLAB_EDITS_PER_SECOND": "20",
    "COLLAB_CURSORS_PER_SECOND": "2",
    "COLLAB_OPENS_PER_SECOND": "1",
    "COLLAB_OTHER_EVENTS_PER_SECOND": "2",
    "COLLAB_BURST_SECONDS": "5",
    "COLLAB_PERSON_RATES": "2",
}
EDITS, CURSORS, OPENS = 100, 10, 5
# A polling body carries at most 256 packets.
BODY = 250


@pytest.fixture(scope="module")
def of_little(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with little shares. People are others in each test, and their shares are full."""
    made = Server(tmp_path_factory.mktemp("little") / "log", **LITTLE)
    with django_db_blocker.unblock():
        made.start()
    yield made
    made.kill()


@pytest.fixture
def little(of_little: Server, live_cast: Cast) -> Server:
    return of_little


def slowed(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in answers if one.get("code") == "slow_down"]


def letters(page: Page, count: int) -> list[bytes]:
    """Return updates that each write one letter after the one before."""
    return [page.write(number, "x") for number in range(count)]


async def send_all(line: Raw, event: str, payloads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send all of them without waiting, and return the answers in order."""
    numbers = [line.number() for _ in payloads]
    packets = [packet(EVENT, [event, one], number) for one, number in zip(payloads, numbers, strict=True)]
    for start in range(0, len(packets), BODY):
        await line.send(*packets[start : start + BODY])
    await eventually(lambda: set(numbers) <= line.answers().keys(), seconds=30, what="everything is answered")
    answers = line.answers()
    return [answers[number][0] for number in numbers]


async def come_in(line: Raw, key: str) -> Page:
    await line.greet()
    page = Page()
    (answer,) = await line.ask("open", opening(key, page.doc))
    assert answer["ok"], answer
    page.take(answer["update"])
    return page


@pytest.mark.timeout(60)
async def test_five_thousand_edits_at_once_are_slowed_and_nobody_else_notices(
    server: Server, live_cast: Cast, connect: Connect, dial: Dial
) -> None:
    """With the settings as they are shipped."""
    key = live_cast.document.key
    bob = await dial(RawWebSocket, server, live_cast.bob)
    his = await come_in(bob, key)
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(key)

    async def type_on() -> int:
        """Alice's edits, one after the other, each acknowledged: `type` raises what is refused."""
        count = 0
        while not flood.done():
            await hers.type("a", at=0)
            count += 1
        return count

    edits = [{"document": key, "update": update} for update in letters(his, 5_000)]
    flood = asyncio.create_task(send_all(bob, "edit", edits))
    typed = await type_on()
    answers = await flood
    outcomes = Counter(one.get("code", "ok") for one in answers)
    assert outcomes["ok"] >= 2_900
    assert outcomes["slow_down"] >= 1_000
    assert all(one["retry_after_ms"] > 0 for one in slowed(answers))
    assert outcomes.keys() <= {"ok", "slow_down", "gap"}, "what builds on a refused one is a gap"
    assert not bob.closed.is_set()
    assert typed > 0
    text = await orm(written, live_cast.document)
    assert Counter(text) == {"x": outcomes["ok"], "a": typed}


@BOTH
async def test_who_obeys_gets_everything_in(transport: Any, little: Server, live_cast: Cast, dial: Dial) -> None:
    key = live_cast.document.key
    bob = await dial(transport, little, live_cast.bob)
    his = await come_in(bob, key)
    updates = letters(his, EDITS + 30)
    waits = 0
    left: list[dict[str, Any]] = [{"document": key, "update": update} for update in updates]
    while left:
        answers = await send_all(bob, "edit", left)
        first = next((number for number, one in enumerate(answers) if not one["ok"]), len(left))
        left = left[first:]
        if left:
            assert answers[first]["code"] == "slow_down"
            waits += 1
            await asyncio.sleep(answers[first]["retry_after_ms"] / 1000)
            # As docs/protocol.md asks of clients: what waits is merged. Each alone again and again is being deaf.
            left = [{"document": key, "update": merge([one["update"] for one in left])}]
    assert waits > 0
    assert await orm(written, live_cast.document) == "x" * (EDITS + 30)


async def test_the_sockets_of_one_person_share_and_another_person_has_her_own(
    little: Server, live_cast: Cast, dial: Dial
) -> None:
    key = live_cast.document.key
    tabs = [await dial(RawWebSocket, little, live_cast.bob) for _ in range(3)]
    pages = [await come_in(tab, key) for tab in tabs]
    accepted = 0
    for tab, page in zip(tabs, pages, strict=True):
        edits = [{"document": key, "update": update} for update in letters(page, EDITS)]
        accepted += sum(one["ok"] for one in await send_all(tab, "edit", edits))
    assert 2 * EDITS - 2 <= accepted < 2.5 * EDITS, "twice as much as one socket alone"
    alice = await dial(RawWebSocket, little, live_cast.alice)
    hers = await come_in(alice, key)
    edits = [{"document": key, "update": update} for update in letters(hers, EDITS // 2)]
    assert all(one["ok"] for one in await send_all(alice, "edit", edits))


async def test_hanging_up_and_coming_back_gives_nobody_a_new_share(little: Server, live_cast: Cast, dial: Dial) -> None:
    key = live_cast.document.key
    accepted = 0
    for _ in range(4):
        tab = await dial(RawWebSocket, little, live_cast.bob)
        page = await come_in(tab, key)
        edits = [{"document": key, "update": update} for update in letters(page, EDITS)]
        accepted += sum(one["ok"] for one in await send_all(tab, "edit", edits))
        await tab.close()
    assert 2 * EDITS - 2 <= accepted < 3 * EDITS


@BOTH
async def test_carets_and_opens_beyond_the_rate_are_slowed(
    transport: Any, little: Server, live_cast: Cast, dial: Dial
) -> None:
    key = live_cast.document.key
    bob = await dial(transport, little, live_cast.bob)
    await come_in(bob, key)
    move = {"document": key, "anchor": b"a", "head": b"a"}
    answers = await send_all(bob, "cursor", [move] * 5 * CURSORS)
    assert CURSORS <= sum(one["ok"] for one in answers) <= 2 * CURSORS
    assert len(slowed(answers)) >= 3 * CURSORS
    answers = await send_all(bob, "open", [opening(key)] * 5 * OPENS)
    assert OPENS - 1 <= sum(one["ok"] for one in answers) <= 2 * OPENS
    assert len(slowed(answers)) >= 3 * OPENS
    answers = await send_all(bob, "no such event", [{}] * 50)
    assert {one["code"] for one in answers} == {"bad_frame", "slow_down"}, "whatever it is called, it counts"


async def test_bytes_are_counted_too(own_server: Callable[..., Server], live_cast: Cast, connect: Connect) -> None:
    server = own_server(**LITTLE, COLLAB_EDIT_BYTES_PER_SECOND="65536")
    bob = await connect(server, live_cast.bob)
    his = await bob.open(live_cast.document.key)
    large = "x" * 200_000
    await his.type(large)
    update = his.write(0, large)
    with pytest.raises(Refused) as refused:
        await bob.call("edit", {"document": his.key, "update": update})
    assert refused.value.code == "slow_down"
    await asyncio.sleep(refused.value.answer["retry_after_ms"] / 1000)
    assert (await bob.call("edit", {"document": his.key, "update": update}))["ok"]


async def test_who_does_not_listen_is_closed(little: Server, live_cast: Cast, connect: Connect, dial: Dial) -> None:
    """Refusing is cheap and not free: after four times as many refusals as edits, somebody goes on all the same."""
    key = live_cast.document.key
    alice = await connect(little, live_cast.alice)
    hers = await alice.open(key)
    bob = await dial(RawWebSocket, little, live_cast.bob)
    his = await come_in(bob, key)
    edit = {"document": key, "update": his.write(0, "x")}
    await bob.send(*(packet(EVENT, ["edit", edit], bob.number()) for _ in range(6 * EDITS)))
    await eventually(bob.closed.is_set, seconds=5, what="bob is closed")
    assert await hers.type("still here") > 0


@BOTH
async def test_one_socket_too_many_of_one_person_is_told_to_come_again(
    transport: Any, own_server: Callable[..., Server], live_cast: Cast, dial: Dial, connect: Connect
) -> None:
    server = own_server(COLLAB_MAX_SOCKETS_PER_PERSON="3")
    tabs = [await connect(server, live_cast.bob) for _ in range(3)]
    late = await dial(transport, server, live_cast.bob)
    refused = (await late.greet())["data"]
    assert refused["message"] == refused["data"]["code"] == "busy"
    assert refused["data"]["reason"] == "tabs"
    assert refused["data"]["retry_after_ms"] > 0
    assert (await (await connect(server, live_cast.alice)).open(live_cast.document.key)).role == "owner"
    await tabs[0].close()

    async def comes_in() -> bool:
        line = await dial(RawPolling, server, live_cast.bob)
        return "sid" in ((await line.greet())["data"] or {})

    for _ in range(100):
        if await comes_in():
            break
        await asyncio.sleep(0.05)
    else:
        pytest.fail("a socket went, and nobody could come")
