"""How long a silent connection lives: one on each transport is asked not to be pinged, and left alone."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from collab.doctor import advice
from collab.doctor.lines import Line, LineFailed, PollingLine, WebSocketLine
from collab.doctor.report import Finding, Status
from collab.doctor.seen import Seen

# A silent line lives for one and a half heartbeats. A limit has to be longer, and with room: timers are late, and so
# are packets (trap L5).
SILENT_BEATS = 1.5
ROOM_BEATS = 0.5
# The server itself ends a poll after one and a half heartbeats.
LATE_SECONDS = 0.3
# Longer than the wait, so that no ping comes near its end.
HUSH_MORE_SECONDS = 15
MOST_HUSH_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Silence:
    """`seconds` that a line was silent, until it `was_cut` (or `was_closed` by the instance), or nobody waited any
    longer. `heartbeat` is the deployment's."""

    seconds: float
    heartbeat: float
    was_cut: bool
    was_closed: bool = False
    why: str = ""


async def websocket(seen: Seen) -> Finding:
    try:
        return judge_websocket(await _silence(seen, WebSocketLine(seen.site)))
    except LineFailed as error:
        return Finding(Status.SKIP, f"no WebSocket to be silent on: {error}")


def judge_websocket(silence: Silence) -> Finding:
    needed = (SILENT_BEATS + ROOM_BEATS) * silence.heartbeat
    lives = (
        f"a silent line lives {SILENT_BEATS * silence.heartbeat:g} s (1.5 × the heartbeat of {silence.heartbeat:g} s)"
    )
    facts = {"seconds": round(silence.seconds, 1), "cut": silence.was_cut, "needed_seconds": needed}
    if silence.was_closed:
        said = f"an instance closed the line after {silence.seconds:.1f} s: is a deploy under way? Look again"
        return Finding(Status.WARN, said, facts=facts)
    if silence.was_cut and silence.seconds < needed:
        said = f"cut after {silence.seconds:.1f} s of silence, and has to last {needed:g} s: {lives}"
        return Finding(Status.FAIL, said, advice.IDLE_WEBSOCKET, facts=facts)
    if silence.was_cut:
        return Finding(Status.OK, f"the limit is {silence.seconds:.0f} s; {lives}", facts=facts)
    if silence.seconds < needed:
        said = f"still there after {silence.seconds:.0f} s; to be sure: --idle-seconds {needed:g}"
        return Finding(Status.WARN, said, facts=facts)
    return Finding(Status.OK, f"still there after {silence.seconds:.0f} s of silence; {lives}", facts=facts)


async def polling(seen: Seen) -> Finding:
    try:
        return judge_polling(await _silence(seen, PollingLine(seen.site)))
    except LineFailed as error:
        return Finding(Status.SKIP, f"no long polling to be silent on: {error}")


def judge_polling(silence: Silence) -> Finding:
    """A poll is never silent for longer than one and a half heartbeats: then the server ends it itself."""
    needed = SILENT_BEATS * silence.heartbeat
    facts = {"seconds": round(silence.seconds, 1), "cut": silence.was_cut, "needed_seconds": needed}
    if silence.was_cut and silence.seconds < needed - LATE_SECONDS:
        said = f"a poll was ended after {silence.seconds:.1f} s ({silence.why}), and may take {needed:g} s"
        return Finding(Status.FAIL, said, advice.IDLE_POLLING, facts=facts)
    if silence.seconds < needed - LATE_SECONDS:
        said = f"a poll still waited after {silence.seconds:.0f} s; to be sure: --idle-seconds {needed:g}"
        return Finding(Status.WARN, said, facts=facts)
    return Finding(Status.OK, f"a poll may take the {needed:g} s that the server lets it", facts=facts)


async def _silence(seen: Seen, line: Line) -> Silence:
    """Raises LineFailed when the line cannot be made silent."""
    longest = seen.idle_seconds
    try:
        await line.open(seen.ticket())
        heartbeat = line.opening.ping_every
        if isinstance(line, PollingLine):
            longest = min(longest, SILENT_BEATS * heartbeat + 1)
        await line.ask("hush", {"seconds": min(longest + HUSH_MORE_SECONDS, MOST_HUSH_SECONDS)})
        while line.quiet < longest and not line.ended.is_set():
            seen.waits(line.kind, line.quiet, longest)
            with suppress(TimeoutError):
                await asyncio.wait_for(line.ended.wait(), min(1.0, max(0.01, longest - line.quiet)))
        return Silence(line.quiet, heartbeat, line.ended.is_set() and not line.was_closed, line.was_closed, line.why)
    finally:
        await line.close()
