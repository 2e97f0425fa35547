"""One socket cannot hurt the others (DESIGN invariant 6): readers that do not read, lines that never connect."""

import asyncio
import gc
import socket
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rooms.live import frames, wire
from tests.conftest import Connect, Dial
from tests.harness.bare import BOUND, Bare, bare_server
from tests.harness.client import eventually
from tests.harness.inside import FakeSocket
from tests.harness.people import Cast
from tests.harness.raw import CONNECT, EVENT, RawPolling, RawWebSocket, packet
from tests.harness.segments import REQUEST, frame


@pytest.mark.timeout(60)
async def test_s9_a_reader_that_does_not_read_is_closed_and_nobody_waits_for_it(
    own_server: Any, live_cast: Cast, connect: Connect, dial: Dial
) -> None:
    server = own_server(COLLAB_MAX_QUEUED_BYTES=str(BOUND))
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    slow = await dial(RawWebSocket, server, live_cast.vera)
    await slow.greet()
    opening = {"document": live_cast.document.key, "have": b"\0", "client_id": 7, "epoch": None}
    (answer,) = await slow.ask("open", opening)
    connection = slow.line.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow._reader.cancel()
    slow.line._response.connection.transport.pause_reading()

    def gone() -> bool:
        return any(answer["you"] in told["left"] for told in alice.events["people"])

    for turn in range(400):
        await hers.type(f"{turn:05}" * 10_000)
        if gone():
            break
    await eventually(gone, what="the slow reader is closed")
    await eventually(lambda: str(his) == str(hers), what="the others have everything")
    slow.line._response.connection.transport.abort()


@pytest.mark.timeout(60)
async def test_s9_who_asks_and_does_not_read_the_answers_is_closed_too(
    own_server: Any, live_cast: Cast, connect: Connect, dial: Dial
) -> None:
    """Each `open` is answered with the whole document: a few bytes in, a megabyte waiting."""
    server = own_server(COLLAB_MAX_QUEUED_BYTES=str(BOUND))
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await hers.type("x" * 500_000)
    greedy = await dial(RawPolling, server, live_cast.vera)  # a line of which nothing is taken until it polls
    await greedy.greet()
    opening = {"document": live_cast.document.key, "have": b"\0", "client_id": 7, "epoch": None}
    (answer,) = await greedy.ask("open", opening)
    greedy._reader.cancel()
    await asyncio.gather(greedy._reader, return_exceptions=True)

    def gone() -> bool:
        return any(answer["you"] in told["left"] for told in alice.events["people"])

    for number in range(100, 160):
        if gone():
            break
        await greedy.send(packet(EVENT, ["open", opening], number))
    await eventually(gone, seconds=5, what="the greedy line is closed")
    assert await hers.type("!") == 2


def test_s9_few_large_frames_count_as_much_as_many_small_ones() -> None:
    async def gone() -> None:
        raise AssertionError

    slow: list[Any] = []
    reader = FakeSocket(gone)
    frame = wire.event("edited", {"update": b"x" * 1_000_000})
    for _ in range(40):
        wire.hand_out(frame, [reader], max_queued=4_000_000, too_slow=slow.append)
    assert slow
    assert reader.queue.held < 8_000_000


@pytest.fixture
async def bare() -> AsyncIterator[Bare]:
    """Our Socket.IO server alone, whose lines have half a second to CONNECT."""
    async with bare_server(connect_within=0.5) as made:
        yield made


@pytest.mark.parametrize("kind", [RawWebSocket, RawPolling])
async def test_s10_a_line_that_never_connects_is_reaped(bare: Bare, kind: Any) -> None:
    idle = await kind(bare.url, None).dial()
    connected = await kind(bare.url, None).dial()
    await connected.greet()
    try:
        await eventually(idle.closed.is_set, seconds=5, what="reaped")
        assert await connected.ask("anything", {}) == [{"ok": True}]
    finally:
        await idle.close()
        await connected.close()


@pytest.mark.parametrize("kind", [RawWebSocket, RawPolling])
async def test_s10_a_line_that_ended_leaves_nothing_for_the_garbage_collector(bare: Bare, kind: Any) -> None:
    """After a flood it would have nothing to do with, and all of it would stay."""
    gc.collect()
    gc.disable()
    try:
        idle = await kind(bare.url, None).dial()
        (line,) = map(weakref.ref, bare.lines())
        await eventually(idle.closed.is_set, seconds=5, what="reaped")
        await idle.close()
        await eventually(lambda: line() is None, seconds=5, what="forgotten")
        assert bare.server.environ == {}
    finally:
        gc.enable()


async def test_s10_a_body_that_is_still_coming_when_its_line_is_reaped_is_answered(bare: Bare) -> None:
    idle = await RawPolling(bare.url, None).dial(reading=False)
    port = int(bare.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    path = idle.address.removeprefix(bare.url)
    writer.write(f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx!!".encode())
    await eventually(lambda: not bare.lines(), seconds=5, what="reaped")
    writer.write(b"!!!!!!")
    assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
    writer.close()
    await idle.close()


@pytest.mark.parametrize("much", [20_000, frames.ENOUGH_BYTES + 1])
async def test_who_is_told_the_end_and_does_not_read_it_is_cut_off(much: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever puts somebody out lets them read why. Who reads nothing would keep up to 4 MiB, and no bound knows them
    any more."""
    monkeypatch.setattr(frames, "END_SECONDS", 0.5)
    loop = asyncio.get_running_loop()
    async with bare_server() as bare:
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            deaf.setblocking(False)
            await loop.sock_connect(deaf, ("127.0.0.1", int(bare.url.rpartition(":")[2])))
            await loop.sock_sendall(deaf, REQUEST.replace(b"/ HTTP", b"/?EIO=4&transport=websocket HTTP"))
            await loop.sock_recv(deaf, 1_000)  # it may
            await loop.sock_sendall(deaf, frame(packet(CONNECT)))
            await eventually(lambda: bare.lines() and bare.lines()[0].client_sid, what="in")
            (line,) = bare.lines()
            assert line.transport is not None
            while line.transport.get_write_buffer_size() < much:
                bare.server.hand_out(wire.event("told", {"filling": b"x" * 20_000}), [line])
                await asyncio.sleep(0)
            await bare.server.kick(line)
            await eventually(lambda: bare.sockets[0].disconnected, what="cut off")
            await eventually(lambda: line._writer is None, what="nothing is kept for it")
