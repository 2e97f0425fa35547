"""A line says and hears everything in order, whichever way there is between the server and the WebSocket."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgpack
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from rooms.live import lines, wire
from tests.harness.bare import WAYS, Bare, bare_server
from tests.harness.client import eventually
from tests.harness.raw import ACK, CONNECT, CONNECT_ERROR, EVENT, SEPARATOR, RawPolling, packet
from tests.harness.segments import frame

EVERY_WAY = pytest.mark.parametrize("way", WAYS)
STRAIGHT_WAYS = pytest.mark.parametrize("way", [name for name, way in WAYS.items() if way.straight])
PACKETS = 60
# Less than what may wait for a slow reader, all together; more than a TCP segment, each third one.
SIZES = (1, 200, 6_000)


def told(number: int) -> wire.Shared:
    return wire.event("told", {"number": number, "filling": b"x" * SIZES[number % 3]})


@asynccontextmanager
async def connected(bare: Bare) -> AsyncIterator[ClientConnection]:
    """A client of the library's, which compresses where the server does. It is in, and has read all that was said."""
    address = bare.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    async with connect(address, ping_interval=None, max_queue=None) as line:
        await line.recv()
        await line.send(packet(CONNECT))
        assert msgpack.unpackb(await line.recv())["type"] == CONNECT
        yield line


async def packets(line: ClientConnection, count: int) -> list[Any]:
    """Return the data of the next packets; what Engine.IO says in between is left out."""
    heard: list[Any] = []
    async with asyncio.timeout(10):
        while len(heard) < count:
            message = await line.recv()
            if isinstance(message, bytes):
                heard.append(msgpack.unpackb(message))
    return heard


async def closed(line: ClientConnection) -> None:
    async with asyncio.timeout(10):
        await line.wait_closed()


@EVERY_WAY
async def test_what_the_server_says_arrives_whole_and_in_order(way: str) -> None:
    async with bare_server(WAYS[way]) as bare, connected(bare) as line:
        (socket,) = bare.lines()
        assert bool(line.protocol.extensions) is WAYS[way].deflate
        assert (socket.straight is not None) is WAYS[way].straight, "the queue, where a frame of ours is not safe"
        for number in range(PACKETS):
            bare.server.hand_out(told(number), [socket])
            if number % 20 == 7:
                await socket.send(wire.Control(6))  # a packet of Engine.IO's own: text
                await asyncio.sleep(0)
        heard = await packets(line, PACKETS)
        assert [one["data"][1]["number"] for one in heard] == list(range(PACKETS))
        assert [len(one["data"][1]["filling"]) for one in heard] == [SIZES[number % 3] for number in range(PACKETS)]
        assert (socket.straight is not None) is WAYS[way].straight, "straight again, once the queue is empty"


@EVERY_WAY
@pytest.mark.parametrize("pieces", [1, 3])
async def test_what_a_client_says_is_handled_in_order_and_answered(way: str, pieces: int) -> None:
    """Whole messages, or every other one in fragments, as a browser may send what is long."""
    async with bare_server(WAYS[way]) as bare, connected(bare) as line:
        for number in range(PACKETS):
            message = packet(EVENT, ["said", {"number": number, "filling": b"x" * SIZES[number % 3]}], number)
            size = len(message) // pieces
            fragments = [message[:size], message[size : 2 * size], message[2 * size :]]
            await line.send(fragments if pieces > 1 and number % 2 else message)
        heard = await packets(line, PACKETS)
        assert [(one["type"], one["id"]) for one in heard] == [(ACK, number) for number in range(PACKETS)]
        assert [frame["number"] for _, frame in bare.handled] == list(range(PACKETS))
        if WAYS[way].protocol != "websockets-sansio":
            assert bare.at_once > 0 or not WAYS[way].sees_transport


@EVERY_WAY
async def test_what_arrives_while_an_event_is_handled_waits_behind_it(way: str) -> None:
    async with bare_server(WAYS[way]) as bare, connected(bare) as line:
        await line.send(packet(EVENT, ["slow", {}], 100))
        await eventually(lambda: bare.handled, what="it is being handled")
        for number in range(20):
            message = packet(EVENT, ["said", {"number": number}], number)
            await line.send([message[:9], message[9:]] if number % 3 else message)
        await line.send(packet(EVENT, ["slow", {}], 101))
        await line.send(packet(EVENT, ["said", {"number": 20}], 20))
        (socket,) = bare.sockets
        await eventually(lambda: not socket.queue.empty(), what="something has arrived meanwhile")
        assert bare.handled == [("slow", {})]
        bare.go_on.set()
        heard = await packets(line, 23)
        assert [one["id"] for one in heard] == [100, *range(20), 101, 20]
        assert [frame.get("number") for _, frame in bare.handled] == [None, *range(20), None, 20]


