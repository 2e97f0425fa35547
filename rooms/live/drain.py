"""The end of an instance, so that nobody notices: connections are state, and this is how it moves (trap L7).

Unready, so that the load balancer sends nobody new. Then nobody is let in; every client is given its own moment to
leave and come back elsewhere; what was sent is committed and answered; whoever is still here is closed a few at a
time, polling clients too (trap P2).
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from rooms.core.draining import slots
from rooms.live import wire

if TYPE_CHECKING:
    from rooms.live.app import Live

log = logging.getLogger(__name__)

# After its moment a client has this long to hang up.
GRACE_SECONDS = 2.0
# Whoever is still here is closed so many at a time.
SLICE = 50
SLICE_SECONDS = 0.05
# How often it is said how far it is.
TELL_SECONDS = 1.0


async def drain(live: "Live", *, notice: float, seconds: float, per_second: float) -> None:
    """Let everybody leave. Takes at most `notice` + `seconds` + a few; all in seconds."""
    began = asyncio.get_running_loop().time()
    live.readiness.is_draining = True
    if notice:
        log.warning("draining: unready, waiting %.1f s for the load balancer to notice", notice)
        await asyncio.sleep(notice)
    live.gate.close()
    telling = asyncio.create_task(_tell(live))
    try:
        await _send_away(live, slots(len(live.clients), seconds, per_second))
        await live.commits.drain()
        await _close_the_rest(live)
    finally:
        telling.cancel()
    log.warning("drained after %.1f s", asyncio.get_running_loop().time() - began)


async def _send_away(live: "Live", moments: list[float]) -> None:
    """Give each client its moment, and wait until they have left or had their time."""
    clients = list(live.clients.values())
    random.shuffle(clients)  # those who connected together were together before
    for client, moment in zip(clients, moments, strict=True):
        live.sio.hand_out(wire.event("drain", {"slot_ms": round(moment * 1_000)}), [client.line])
    if moments:
        await _until(lambda: not live.clients, moments[-1] + GRACE_SECONDS)


async def _close_the_rest(live: "Live") -> None:
    """Close what is left a few at a time: those who were told, and those who never connected."""
    lines = list(live.sio.eio.sockets.values())
    for start in range(0, len(lines), SLICE):
        for line in lines[start : start + SLICE]:
            await live.sio.kick(line)
        await asyncio.sleep(SLICE_SECONDS)
    # A polling client fetches the goodbye with its next poll.
    await _until(lambda: not live.sio.eio.sockets, GRACE_SECONDS)


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    """Return when `condition` holds, or after `seconds`."""
    latest = asyncio.get_running_loop().time() + seconds
    while not condition() and asyncio.get_running_loop().time() < latest:  # noqa: ASYNC110  (many things make it true)
        await asyncio.sleep(SLICE_SECONDS)


async def _tell(live: "Live") -> None:
    while True:
        log.warning(
            "draining: %s clients here, %s sent elsewhere, %s edits on their way",
            len(live.clients), live.gate.refused, live.commits.waiting,
        )  # fmt: skip
        await asyncio.sleep(TELL_SECONDS)
