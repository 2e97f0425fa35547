"""Somebody who sends bad frames, in a process of their own: others wait for the server, and not for their neighbour."""

import asyncio
from collections import defaultdict
from itertools import cycle, islice

from tests.harness.client import eventually
from tests.harness.raw import CONNECT, RawWebSocket

AT_ONCE = 16


def send_bad_frames(url: str, session: str, packets: dict[str, bytes | str], count: int) -> dict[str, float]:
    """Send so many bad frames, each on a line of its own; return the most seconds until one of a kind was closed."""
    return asyncio.run(_send(url, session, packets, count))


async def _send(url: str, session: str, packets: dict[str, bytes | str], count: int) -> dict[str, float]:
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

    await asyncio.gather(*(misbehave() for _ in range(AT_ONCE)))
    return dict(longest)
