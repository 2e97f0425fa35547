"""Lines that come to nothing are counted, and people's are not: in a flood new connections are taken slowly."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from socketio.exceptions import ConnectionError as NotLetIn

from rooms.live.floods import BURST_SECONDS, OVER_SECONDS, PER_SECOND, Floods
from rooms.live.transport import MAX_STRANGERS
from tests.conftest import Dial
from tests.harness.bare import Bare, bare_server
from tests.harness.client import Client, eventually
from tests.harness.orm import orm
from tests.harness.people import Cast, sign_in
from tests.harness.raw import BOTH, CONNECT, CONNECT_ERROR, SOON, RawPolling, RawWebSocket, opening
from tests.harness.server import Server

SAID = "many lines come to nothing"
ENOUGH = int(PER_SECOND * BURST_SECONDS)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def noted(floods: Floods, count: int) -> bool:
    """Note so many, and return whether that is a flood."""
    for _ in range(count):
        floods.note()
    return floods.is_on


def test_a_few_are_no_flood_and_it_is_over_a_while_after_the_last() -> None:
    clock = Clock()
    floods = Floods(clock=clock)
    assert not noted(floods, ENOUGH)
    assert noted(floods, 1)
    clock.now += OVER_SECONDS - 1
    assert noted(floods, 2 * ENOUGH)
    clock.now += OVER_SECONDS - 1
    assert noted(floods, 0), "it went on"
    clock.now += 2
    assert not noted(floods, 0)


def test_as_many_as_people_make_are_never_a_flood() -> None:
    clock = Clock()
    floods = Floods(clock=clock)
    for _ in range(1_000):
        floods.note()
        clock.now += 1 / PER_SECOND
    assert not floods.is_on


# --- What counts ------------------------------------------------------------------------------------------------


async def say_nothing(line: RawWebSocket) -> None:
    await line.closed.wait()


async def leave_before_connect(line: RawWebSocket) -> None:
    await line.close()


async def send_what_is_no_packet(line: RawWebSocket) -> None:
    await line.greet()
    await line.frame(b"\x00")


async def send_what_is_no_frame(line: RawWebSocket) -> None:
    await line.greet()
    await line.frame("x")


async def connect_and_leave(line: RawWebSocket) -> None:
    await line.greet()
    await line.close()


@pytest.mark.parametrize("act", [say_nothing, leave_before_connect, send_what_is_no_packet, send_what_is_no_frame])
async def test_a_line_that_comes_to_nothing_counts_once(act: Callable[[RawWebSocket], Awaitable[None]]) -> None:
    async with bare_server(connect_within=0.3) as bare:
        await play(bare, act)
        await eventually(lambda: bare.wasted == 1 and not bare.lines(), seconds=SOON)


async def test_what_a_line_that_connected_comes_to_is_not_for_the_transport_to_say() -> None:
    async with bare_server() as bare:
        await play(bare, connect_and_leave)
        await eventually(lambda: len(bare.gone) == 1, seconds=SOON)
        assert bare.wasted == 0


async def play(bare: Bare, act: Callable[[RawWebSocket], Awaitable[None]]) -> None:
    line = await RawWebSocket(bare.url, None).dial()
    try:
        await act(line)
        await eventually(lambda: not bare.lines(), seconds=SOON, what="the line ended")
    finally:
        await line.close()


async def test_people_who_come_and_open_a_document_are_no_flood_and_those_who_do_not_are(
    own_server: Callable[..., Server], live_cast: Cast
) -> None:
    server = own_server()
    session = await orm(sign_in, live_cast.bob)

    async def come(number: int, *, opens: bool) -> None:
        line = await RawWebSocket(server.url, session, Origin=server.url).dial()
        try:
            assert (await line.greet())["type"] == CONNECT
            if opens:
                (answer,) = await line.ask("open", {**opening(live_cast.document.key), "client_id": 100 + number})
                assert answer["ok"]
        finally:
            await line.close()

    for number in range(2 * ENOUGH):
        await come(number, opens=True)
    assert SAID not in server.log()
    await asyncio.gather(*(come(number, opens=False) for number in range(2 * ENOUGH)))
    await eventually(lambda: SAID in server.log(), seconds=SOON)
    assert server.log().count(SAID) == 1


async def test_people_who_are_told_to_come_later_are_no_flood(
    own_server: Callable[..., Server], live_cast: Cast
) -> None:
    """An instance that is cold refuses a crowd of people: that is what slows them down, and nothing else."""
    server = own_server(COLLAB_WARMUP_SECONDS="60", COLLAB_CONNECTS_PER_SECOND="2")
    session = await orm(sign_in, live_cast.bob)

    async def is_refused() -> bool:
        line = await RawWebSocket(server.url, session, Origin=server.url).dial()
        try:
            return bool((await line.greet())["type"] == CONNECT_ERROR)
        finally:
            await line.close()

    refused = await asyncio.gather(*(is_refused() for _ in range(2 * ENOUGH)))
    assert sum(refused) > ENOUGH
    writer = Client(server.url, session)
    try:  # whoever is in hears an answer only after the lines before have ended
        await asyncio.wait_for(come_in(writer), 30)
        assert SAID not in server.log()
    finally:
        await writer.close()


async def come_in(client: Client) -> None:
    while True:
        try:
            await client.connect()
            return
        except NotLetIn:
            await asyncio.sleep(client.refusal["data"]["retry_after_ms"] / 1_000)


# --- Strangers --------------------------------------------------------------------------------------------------


@BOTH
async def test_s10_of_those_without_a_session_only_a_few_wait(
    server: Server, live_cast: Cast, dial: Dial, transport: type[RawPolling] | type[RawWebSocket]
) -> None:
    alice = await dial(transport, server, live_cast.alice)  # waits as well, and not among them
    strangers = [await dial(transport, server, None) for _ in range(MAX_STRANGERS + 5)]
    await eventually(lambda: all(line.closed.is_set() for line in strangers[:5]), seconds=SOON, what="the oldest go")
    assert not any(line.closed.is_set() for line in strangers[5:])
    assert (await strangers[-1].greet())["data"]["message"] == "signed_out"
    assert (await alice.greet())["type"] == CONNECT


@pytest.mark.timeout(60)
async def test_whoever_fills_all_places_with_made_up_sessions_keeps_nobody_out(
    own_server: Callable[..., Server], live_cast: Cast, dial: Dial
) -> None:
    """From the same address: alice says who she is within a round trip, and none of the flood ever does."""
    server = own_server(COLLAB_MAX_WAITING_SOCKETS="100")
    bob = await dial(RawWebSocket, server, live_cast.bob)
    assert (await bob.greet())["type"] == CONNECT
    ends = asyncio.Event()

    async def flood(http: aiohttp.ClientSession) -> None:
        while not ends.is_set():
            async with http.get(f"{server.url}/socket.io/?EIO=4&transport=polling") as answer:
                assert answer.status in {200, 503}

    headers = {"Cookie": f"sessionid={'m' * 32}"}
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as http:
        flooding = [asyncio.create_task(flood(http)) for _ in range(8)]
        try:
            await eventually(lambda: "the oldest are let go of" in server.log(), what="all places are taken")
            for _ in range(10):
                line = await dial(RawWebSocket, server, live_cast.alice)
                assert (await line.greet())["type"] == CONNECT
        finally:
            ends.set()
            await asyncio.gather(*flooding)


async def test_whoever_says_that_they_have_no_session_makes_room_for_the_next(server: Server, dial: Dial) -> None:
    for _ in range(MAX_STRANGERS + 10):
        line = await dial(RawWebSocket, server, None)
        assert (await line.greet())["data"]["message"] == "signed_out"
