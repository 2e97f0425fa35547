"""Those who do harm, in a process of their own that the machine serves last: others wait for the server, and not for a
neighbour who on the internet would sit on another machine.
"""

import asyncio
import os
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from multiprocessing import get_context
from typing import TypeVar

import aiohttp

from tests.harness.client import eventually
from tests.harness.raw import CONNECT, RawWebSocket

FRAMES_AT_ONCE = 16
HANDSHAKES_AT_ONCE = 50
LAST = 19  # the largest niceness: it gets what nobody else wants

Said = TypeVar("Said")


async def apart(attack: Callable[..., Awaitable[Said]], *arguments: object) -> Said:
    """Return what `attack` says, which plays in a process of its own."""
    process = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=os.nice, initargs=(LAST,))
    try:
        return await asyncio.get_running_loop().run_in_executor(process, _play, attack, *arguments)
    finally:
        process.shutdown(wait=False)  # waiting for its end would keep the crowd waiting


def _play(attack: Callable[..., Awaitable[Said]], *arguments: object) -> Said:
    async def play() -> Said:
        return await attack(*arguments)

    return asyncio.run(play())


async def send_bad_frames(url: str, session: str, packets: dict[str, bytes | str], count: int) -> dict[str, float]:
    """Send so many bad frames, each on a line of its own; return the most seconds until one of a kind was closed."""
    longest: dict[str, float] = defaultdict(float)
    kinds = islice(cycle(packets), count)

    async def misbehave() -> None:
        loop = asyncio.get_running_loop()
        for kind in kinds:
            line = await RawWebSocket(url, session, Origin=url).dial()
            try:
                while (await line.greet())["type"] != CONNECT:
                    await line.close()
                    await asyncio.sleep(0.2)  # too many at once: come again
                    line = await RawWebSocket(url, session).dial()
                began = loop.time()
                await line.frame(packets[kind])
                await eventually(line.closed.is_set, seconds=10, what=f"the line that sent {kind} is closed")
                longest[kind] = max(longest[kind], loop.time() - began)
            finally:
                await line.close()

    await asyncio.gather(*(misbehave() for _ in range(FRAMES_AT_ONCE)))
    return dict(longest)


async def shake_hands(url: str, count: int, transports: tuple[str, ...], cookie: str) -> dict[str, int]:
    """Begin so many lines, on each of the transports in turn, and say nothing more; return how they were answered.

    `cookie` is the session that each says it has; empty: none. Lines are left open, as attackers leave them, until the
    server ends them.
    """
    answers: Counter[str] = Counter()
    at_once = asyncio.Semaphore(HANDSHAKES_AT_ONCE)
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Cookie": f"sessionid={cookie}"} if cookie else {}
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers=headers) as http:
        taken: list[aiohttp.ClientWebSocketResponse] = []

        async def shake(number: int) -> None:
            transport = transports[number % len(transports)]
            address = f"{url}/socket.io/?EIO=4&transport={transport}"
            async with at_once:
                if transport == "polling":
                    async with http.get(address) as answer:
                        await answer.read()
                        answers[f"{transport}: {answer.status}"] += 1
                    return
                try:
                    taken.append(await http.ws_connect(address.replace("http", "ws", 1)))
                    answers[f"{transport}: taken"] += 1
                except aiohttp.WSServerHandshakeError as error:
                    answers[f"{transport}: {error.status}"] += 1

        await asyncio.gather(*(shake(number) for number in range(count)))
        await asyncio.gather(*(line.receive() for line in taken))  # what it begins with
        await asyncio.gather(*(_ended(line) for line in taken))
    return dict(answers)


async def _ended(line: aiohttp.ClientWebSocketResponse) -> None:
    while not line.closed:
        await line.receive(timeout=60)
