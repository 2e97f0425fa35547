"""This instance among the others: what it tells them, and what it does about what it hears.

All of it only makes things quicker. An edit that is not heard is read from the log, a change of access from its row,
and people elsewhere are under a lease.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from rooms.core.presence import Face
from rooms.live import bus
from rooms.live.documents import Documents
from rooms.live.elsewhere import Elsewhere
from rooms.live.manager import ShardedRedisManager, document_room
from rooms.live.open_document import OpenDocument
from rooms.live.people import People
from rooms.live.watch import Watch

log = logging.getLogger(__name__)

# A larger update is announced and not sent: Redis cuts off whoever does not take 32 MB at once (trap R4).
LARGE_BYTES = 262_144
# Documents whose channels were confirmed within this time are looked at together.
TOGETHER_SECONDS = 0.02


@dataclass(slots=True)
class Peer:
    """Another instance, as its last beat told of it. `heard_at` is on the loop's clock, `skew` in seconds."""

    name: str
    version: str
    heard_at: float
    skew: float


class Fleet:
    """`kick(document_id, participant_id)` puts out somebody whose page has moved to another instance."""

    def __init__(
        self,
        *,
        url: str,
        prefix: str,
        key: bytes,
        instance: str,
        version: str,
        kick: Callable[[int, str], None],
        soon: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._instance, self._version, self._kick, self._soon = instance, version, kick, soon
        self._confirmed: set[int] = set()
        self._looking: asyncio.TimerHandle | None = None
        self.peers: dict[str, Peer] = {}
        self.manager = ShardedRedisManager(
            url,
            prefix=prefix,
            key=key,
            heard=self._heard,
            beat=lambda: ["beat", instance, version, time.time()],
            subscribed=self._subscribed,
            returned=lambda: self.elsewhere.returned(),
        )

    def join(self, *, documents: Documents, people: People, watch: Watch) -> None:
        """Be told where what is heard goes. Before the first message, and after what is needed for it is made."""
        self._documents, self._watch = documents, watch
        self.elsewhere = Elsewhere(self.manager, documents.all, people.tell)

    @property
    def is_up(self) -> bool:
        return self.manager.bus.is_up

    # --- Told ---------------------------------------------------------------------------------------------------------

    def edited(self, document: OpenDocument, rows: tuple[int, int], update: bytes) -> None:
        """Tell of rows (first, last) of the log, which have just been committed here."""
        message: list[Any] = ["edit", document.epoch, *rows, update if len(update) <= LARGE_BYTES else None]
        self.manager.publish(document_room(document.id), message)

    def access_changed(self) -> None:
        """Tell that there are announcements to read."""
        self.manager.publish(bus.ALL, ["access"])

    def changed(self, document_id: int) -> None:
        """Tell that something of a document changed beside its words."""
        self.manager.publish(document_room(document_id), ["changed"])

    def take_over(self, document: OpenDocument, face: Face) -> None:
        """Have the instance of `face` put it out: the same page is here now."""
        self.manager.publish(document_room(document.id), ["kick", face.instance, face.id])

    # --- Heard --------------------------------------------------------------------------------------------------------

    def _heard(self, channel: str, host: str, message: list[Any]) -> None:
        kind = message[0]
        if channel == bus.ALL:
            if kind == "beat":
                _, name, version, at = message
                now = asyncio.get_running_loop().time()
                self.peers[host] = Peer(name, version, now, time.time() - at)
            elif kind == "access":
                self._watch.nudge()
            return
        document_id = int(channel.partition(":")[2])
        if kind == "edit":
            _, epoch, first, last, update = message
            self._documents.hear(document_id, epoch, (first, last), update)
        elif kind == "changed":
            self._watch.changed(document_id)
        elif kind == "kick":
            if message[1] == self.manager.host_id:
                self._kick(document_id, message[2])
        elif (document := self._documents.open_one(document_id)) is not None and document.participants:
            self.elsewhere.hear(document, host, message)

    def _subscribed(self, channel: str) -> None:
        """Redis confirms a channel: what was said on it before has to be read."""
        if not channel.startswith("document:"):
            return
        self._confirmed.add(int(channel.partition(":")[2]))
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(TOGETHER_SECONDS, self._look)

    def _look(self) -> None:
        self._looking = None
        confirmed, self._confirmed = self._confirmed, set()
        found = [document for one in confirmed if (document := self._documents.open_one(one)) is not None]
        if found:
            self._soon(self._read(found))

    async def _read(self, documents: list[OpenDocument]) -> None:
        await self._watch.heal(documents)
        try:
            await self.elsewhere.read(documents)
        except bus.Gone:
            log.info("who is elsewhere in %s documents is read later", len(documents))

    # --- Its life -----------------------------------------------------------------------------------------------------

    async def renew(self) -> None:
        """Keep the lease, and forget instances that were not heard for as long as theirs lasts."""
        await self.elsewhere.renew()
        latest = asyncio.get_running_loop().time() - bus.DEAF_SECONDS - 2 * bus.BEAT_SECONDS
        self.peers = {host: peer for host, peer in self.peers.items() if peer.heard_at > latest}

    async def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        self.elsewhere.leave()
        await self.manager.stop()