@STRAIGHT_WAYS
@pytest.mark.parametrize("bad", [b"\xc1\xff", "x"])
async def test_a_message_that_cannot_be_read_ends_the_line_after_what_came_before_it(
    way: str, bad: str | bytes
) -> None:
    async with bare_server(WAYS[way]) as bare, connected(bare) as line:
        await line.send(packet(EVENT, ["said", {}], 1))
        await line.send(bad)
        await line.send(packet(EVENT, ["said", {}], 2))
        assert [one["id"] for one in await packets(line, 1)] == [1]
        await closed(line)
        await eventually(lambda: bare.gone, what="its client has left")
        assert bare.handled == [("said", {})]


@STRAIGHT_WAYS
async def test_b10_who_is_refused_is_told_why_before_the_line_ends(way: str) -> None:
    async with bare_server(WAYS[way]) as bare:
        bare.refusal = "signed_out"
        address = bare.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        async with connect(address, ping_interval=None) as line:
            await line.recv()
            await line.send(packet(CONNECT))
            (answer,) = await packets(line, 1)
            assert (answer["type"], answer["data"]["message"]) == (CONNECT_ERROR, "signed_out")
            await closed(line)


@EVERY_WAY
async def test_a_kick_lets_out_what_was_said_and_hears_nothing_more(way: str) -> None:
    async with bare_server(WAYS[way]) as bare, connected(bare) as line:
        (socket,) = bare.lines()
        for number in range(PACKETS):
            bare.server.hand_out(told(number), [socket])
        await bare.server.kick(socket)
        bare.server.hand_out(told(PACKETS), [socket])
        with suppress(ConnectionError):
            await line.send(packet(EVENT, ["said", {}], 1))
        heard = await packets(line, PACKETS)
        assert [one["data"][1]["number"] for one in heard] == list(range(PACKETS))
        await closed(line)
        assert (bare.handled, len(bare.gone)) == ([], 1)
        await eventually(lambda: not bare.lines(), what="nothing of it is kept")


# --- One that answers no ping ------------------------------------------------------------------------------------

INTERVAL, TIMEOUT = 0.3, 0.2


@EVERY_WAY
async def test_who_answers_no_ping_is_gone_after_interval_and_timeout_and_who_answers_is_not(way: str) -> None:
    """engineio looks at every socket once in a timeout, so it can take that long again."""
    loop = asyncio.get_running_loop()
    async with (
        bare_server(WAYS[way], ping_interval=INTERVAL, ping_timeout=TIMEOUT) as bare,
        connected(bare) as lives,
        connected(bare) as silent,
    ):
        began = loop.time()
        while not bare.gone:
            assert await asyncio.wait_for(lives.recv(), 5) == "2"
            await lives.send("3")
        assert INTERVAL + TIMEOUT - 0.1 < loop.time() - began < 2 * (INTERVAL + TIMEOUT) + 1
        await closed(silent)
        for _ in range(3):
            assert await asyncio.wait_for(lives.recv(), 5) == "2"
            await lives.send("3")
        assert bare.gone == ["ping timeout"]
        await lives.send(packet(EVENT, ["said", {}], 1))
        assert [one["id"] for one in await packets(lives, 1)] == [1]


# --- From polling to WebSocket -----------------------------------------------------------------------------------


async def poll(client: RawPolling) -> list[Any]:
    """Ask once what there is to be heard; return the packets of Socket.IO in it."""
    async with client.http.get(client.address) as answer:
        assert answer.status == 200
        body = await answer.text()
    return [msgpack.unpackb(base64.b64decode(one[1:])) for one in body.split(SEPARATOR) if one.startswith("b")]


@EVERY_WAY
@pytest.mark.parametrize("a_poll_waits", [False, True])
async def test_who_moves_from_polling_to_websocket_gets_everything_in_order(way: str, a_poll_waits: bool) -> None:
    client = RawPolling("", None)
    try:
        async with bare_server(WAYS[way]) as bare:
            client.url = bare.url
            await client.dial(reading=False)
            await client.send(packet(CONNECT))
            heard = await poll(client)
            (socket,) = bare.lines()
            for number in range(10):
                bare.server.hand_out(told(number), [socket])
            waiting: asyncio.Task[list[Any]] | None = None
            if a_poll_waits:
                heard += await poll(client)
                waiting = asyncio.create_task(poll(client))
                await eventually(lambda: bare.polls == 1, what="the poll waits")
            address = client.address.replace("http", "ws", 1).replace("transport=polling", "transport=websocket")
            async with connect(address, ping_interval=None, max_queue=None) as line:
                await line.send("2probe")
                assert await line.recv() == "3probe"
                heard += await asyncio.wait_for(waiting, 5) if waiting else []
                for number in range(10, 20):
                    bare.server.hand_out(told(number), [socket])
                await line.send("5")
                await eventually(lambda: socket.upgraded, what="moved over")
                for number in range(20, 40):
                    bare.server.hand_out(told(number), [socket])
                heard += await packets(line, 41 - len(heard))
                assert [one["data"][1]["number"] for one in heard[1:]] == list(range(40))
                await line.send(packet(EVENT, ["said", {}], 7))
                assert [one["id"] for one in await packets(line, 1)] == [7]
                assert (socket.straight is not None) is WAYS[way].straight
    finally:
        await client.close()


