"""What each process asks the database by itself: is anything newer, and may these people still be here?"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rooms import access, store
from rooms.core.access import Role
from rooms.core.errors import Busy, NotFound, Refusal
from rooms.live.bridge import Database
from rooms.live.documents import Documents
from rooms.live.open_document import OpenDocument
from rooms.live.participants import Client, Participant

log = logging.getLogger(__name__)

Emit = Callable[[OpenDocument, str, dict[str, Any]], None]


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` again and again, `seconds` apart, whatever becomes of it each time."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Refusal as refusal:  # the database is away: the next round will tell
            log.warning("%s: %s", getattr(work, "__name__", "work"), refusal)
        except Exception:
            log.exception("%s failed", getattr(work, "__name__", "work"))


class Watch:
    """Heals what reached this process in no other way, and sweeps out whoever may not be here any more."""

    def __init__(
        self,
        *,
        database: Database,
        documents: Documents,
        clients: Callable[[], list[Client]],
        emit: Emit,
        tell: Callable[[Participant, Role | None, str | None], None],
        leave: Callable[[Participant], None],
        people: Callable[[OpenDocument], None],
        sign_out: Callable[[Client], Awaitable[None]],
    ) -> None:
        self._database = database
        self._documents = documents
        self._clients = clients
        self._emit = emit
        self._tell = tell
        self._leave = leave
        self._people = people
        self._sign_out = sign_out

    async def heal(self) -> None:
        """Ask for newer edits and titles of every open document, in one query, and pass on what there is."""
        opened = self._documents.all()
        if not opened:
            return
        heads = await self._database.read(store.heads, [document.id for document in opened])
        for document in opened:
            try:
                await self._heal(document, heads.get(document.id))
            except Busy:
                raise
            except Exception:  # a document whose log cannot be read must not keep the others from healing
                log.exception("healing document %s failed", document.id)

    async def _heal(self, document: OpenDocument, head: store.Head | None) -> None:
        if head is None or head.epoch != document.epoch:
            self._close(document, replaced=head is not None)
            return
        if head.title != document.title:
            document.title = head.title
            self._emit(document, "renamed", {"document": document.key, "title": head.title})
        if head.seq > document.seq:
            try:
                await self._documents.catch_up(document)
            except NotFound:
                self._close(document, replaced=True)

    def _close(self, document: OpenDocument, *, replaced: bool) -> None:
        """End a document that is gone, or whose lineage is: people open it anew, or learn that they cannot."""
        for participant in list(document.participants.values()):
            role = participant.role if replaced else None
            self._tell(participant, role, "stale_epoch" if replaced else "not_found")
            self._leave(participant)
        self._documents.drop(document)

    async def compact(self) -> None:
        """Take the snapshots that are due."""
        for document in self._documents.long():
            await self._documents.compact(document)

    async def sweep(self) -> None:
        """Read again, in two queries, whose sessions live and what everybody may do where they are."""
        clients = self._clients()
        people = await self._database.read(access.people_of, {client.session_key for client in clients})
        for client in clients:
            if people[client.session_key] is None:
                await self._sign_out(client)
        await self.recheck([participant for client in clients for participant in client.open.values()])

    async def recheck(self, participants: list[Participant]) -> None:
        """Read again what these may do, and act on what changed."""
        if not participants:
            return
        pairs = {(one.person.user_id, one.document.room_id) for one in participants}
        grants = await self._database.read(access.grants, pairs)
        for participant in participants:
            document = participant.document
            role = grants[participant.person.user_id, document.room_id].role
            if participant.client.open.get(document.key) is not participant or role == participant.role:
                continue
            if role is None:
                self._tell(participant, None, "not_found")
                self._leave(participant)
            else:
                participant.role = role
                document.presence.join(participant.face())
                self._people(document)
                self._tell(participant, role, None)
