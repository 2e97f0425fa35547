"""Sockets that do not behave: half open, deaf, or never more than a handshake. Nobody else notices."""

import asyncio
import socket
from contextlib import AsyncExitStack

import pytest

from tests.faults.conftest import RunTrial, sqlite_only
from tests.faults.hostile import apart, shake_hands
from tests.faults.places import Place
from tests.faults.trial import LONG, Trial
from tests.faults.tunnel import Tunnel
from tests.faults.watch import open_files, worker
from tests.harness.client import Client, Page, Refused, eventually
from tests.harness.raw import CONNECT, EVENT, opening, packet
from tests.harness.segments import frame
from tests.harness.server import Server

pytestmark = sqlite_only

HEARTBEAT = 2
SHUT = 100 if LONG else 12
DEAF = 50
HANDSHAKES = 5_000 if LONG else 500
# How much may wait for one reader.
QUEUED_BYTES = 4_194_304 if LONG else 262_144
PASTE = "x" * 20_000
MOST_PASTES = 4_000 if LONG else 1_500


def is_gone(trial: Trial, participant: str) -> bool:
    """Whether somebody in the first document was told that this participant left."""
    told = trial.crowd.people[0].browser.events["people"]
    return any(participant in one["left"] for one in told)


def files_of(server: Server) -> int:
    pid = worker(server)
    return open_files(pid) if pid else 0


async def test_half_open_lines_end_with_the_heartbeat(run_trial: RunTrial, place: Place) -> None:
    """Laptops are shut: no word comes any more, no end either, and what is sent to them is taken and lost."""

    async def shut(trial: Trial) -> None:
        loop = asyncio.get_running_loop()
        async with Tunnel(trial.server.port) as tunnel, AsyncExitStack() as clients:
            pages = []
            for number in range(SHUT):
                transport = "polling" if number % 4 == 3 else "websocket"
                client = Client(tunnel.url, place.sessions["vera"], transport=transport, Origin=trial.server.url)
                clients.push_async_callback(client.close)
                pages.append(await (await client.connect()).open(place.documents[0]))
            tunnel.silence()
            began = loop.time()
            await eventually(
                lambda: all(is_gone(trial, page.you) for page in pages), seconds=5 * HEARTBEAT, what="they are gone"
            )
            trial.note("the last was gone after, s", round(loop.time() - began, 1))

    await run_trial(f"{SHUT} half-open lines", place, shut, COLLAB_HEARTBEAT_SECONDS=str(HEARTBEAT))


async def deaf(server: Server, session: str, key: str, number: int) -> socket.socket:
    """Open a document on a WebSocket whose window is next to nothing, and never read again."""
    loop = asyncio.get_running_loop()
    line = socket.socket()
    line.setblocking(False)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
    await loop.sock_connect(line, ("127.0.0.1", server.port))
    await loop.sock_sendall(
        line,
        f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Origin: {server.url}\r\nCookie: sessionid={session}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode(),
    )
    assert b" 101 " in await loop.sock_recv(line, 64)
    await loop.sock_sendall(line, frame(packet(CONNECT)))
    await loop.sock_sendall(line, frame(packet(EVENT, ["open", {**opening(key), "client_id": 1_000 + number}], 1)))
    return line


async def test_readers_with_a_zero_window_are_closed(run_trial: RunTrial, place: Place) -> None:
    async def never_read(trial: Trial) -> None:
        server, key = trial.server, place.documents[0]
        before = files_of(server)
        lines = [await deaf(server, place.sessions["vera"], key, number) for number in range(DEAF)]
        writer = Client(server.url, place.sessions["alice"], Origin=server.url)
        try:
            page = await (await writer.connect()).open(key)
            await eventually(lambda: files_of(server) >= before + DEAF, what="they are in")
            pastes = 0
            while pastes < MOST_PASTES and files_of(server) > before + DEAF // 2:
                await paste(page, key)
                pastes += 1
            await eventually(lambda: files_of(server) <= before + 8, what="the deaf are closed")
            trial.note("MB pasted", round(pastes * len(PASTE) / 1e6, 1))
        finally:
            await writer.close()
            for line in lines:
                line.close()

    await run_trial(f"{DEAF} readers with a zero window", place, never_read, COLLAB_MAX_QUEUED_BYTES=str(QUEUED_BYTES))


async def paste(page: Page, key: str) -> None:
    """Write a long line at the top and take it out again: the document stays small, its readers hear all of it."""
    client = page.client
    assert client is not None
    before = page.doc.get_state()
    page.text.insert(0, PASTE)
    inserted = page.doc.get_update(before)
    del page.text[0 : len(PASTE)]
    for update in (inserted, page.doc.get_update(before)):
        while True:
            try:
                await client.call("edit", {"document": key, "update": update})
                break
            except Refused as refused:
                await asyncio.sleep(refused.answer["retry_after_ms"] / 1_000)


# On which transports, and with which session. That one is made up nobody can tell before the database is asked.
FLOODS = {
    "anonymous": (("polling", "websocket"), ""),
    "anonymous WebSocket": (("websocket",), ""),
    "made-up session's WebSocket": (("websocket",), "m" * 32),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", FLOODS)
async def test_handshakes_that_never_connect(run_trial: RunTrial, place: Place, kind: str) -> None:
    async def flood(trial: Trial) -> None:
        before = files_of(trial.server)
        for told, count in sorted((await apart(shake_hands, trial.server.url, HANDSHAKES, *FLOODS[kind])).items()):
            trial.note(told, count)
        await eventually(lambda: files_of(trial.server) <= before + 10, seconds=30, what="they are let go of")

    await run_trial(f"{HANDSHAKES} {kind} handshakes", place, flood)
