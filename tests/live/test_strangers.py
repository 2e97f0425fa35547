"""What somebody without an account can make a server hold: heads, bodies and lines, each bounded in size and time."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import Dial
from tests.harness.bare import bare_server
from tests.harness.client import eventually
from tests.harness.people import Cast
from tests.harness.raw import BOTH, CONNECT, SOON, RawPolling, RawWebSocket, opening
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
            except ConnectionResetError:
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
