"""Every document that is open in this process: loaded once, in step with the log, let go when everybody left."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from rooms import store
from rooms.canary.process import Fault
from rooms.core import loading, updates
from rooms.core.errors import BadFrame, Gap, NotFound, Quarantined, Refusal
from rooms.live.bridge import Database
from rooms.live.open_document import OpenDocument
from rooms.live.proving import Proving

if TYPE_CHECKING:
    from rooms.live.participants import Participant

log = logging.getLogger(__name__)

# A document stays in memory this long after the last one left: a reload finds it warm.
LINGER_SECONDS = 30.0
# A snapshot is taken when this many rows came after the last one. Five hundred small rows load in about 10 ms.
COMPACT_ROWS = 500
# The outline of a large document is made this long after it was loaded, unless an edit needs it before: whoever waits
# for the document has it by then.
LOOK_AFTER_SECONDS = 0.2


# Rows that were heard too early wait for those before them this long: two instances commit in turns, and their messages
# cross. Then the log is read.
PATIENCE_SECONDS = 0.05
MAX_PARKED = 256


class Documents:
    """Every open document of this process. `relay(document, update, but)` shows an update to its participants."""

    def __init__(
        self,
        database: Database,
        relay: Callable[[OpenDocument, bytes, "Participant | None"], None],
        *,
        instance: str = "",
    ) -> None:
        self._database = database
        self.proving = Proving(database, instance)
        self._relay = relay
        # Told of what was committed here: (document, rows, update). Nobody else is there, at first.
        self.spread: Callable[[OpenDocument, tuple[int, int], bytes], None] = lambda document, rows, update: None
        # Told who comes (True) and who leaves: (document, participant, inside).
        self.room: Callable[[OpenDocument, Participant, bool], None] = lambda document, participant, inside: None
        # Told whose edits took longer to apply than edits may, and how much longer, in seconds.
        self.costly: Callable[[Iterable[Participant], float], None] = lambda participants, seconds: None
        # Told of a document that cannot go on: people have to be put out, and it has to be dropped.
        self.condemned: Callable[[OpenDocument], None] = self.drop
        self._open: dict[int, OpenDocument] = {}
        self._loading: dict[int, asyncio.Task[OpenDocument]] = {}
        self._leaving: dict[int, asyncio.TimerHandle] = {}
        self._looking: set[asyncio.Task[None]] = set()
        # Documents that miss rows which should come any moment.
        self._late: dict[int, asyncio.TimerHandle] = {}

    def long(self) -> list[OpenDocument]:
        """The documents that are due for a snapshot."""
        return [
            document
            for document in self._open.values()
            if document.seq - document.compacted_seq >= (1 if document.weigh else COMPACT_ROWS)
        ]

    def open_one(self, document_id: int) -> OpenDocument | None:
        """Return the document if it is in memory."""
        return self._open.get(document_id)

    def all(self) -> list[OpenDocument]:
        return list(self._open.values())

    def sockets(self, document_id: int) -> Counter[int]:
        """Return user id → how many sockets that person has in the document. For any thread."""
        document = self._open.get(document_id)
        if document is None:
            return Counter()
        inside = [participant.person.user_id for participant in list(document.participants.values())]
        elsewhere = [face.person.user_id for face in list(document.presence.faces.values()) if face.instance]
        return Counter([*inside, *elsewhere])

    async def get(self, document_id: int) -> OpenDocument:
        """Return the document, from memory or the log. Raises NotFound and Quarantined.

        Several who ask at once load it once.
        """
        document = self._open.get(document_id)
        if document is not None:
            self._linger(document)
            return document
        task = self._loading.get(document_id)
        if task is None:
            task = self._loading[document_id] = asyncio.create_task(self._load(document_id))
            task.add_done_callback(lambda _: self._loading.pop(document_id, None))
        return await asyncio.shield(task)

    async def _load(self, document_id: int) -> OpenDocument:
        document, unseen = await self.proving.load(document_id)
        self._open[document_id] = document
        self._linger(document)
        if document.large or unseen is not None:
            self._later(self._look_through(document, unseen))
        return document

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _look_through(self, document: OpenDocument, unseen: store.Loaded | None) -> None:
        """Make the outline before the first edit needs it, and after those who wait for the document have it."""
        await asyncio.sleep(LOOK_AFTER_SECONDS)
        try:
            fault = await self.proving.look_through(unseen) if unseen is not None else None
            if fault is not None:
                self._condemn(document, fault, document.seq)
                return
            await document.look_through(self._database)
        except (BadFrame, Gap) as refusal:
            self._condemn(document, Fault(*loading.describe(refusal)), document.seq)
        except Exception:  # the edit that needs it will be told
            log.exception("document %s cannot be looked through", document.id)

    async def advance(
        self,
        document: OpenDocument,
        rows: tuple[int, int],
        update: bytes,
        summaries: Iterable[updates.Summary],
        by: "Participant | None",
    ) -> None:
        """Take rows (first, last), merged in `update`, and show them to everybody but `by`.

        Rows that others committed before them, or that were read from the log meanwhile, are told apart by `seq`.
        """
        self.spread(document, rows, update)
        first, last = rows
        if first == document.seq + 1:
            self._take(document, last, update, summaries)
            self._relay(document, update, by)
            self._take_parked(document)
        elif last > document.seq:
            await self.catch_up(document)

    def hear(self, document_id: int, epoch: int, rows: tuple[int, int], update: bytes | None) -> None:
        """Take rows that another instance committed; with None, or where something is missing, read the log.

        Messages of two instances can cross: what comes before its predecessor waits for it a moment.
        """
        document = self._open.get(document_id)
        if document is None or epoch != document.epoch or rows[1] <= document.seq:
            return  # another epoch: the next look at the database finds out
        if update is not None and rows[0] == document.seq + 1:
            try:
                self._take(document, rows[1], update)
                self._relay(document, update, None)
                self._take_parked(document)
            except Quarantined as refusal:  # whoever is here was told
                log.info("document %s: %s", document.id, refusal)
            return
        if update is not None and rows[0] > document.seq and len(document.parked) < MAX_PARKED:
            document.parked[rows[0]] = (rows[1], update)
        if document.id not in self._late:
            patience = PATIENCE_SECONDS if update is not None else 0.0
            loop = asyncio.get_running_loop()
            self._late[document.id] = loop.call_later(patience, self._read_late, document)

    def _take_parked(self, document: OpenDocument) -> None:
        while (found := document.parked.pop(document.seq + 1, None)) is not None:
            self._take(document, *found)
            self._relay(document, found[1], None)
        if document.parked:
            document.parked = {first: rest for first, rest in document.parked.items() if first > document.seq}
        if not document.parked and (timer := self._late.pop(document.id, None)) is not None:
            timer.cancel()

    def _read_late(self, document: OpenDocument) -> None:
        self._late.pop(document.id, None)
        self._later(self._catch_up_quietly(document))

    async def _catch_up_quietly(self, document: OpenDocument) -> None:
        try:
            await self.catch_up(document)
        except Refusal as refusal:  # the next look at the database tells what has become of it
            log.info("document %s cannot be read: %s", document.id, refusal)
        except Exception:
            log.exception("document %s cannot catch up", document.id)

    async def catch_up(self, document: OpenDocument) -> None:
        """Read what is newer in the log, take it in order and show it to everybody here.

        Raises NotFound when the document is gone, or was replaced and must be opened anew, and Quarantined.
        """
        async with document.catching_up:
            try:
                rows = await self._database.read(store.since, document.id, document.seq)
            except store.Compacted:
                loaded = await self.proving.read(document.id)
                if loaded.epoch != document.epoch:
                    raise NotFound("the document was replaced") from None
                if loaded.snapshot and loaded.snapshot.seq > document.seq:
                    self._relay(document, document.take_snapshot(loaded.snapshot), None)
                rows = loaded.tail
            for row in rows:
                if row.seq == document.seq + 1:
                    self._take(document, row.seq, row.payload)
                    self._relay(document, row.payload, None)
        self._take_parked(document)

    def _take(
        self, document: OpenDocument, seq: int, update: bytes, summaries: Iterable[updates.Summary] | None = None
    ) -> None:
        """Have a document take the next rows. Raises Quarantined when it cannot: then nobody else can load them."""
        try:
            document.take(seq, update, summaries)
        except BaseException as error:  # a panic of pycrdt is no Exception
            if not loading.is_fault(error):
                raise
            self._condemn(document, Fault(*loading.describe(error)), seq)
            raise Quarantined("its newest words cannot be loaded") from error

    def _condemn(self, document: OpenDocument, fault: Fault, seq: int) -> None:
        """Put out whoever is here, and keep everybody from coming back."""
        log.warning("document %s up to %s failed: %s %s", document.id, seq, fault.code, fault.details)
        self.condemned(document)
        self._later(self._set_apart(document, fault, seq))

    async def _set_apart(self, document: OpenDocument, fault: Fault, seq: int) -> None:
        try:
            await self.proving.set_apart(document, fault, seq)
        except Refusal as refusal:  # the database is away: whoever loads the document next finds the same
            log.warning("document %s is not set apart: %s", document.id, refusal)

    async def compact(self, document: OpenDocument) -> None:
        """Take a snapshot and empty the rows that it holds. What is written meanwhile is in the rows after it."""
        async with document.compacting:
            await self._compact(document)

    async def _compact(self, document: OpenDocument) -> None:
        seq, size, before = document.seq, document.size, document.compacted_seq
        if seq == before:
            return
        document.compacted_seq = seq  # whatever comes of it, not again before as many more rows
        document.weigh = False
        encoded, known = document.whole(), dict(document.known)
        if encoded is None:
            log.error("document %s has operations that wait for others: no snapshot", document.id)
            return
        try:
            if not await self.proving.is_proven(document.id, encoded, known):
                return
        except asyncio.CancelledError:  # the process ends, and takes its snapshots then
            document.compacted_seq = before
            raise
        if document.compacted_seq == seq:  # else it took a newer one of another process
            document.size += len(encoded) - size
        stored = await self._database.write(store.compact, document.id, epoch=document.epoch, seq=seq, payload=encoded)
        log.info(
            "document %s rows %s to %s snapshot %s", document.id, before, seq, "stored" if stored else "not needed"
        )

    def stop(self) -> None:
        """Begin nothing more: the database is about to be let go."""
        for task in self._looking:
            task.cancel()
        self.proving.stop()
        for timer in (*self._leaving.values(), *self._late.values()):
            timer.cancel()

    def enter(self, document: OpenDocument, participant: "Participant") -> None:
        """Let a participant in: from here on it receives what `take` is followed by."""
        document.participants[participant.id] = participant
        self.room(document, participant, True)
        self._stay(document.id)

    def leave(self, document: OpenDocument, participant: "Participant") -> None:
        """Take a participant out; the last one turns off the light, a little later."""
        document.participants.pop(participant.id, None)
        self.room(document, participant, False)
        self._linger(document)

    def drop(self, document: OpenDocument) -> None:
        """Forget a document at once: it is gone, or was replaced."""
        self._stay(document.id)
        if self._open.get(document.id) is document:
            del self._open[document.id]

    def _linger(self, document: OpenDocument) -> None:
        if document.participants:
            return
        self._stay(document.id)
        loop = asyncio.get_running_loop()
        self._leaving[document.id] = loop.call_later(LINGER_SECONDS, self._forget, document)

    def _stay(self, document_id: int) -> None:
        if (timer := self._leaving.pop(document_id, None)) is not None:
            timer.cancel()

    def _forget(self, document: OpenDocument) -> None:
        self._leaving.pop(document.id, None)
        if document.participants or self._open.get(document.id) is not document:
            return
        del self._open[document.id]
