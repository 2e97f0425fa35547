"""What somebody without an account can make a server hold: heads, bodies and lines, each bounded in size and time."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn
from uvicorn.server import ServerState

from collab.heads import PromptProtocol
from tests.conftest import Dial
from tests.harness.bare import bare_server
from tests.harness.client import eventually
from tests.harness.people import Cast
from tests.harness.raw import BOTH, CONNECT, SOON, RawPolling, RawWebSocket, opening
from tests.harness.segments import FakeTransport
from tests.harness.server import Server

MEGABYTE = 1_048_576
POLLING = "/socket.io/?EIO=4&transport=polling"


@pytest.fixture
def hasty_server(own_server: Callable[..., Server]) -> Server:
    return own_server(COLLAB_REQUEST_SECONDS="1", COLLAB_SLOWEST_BYTES_PER_SECOND="1000")


def resident(server: Server) -> int:
    """Return what the worker has in memory, in bytes."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    pages = max(int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children)
    return pages * 4096


class Trickle:
    """A connection that sends what it is told to, and says what came back by the time the server hung up."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def __aenter__(self) -> "Trickle":
        self._reader, self.writer = await asyncio.open_connection("127.0.0.1", self._server.port)
        return self

    async def __aexit__(self, *why: object) -> None:
        self.writer.transport.abort()

    async def say(self, *pieces: bytes, pause: float = 0.0) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(pause)

    async def answer(self) -> bytes:
        """Return all that came, once the server has hung up."""
        async with asyncio.timeout(SOON):
            try:
                return await self._reader.read()
            except ConnectionError:  # it was reset, or broke while something was still to be sent
                return b""


# --- Heads ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n", b"POST /accounts/login/ HT"])
async def test_a_head_that_is_not_complete_in_time_ends_the_connection(hasty_server: Server, begun: bytes) -> None:
    async with Trickle(hasty_server) as line:
        await line.say(begun)
        assert await line.answer() == b""


async def test_a_head_that_comes_byte_by_byte_gets_no_more_time(hasty_server: Server) -> None:
    async with Trickle(hasty_server) as line:
        with pytest.raises((ConnectionError, TimeoutError)):
            async with asyncio.timeout(SOON):
                await line.say(*[b"a"] * 1_000, pause=0.1)


async def test_a_second_request_on_a_connection_has_its_time_too(hasty_server: Server) -> None:
    async with Trickle(hasty_server) as line:
        await line.say(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.sleep(1.5)  # longer than a head may take: between two requests a connection may be idle
        await line.say(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /rea")
        assert (await line.answer()).count(b"HTTP/1.1 200 OK") == 2


async def test_a_head_without_end_is_refused_and_not_kept(own_server: Callable[..., Server]) -> None:
    server = own_server()
    before = resident(server)
    header = b"x-filler: " + b"a" * 8_000 + b"\r\n"
    async with Trickle(server) as line:
        await line.say(b"GET / HTTP/1.1\r\nHost: a\r\n")
        with suppress(ConnectionError):
            await line.say(*[header * 8] * 400)
    async with Trickle(server) as line:
        # What passes the bound comes last and is read whole: bytes that nobody reads would reset the answer away.
        await line.say(b"GET / HTTP/1.1\r\nHost: a\r\n", header * 8, header, pause=0.1)
        assert (await line.answer()).startswith(b"HTTP/1.1 431 ")
    assert resident(server) - before < 10 * MEGABYTE


async def test_line_ends_between_two_requests_do_not_hold_a_connection(hasty_server: Server) -> None:
    """uvicorn gives up its own timer for them, and there is no head yet that another could wait for."""
    async with Trickle(hasty_server) as line:
        await line.say(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", b"\r\n", pause=0.2)
        assert (await line.answer()).count(b"HTTP/1.1 200 OK") == 1


@pytest.mark.parametrize("path", [b"/healthz", b"/accounts/login/"])
async def test_requests_that_come_before_an_answer_are_not_kept(own_server: Callable[..., Server], path: bytes) -> None:
    server = own_server()
    before = resident(server)
    async with Trickle(server) as line:
        with suppress(ConnectionError):
            await line.say(*[b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n"] * 100_000)
        await line.answer()
    assert resident(server) - before < 20 * MEGABYTE
    assert "Traceback" not in server.log()


async def test_a_few_requests_that_come_before_an_answer_have_theirs(server: Server) -> None:
    async with Trickle(server) as line:
        last = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        await line.say(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 5 + last)
        assert (await line.answer()).count(b"HTTP/1.1 200 OK") == 6


# A request that is not whole has `COLLAB_REQUEST_SECONDS`, four times as long as a test waits.
CHUNKED = b"POST /accounts/login/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
BEHIND = {
    "headers": (b"0\r\n", b"a:b\r\n" * 10_000),
    "one header": (b"0\r\na: ", b"b" * 50_000),
    "a name": (b"0\r\n", b"b" * 50_000),
    "words about a chunk": (b"1;", b"b" * 50_000),
}


@pytest.mark.parametrize("what", BEHIND)
async def test_what_stands_around_a_body_has_a_bound(own_server: Callable[..., Server], what: str) -> None:
    server = own_server()
    before = resident(server)
    begin, more = BEHIND[what]
    async with Trickle(server) as line:
        await line.say(CHUNKED + begin)
        with suppress(ConnectionError):
            await line.say(*[more] * 200)
        await line.answer()
        assert resident(server) - before < 10 * MEGABYTE


def over_http(app: Any) -> tuple[PromptProtocol, FakeTransport]:
    """Return a connection to `app` without a network."""
    config = uvicorn.Config(app, http=PromptProtocol, log_config=None)
    config.load()
    transport = FakeTransport()
    protocol = PromptProtocol(config, ServerState(), {}, asyncio.get_running_loop())
    protocol.connection_made(transport)  # type: ignore[arg-type]
    return protocol, transport


async def test_what_follows_a_body_is_no_header() -> None:
    """Where it were one, what a proxy has written could be written again behind its back."""
    seen: list[tuple[bytes, bytes]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        seen.extend(scope["headers"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    protocol, transport = over_http(app)
    protocol.data_received(CHUNKED + b"1\r\na\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n")
    await asyncio.wait_for(transport.wrote.wait(), SOON)
    assert seen == [(b"host", b"a"), (b"transfer-encoding", b"chunked")]
    protocol.connection_lost(None)


async def test_who_asks_and_reads_nothing_of_the_answer_is_cut_off(settings: Any) -> None:
    settings.COLLAB_REQUEST_SECONDS, settings.COLLAB_SLOWEST_BYTES_PER_SECOND = 0.1, 1_000_000
    (reads, reading), (sleeps, sleeping) = over_http(None), over_http(None)
    for protocol, transport in ((reads, reading), (sleeps, sleeping)):
        protocol._head_is_complete()
        transport.waiting = 100_000
        protocol.pause_writing()
    reads.resume_writing()
    await eventually(lambda: sleeping.closed, what="cut off")
    assert not reading.closed
    reads.connection_lost(None)
    sleeps.connection_lost(None)


# --- Handshakes of a WebSocket -----------------------------------------------------------------------------------

UNREADABLE = {
    "many headers": b"a: b\r\n" * 200,
    "a long header": b"a: " + b"b" * 20_000 + b"\r\n",
    "a body": b"Content-Length: 1\r\n",
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_a_handshake_that_cannot_be_read_is_answered_and_over(server: Server, what: str) -> None:
    """Its head is complete, so it has no time in which to become another one; and nobody would hear of it."""
    upgrade = (
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    )
    async with Trickle(server) as line:
        await line.say(upgrade + UNREADABLE[what] + b"\r\n")
        assert (await line.answer()).startswith(b"HTTP/1.1 400 ")


# --- Bodies -----------------------------------------------------------------------------------------------------


def head(path: str, length: int, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


async def test_a_body_that_trickles_is_cut(hasty_server: Server) -> None:
    async with Trickle(hasty_server) as line:
        await line.say(head("/accounts/login/", 1_000), b"login=")
        assert (await line.answer()).startswith(b"HTTP/1.1 408 ")
    async with Trickle(hasty_server) as line:
        await line.say(head("/accounts/login/", 100_000))
        with pytest.raises((ConnectionError, TimeoutError)):
            async with asyncio.timeout(SOON):
                await line.say(*[b"a" * 10] * 1_000, pause=0.1)  # a tenth of what is the slowest


async def test_a_body_that_is_slow_and_comes_is_taken(hasty_server: Server) -> None:
    """Two seconds, where one is given: an upload over a slow line."""
    async with Trickle(hasty_server) as line:
        await line.say(head("/accounts/login/", 4_000, "Connection: close"), *[b"a" * 400] * 10, pause=0.2)
        assert (await line.answer()).startswith(b"HTTP/1.1 403 ")  # read to its end, and without a token


async def test_a_post_of_polling_that_trickles_ends_its_line(hasty_server: Server, live_cast: Cast, dial: Dial) -> None:
    polling = await dial(RawPolling, hasty_server, live_cast.alice)
    await polling.greet()
    path = polling.address.removeprefix(hasty_server.url)
    async with Trickle(hasty_server) as line:
        await line.say(head(path, 1_000, f"Cookie: {polling.headers['Cookie']}"), b"3\x1e3")
        assert (await line.answer()).startswith(b"HTTP/1.1 400 ")
    await eventually(polling.closed.is_set, seconds=SOON, what="the line ended: what it lost cannot be known")


@BOTH
async def test_who_has_not_said_who_they_are_sends_a_few_bytes_and_not_a_megabyte(
    server: Server, live_cast: Cast, dial: Dial, transport: type[RawPolling] | type[RawWebSocket]
) -> None:
    line = await dial(transport, server, live_cast.bob)
    if isinstance(line, RawPolling):
        assert await line.post(b"b" + b"A" * 5_000) == 400
    else:
        await line.frame(b"\x00" * 5_000)
    await eventually(line.closed.is_set, seconds=SOON)
    known = await dial(transport, server, live_cast.bob)
    assert (await known.greet())["type"] == CONNECT
    await known.ask("open", opening(live_cast.document.key))
    (answer,) = await known.ask("edit", {"document": live_cast.document.key, "update": b"x" * 500_000})
    assert answer["code"] == "bad_frame", "it was read"


# --- Lines ------------------------------------------------------------------------------------------------------


@BOTH
async def test_s10_so_many_lines_wait_and_the_oldest_goes_for_one_more(
    transport: type[RawPolling] | type[RawWebSocket],
) -> None:
    async with bare_server(max_waiting=5) as bare:
        lines = [await transport(bare.url, None).dial() for _ in range(5)]
        try:
            await lines[0].greet()  # who says who they are makes room
            lines.append(await transport(bare.url, None).dial())
            assert len(bare.lines()) == 6
            lines.append(await transport(bare.url, None).dial())
            await eventually(lines[1].closed.is_set, seconds=SOON, what="the oldest that waits is closed")
            assert len(bare.lines()) == 6
            for line in lines[2:]:
                assert (await line.greet())["type"] == CONNECT
            assert not lines[0].closed.is_set()
        finally:
            for line in lines:
                await line.close()


@BOTH
async def test_s10_lines_that_say_nothing_are_reaped(transport: type[RawPolling] | type[RawWebSocket]) -> None:
    async with bare_server(connect_within=0.5) as bare:
        lines = [await transport(bare.url, None).dial() for _ in range(5)]
        try:
            await lines[0].greet()
            await eventually(lambda: all(line.closed.is_set() for line in lines[1:]), seconds=SOON, what="reaped")
            assert not lines[0].closed.is_set()
        finally:
            for line in lines:
                await line.close()


@pytest.mark.timeout(60)
async def test_a_flood_of_strangers_takes_little_memory_and_few_lines_of_log(
    own_server: Callable[..., Server], live_cast: Cast, dial: Dial
) -> None:
    """Each opens a line and begins a body of a megabyte; alice comes in meanwhile."""
    server = own_server(COLLAB_MAX_WAITING_SOCKETS="200", COLLAB_SERVER_LOG_LEVEL="info")
    before, lines = resident(server), len(server.log().splitlines())
    opened: list[socket.socket] = []
    codes: dict[int, int] = {}
    async with aiohttp.ClientSession() as http:

        async def flood() -> None:
            async with http.get(server.url + POLLING) as answer:
                codes[answer.status] = codes.get(answer.status, 0) + 1
                body = await answer.text()
            if answer.status == 200:
                sid = body.split('"sid":"', 1)[1].split('"', 1)[0]
                line = socket.create_connection(("127.0.0.1", server.port))
                opened.append(line)
                line.sendall(head(f"{POLLING}&sid={sid}", MEGABYTE) + b"b" + b"A" * 100_000)

        for _ in range(20):
            await asyncio.gather(*(flood() for _ in range(30)))
    for line in opened:
        line.close()
    assert sum(codes.values()) == 600
    assert set(codes) <= {200, 503}
    assert resident(server) - before < 20 * MEGABYTE
    assert len(server.log().splitlines()) - lines < 700
    alice = await dial(RawWebSocket, server, live_cast.alice)
    assert (await alice.greet())["type"] == CONNECT