def as_websocket(client: RawPolling) -> str:
    return client.address.replace("http", "ws", 1).replace("transport=polling", "transport=websocket")


@asynccontextmanager
async def polling(bare: Bare) -> AsyncIterator[RawPolling]:
    """Somebody who polls, and has not said who they are."""
    client = RawPolling(bare.url, None)
    try:
        yield await client.dial(reading=False)
    finally:
        await client.close()


async def test_one_websocket_at_a_time_is_tried_and_the_line_is_that_ones() -> None:
    async with (
        bare_server() as bare,
        polling(bare) as client,
        connect(as_websocket(client), ping_interval=None) as first,
    ):
        await first.send("2probe")
        assert await first.recv() == "3probe"
        for _ in range(3):
            with pytest.raises(InvalidStatus):
                await connect(as_websocket(client))
        await first.send("5")
        await first.send(packet(CONNECT))
        assert [one["type"] for one in await packets(first, 1)] == [CONNECT]
        await first.send(packet(EVENT, ["said", {"filling": b"x" * 5_000}], 1))  # known, and no stranger any more
        assert [one["id"] for one in await packets(first, 1)] == [1]


@pytest.mark.parametrize("words", [[], ["2probe"]])
async def test_who_does_not_go_on_with_a_websocket_goes_on_polling(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy may let the handshake through, and none of the words."""
    monkeypatch.setattr(lines, "PROBE_SECONDS", 0.2)
    async with bare_server() as bare, polling(bare) as client:
        async with connect(as_websocket(client), ping_interval=None) as line:
            for word in words:
                await line.send(word)
            await closed(line)
        await client.send(packet(CONNECT))
        assert [one["type"] for one in await poll(client)] == [CONNECT]


@pytest.mark.parametrize("words", [[], ["2probe"]])
async def test_s10_a_websocket_that_is_tried_ends_with_its_line(words: list[str]) -> None:
    async with bare_server(connect_within=0.5) as bare, polling(bare) as client:
        async with connect(as_websocket(client), ping_interval=None) as line:
            for word in words:
                await line.send(word)
            await closed(line)
        await eventually(lambda: not bare.lines(), what="nothing of it is kept")


@pytest.mark.parametrize("known", ["before", "meanwhile"])
async def test_who_is_known_moves_over_with_whatever_waits(known: str) -> None:
    """It is sent in one go with the word that ends the trial, and before anybody here could have read that."""
    async with bare_server() as bare, polling(bare) as client:
        if known == "before":
            await client.send(packet(CONNECT))
        async with connect(as_websocket(client), ping_interval=None) as line:
            await line.send("2probe")
            assert await line.recv() == "3probe"
            if known == "meanwhile":
                await client.send(packet(CONNECT))
            assert line.transport is not None
            paste = packet(EVENT, ["said", {"filling": b"x" * 100_000}], 1)
            line.transport.write(frame("5") + frame(paste) + frame(packet(EVENT, ["said", {}], 2)))
            heard = await packets(line, 3)
            assert [one["type"] for one in heard] == [CONNECT, ACK, ACK]


async def test_a_websocket_that_is_tried_takes_no_more_than_a_stranger_may_send() -> None:
    async with (
        bare_server() as bare,
        polling(bare) as client,
        connect(as_websocket(client), ping_interval=None) as line,
    ):
        await line.send([b"x" * 1_000] * 5)
        await closed(line)
        assert line.close_code == 1009


async def test_trying_again_and_again_leaves_nothing_behind() -> None:
    async with bare_server() as bare, polling(bare) as client:
        (line,) = bare.lines()
        for _ in range(20):
            async with connect(as_websocket(client), ping_interval=None) as socket:
                await socket.send("2probe")
                assert await socket.recv() == "3probe"
            await eventually(lambda: not line.upgrading)
        assert line._queue is None or line._queue.qsize() == 0
