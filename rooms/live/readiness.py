"""Whether a load balancer should send people here, and why not: what `/readyz` answers.

What is broken for everybody is no reason to refuse: a fleet whose Redis is away still works, one second slower, and
with every instance unready nobody would be served at all. So Redis counts against an instance only when another one
still hears itself. The database is different: without it nobody can do anything anywhere.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from rooms import announcements
from rooms.core.errors import Refusal
from rooms.live.bridge import Database
from rooms.live.gate import Gate

# An answer of the database counts for this long: load balancers ask often, and there may be several.
FRESH_SECONDS = 0.5
ANSWER_SECONDS = 2.0
# After this long without hearing itself a new process is no longer warming up, it is deaf.
WARMING_SECONDS = 5.0


class Readiness:
    """`hears()` says whether messages of this process come back to it through Redis; None: there is no Redis."""

    def __init__(
        self, *, database: Database, gate: Gate, instance: str, version: str, hears: Callable[[], bool | None]
    ) -> None:
        self._database = database
        self._gate = gate
        self._instance = instance
        self._version = version
        self._hears = hears
        self._began = time.monotonic()
        self._asked_at = float("-inf")
        self._peers: announcements.Peers | None = None
        self._asking: asyncio.Task[None] | None = None
        self.is_started = False
        self.is_draining = False

    async def answer(self) -> dict[str, Any]:
        """Return the body of `/readyz`. `ready` is whether there are no `reasons`."""
        await self._ask()
        hears, peers = self._hears(), self._peers
        reasons, degraded = [], []
        if self.is_draining:
            reasons.append("draining: this instance is about to end")
        if not self.is_started or (hears is False and time.monotonic() - self._began < WARMING_SECONDS):
            reasons.append("warming: this instance has only just started")
        elif hears is False and peers is not None and peers.hearing:
            reasons.append("redis: this instance does not hear itself, and others do")
        elif hears is False:
            degraded.append("redis: edits and presence of other instances come through the database")
        if peers is None:
            reasons.append("database: no answer")
        elif hears is None and peers.others:
            degraded.append("redis: REDIS_URL is not set, and there are other instances")
        if not self.is_draining and not self._gate.is_wide_open:
            degraded.append(f"admission: {self._gate.per_second:.0f} connects a second")
        return {
            "ready": not reasons,
            "instance": self._instance,
            "version": self._version,
            "reasons": reasons,
            "degraded": degraded,
            "checks": {
                "database": peers is not None,
                "redis": hears,
                "draining": self.is_draining,
                "instances": sorted([self._instance, *(peers.others if peers else ())]),
            },
        }

    async def _ask(self) -> None:
        """Ask the database, together with whoever asks at the same time."""
        if time.monotonic() - self._asked_at < FRESH_SECONDS:
            return
        if self._asking is None:
            self._asking = asyncio.create_task(self._read())
        try:
            await asyncio.wait_for(asyncio.shield(self._asking), ANSWER_SECONDS)
        except TimeoutError:
            self._peers = None  # a thread still waits for it; the next one to ask waits for the same

    async def _read(self) -> None:
        try:
            self._peers = await self._database.read(announcements.peers, self._instance)
        except Refusal:
            self._peers = None
        finally:
            self._asked_at = time.monotonic()
            self._asking = None
