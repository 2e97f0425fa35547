"""Connections of `manage.py doctor`: they see where they came out and whether they hear each other, and nothing else.

A probe has no account. Its ticket is signed with the secret key, which whoever runs the deployment has, and is good for
ten minutes.
"""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core import signing

from rooms.core.errors import BadFrame, Busy, Forbidden
from rooms.live.transport import Server
from rooms.live.wire import Answer

SALT = "collab.doctor"
TICKET_SECONDS = 600
MOST_PROBES = 200
LONGEST_WORD = 64
LONGEST_HUSH_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Probe:
    room: str
    address: str


class Probes:
    """`hears()` says whether this process hears itself through Redis; None: there is none."""

    def __init__(
        self,
        sio: Server,
        *,
        instance: str,
        version: str,
        heartbeat: int,
        proxies: int,
        hears: Callable[[], bool | None],
    ) -> None:
        self._sio = sio
        self._instance = instance
        self._version = version
        self._heartbeat = heartbeat
        self._proxies = proxies
        self._hears = hears
        self._probes: dict[str, Probe] = {}

    def __contains__(self, sid: str) -> bool:
        return sid in self._probes

    async def let_in(self, sid: str, scope: dict[str, Any], ticket: Any) -> bool:
        """Let a probe in if its ticket is good. Raises Busy when there are too many."""
        try:
            room = f"probe:{signing.loads(ticket, salt=SALT, max_age=TICKET_SECONDS)['probe']}"
        except (signing.BadSignature, TypeError, KeyError, AttributeError):
            return False
        if len(self._probes) >= MOST_PROBES:
            raise Busy("too many probes", retry_after=1.0)
        self._probes[sid] = Probe(room, address_of(scope, proxies=self._proxies))
        await self._sio.enter_room(sid, room)
        return True

    def leave(self, sid: str) -> None:
        self._probes.pop(sid, None)

    async def dispatch(self, sid: str, event: str, frame: Any) -> Answer:
        """Answer one event. Raises Refusal."""
        probe = self._probes[sid]
        if event == "probe":
            return {
                "ok": True,
                "instance": self._instance,
                "version": self._version,
                "at": time.time(),
                "address": probe.address,
                "heartbeat": self._heartbeat,
                "redis": self._hears(),
                "sid": sid,
                "tasks": len(asyncio.all_tasks()),
                "memory": _resident_bytes(),
            }
        if event == "shout":
            word = frame.get("word") if isinstance(frame, dict) else None
            if not isinstance(word, str) or len(word) > LONGEST_WORD:
                raise BadFrame("`word` is a short text")
            await self._sio.emit("heard", {"word": word, "from": self._instance}, room=probe.room)
            return {"ok": True, "instance": self._instance}
        if event == "hush":
            seconds = frame.get("seconds") if isinstance(frame, dict) else None
            if not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST_HUSH_SECONDS:
                raise BadFrame(f"`seconds` is a number up to {LONGEST_HUSH_SECONDS}")
            self._sio.line_of(sid).hush(seconds)
            return {"ok": True}
        raise Forbidden("a probe may not do that")


def _resident_bytes() -> int | None:
    """Return what this process has in memory; None where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def address_of(scope: dict[str, Any], *, proxies: int) -> str:
    """Return the address of a client as `proxies` trusted ones in front tell it (trap S14), else that of the line."""
    told = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    hops = [hop.strip() for hop in ",".join(told).split(",") if hop.strip()]
    if proxies and len(hops) >= proxies:
        return hops[-proxies]
    client = scope.get("client")
    return str(client[0]) if client else ""
