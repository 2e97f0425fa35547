"""What each process asks the database by itself: is anything newer, did access change, is it still what it was?"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rooms import announcements, store
from rooms.core.errors import Busy, NotFound, Quarantined, Refusal
from rooms.live.bridge import Database
from rooms.live.documents import Documents
from rooms.live.open_document import OpenDocument
from rooms.live.revocation import Doors, Revocation

log = logging.getLogger(__name__)

Emit = Callable[[OpenDocument, str, dict[str, Any]], None]


async def every(seconds: float, work: Callable[[], Awaitable[None]], *, at_once: bool = False) -> None:
    """Run `work` again and again, `seconds` apart, whatever becomes of it each time."""
    while True:
        if not at_once:
            await asyncio.sleep(seconds)
        at_once = False
        try:
            await work()
        except Refusal as refusal:  # the database is away: the next round will tell
            log.warning("%s: %s", getattr(work, "__name__", "work"), refusal)
        except Exception:
            log.exception("%s failed", getattr(work, "__name__", "work"))


class Watch:
    """Looks for what reached this process in no other way: edits, titles, comments, changes of access."""

    def __init__(
        self,
        *,
        database: Database,
        documents: Documents,
        revocation: Revocation,
        emit: Emit,
        doors: Doors,
        instance: str,
        hears: Callable[[], bool | None],
    ) -> None:
        self._hears = hears
        self._database = database
        self._documents = documents
        self._revocation = revocation
        self._emit = emit
        self._doors = doors
        self._instance = instance
        # Announcements are read and acted on by one at a time; healing, which can take long, does not hold them up.
        self._hearing = asyncio.Lock()
        self._nudged: asyncio.Task[None] | None = None
        # Documents that something was said to have changed in, and the task that looks at them.
        self._changed: set[int] = set()
        self._looking: asyncio.Task[None] | None = None

    def nudge(self) -> None:
        """Look for changes of access now: this process has just made one. For the loop's own thread."""
        if self._nudged is None:
            self._nudged = asyncio.get_running_loop().create_task(self.hear())

    def changed(self, document_id: int) -> None:
        """Look at this document now: something of it has just changed. For the loop's own thread."""
        self._changed.add(document_id)
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look_at_changed())

    async def _look_at_changed(self) -> None:
        """Heal what changed, all of it at once: what changes meanwhile waits for the next round."""
        try:
            while self._changed:
                changed, self._changed = self._changed, set()
                opened = [one for pk in changed if (one := self._documents.open_one(pk)) is not None]
                if opened:
                    await self.heal(opened)
        except Refusal as refusal:  # the next look at all documents will tell
            log.warning("looking at what changed: %s", refusal)
        finally:
            self._looking = None

    async def hear(self) -> None:
        """Act on the changes of access that are new here.

        Comes before anything else that reads rights again: what an announcement explains is told with its reason, and
        counted in its receipt.
        """
        async with self._hearing:
            self._nudged = None  # whatever commits from here on may not be in what is read now
            try:
                notices = await self._database.read(self._revocation.unseen)
            except Refusal as refusal:
                log.warning("looking for changes of access: %s", refusal)
            else:
                await self._act(notices)

    async def _act(self, notices: list[announcements.Notice]) -> None:
        """Act on changes of access. What fails is tried again with the next look."""
        try:
            await self._revocation.act(notices)
        except Refusal as refusal:
            log.warning("acting on changes of access: %s", refusal)
        except Exception:
            log.exception("acting on changes of access failed")

    async def look(self) -> None:
        """Ask for changes of access, and for newer edits and titles of every open document, and act on them."""
        await self.heal(self._documents.all())

    async def heal(self, documents: list[OpenDocument]) -> None:
        """Ask for changes of access, and for newer edits and titles of these documents, and act on them."""
        async with self._hearing:
            heads, notices = await self._database.read(self._ask, [document.id for document in documents])
            await self._act(notices)  # before healing: people hear why a document is gone, and a receipt counts them
        await self._heal_all(documents, heads)

    async def _heal_all(self, documents: list[OpenDocument], heads: dict[int, store.Head]) -> None:
        for document in documents:
            try:
                await self._heal(document, heads.get(document.id))
            except Busy:
                raise
            except Exception:  # a document whose log cannot be read must not keep the others from healing
                log.exception("healing document %s failed", document.id)

    async def sweep(self) -> None:
        """Read again whose sessions live and what everybody may do, for what nothing announced."""
        await self.hear()
        await self._revocation.sweep()

    def _ask(self, ids: list[int]) -> tuple[dict[int, store.Head], list[announcements.Notice]]:
        return store.heads(ids) if ids else {}, self._revocation.unseen()

    async def beat(self) -> None:
        """Say that this process is there."""
        await self._database.write(announcements.beat, self._instance, hears=self._hears())

    async def _heal(self, document: OpenDocument, head: store.Head | None) -> None:
        if head is None:
            self._close(document, "not_found", announcements.Reason.DELETED.value)
            return
        if head.epoch != document.epoch:
            self._close(document, "stale_epoch")
            return
        if head.quarantine is not None:
            # Another process could not load it and this one holds it: what it holds may be what is restored.
            await self._documents.compact(document)
            self.condemned(document)
            return
        document.room_id = head.room_id
        if head.title != document.title:
            document.title = head.title
            self._emit(document, "renamed", {"document": document.key, "title": head.title})
        # Two looks can pass each other: what an older one saw is no news.
        if head.comments_version > document.comments_version:
            document.comments_version = head.comments_version
            self._emit(document, "commented", {"document": document.key, "version": head.comments_version})
        if head.seq > document.seq:
            try:
                await self._documents.catch_up(document)
            except NotFound:
                self._close(document, "stale_epoch")
            except Quarantined as refusal:
                log.info("document %s: %s", document.id, refusal)

    def condemned(self, document: OpenDocument) -> None:
        """End a document that cannot be loaded any more."""
        self._close(document, "quarantined")

    def _close(self, document: OpenDocument, code: str, reason: str | None = None) -> None:
        """End a document: people open it anew, where its lineage was replaced, or learn that they cannot."""
        for participant in list(document.participants.values()):
            self._doors.tell(participant, participant.role if code == "stale_epoch" else None, code, reason)
            self._doors.leave(participant)
        self._documents.drop(document)

    async def compact(self) -> None:
        """Take the snapshots that are due."""
        for document in self._documents.long():
            await self._documents.compact(document)
