"""Documents that somebody has open here: a Doc fed in the order of the log, and who receives its edits."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from pycrdt import Doc

from rooms import store
from rooms.core import state, updates
from rooms.core.errors import NotFound
from rooms.core.outline import Outline
from rooms.core.presence import Presence
from rooms.live.bridge import Database
from rooms.live.wire import Line

if TYPE_CHECKING:
    from rooms.live.participants import Participant

log = logging.getLogger(__name__)

# A document stays in memory this long after the last one left: a reload finds it warm.
LINGER_SECONDS = 30.0
# A snapshot is taken when this many rows came after the last one. Five hundred small rows load in about 10 ms.
COMPACT_ROWS = 500
# Answers that are kept for others who ask the same. A client can ask for ever, each time something else.
MAX_ANSWERS = 64


class OpenDocument:
    """The content of one document as of `seq`, and its participants.

    Only ever fed by `take`, in the order of the log: pycrdt can stay stuck for ever on another order (trap Y1).
    """

    def __init__(self, loaded: store.Loaded) -> None:
        self.id = loaded.document_id
        self.room_id = loaded.room_id
        self.key = loaded.key
        self.title = loaded.title
        self.epoch = loaded.epoch
        self.seq = 0
        self.compacted_seq = loaded.snapshot.seq if loaded.snapshot else 0
        self.presence = Presence()
        self.participants: dict[str, Participant] = {}  # by participant id
        self.catching_up = asyncio.Lock()
        self._doc: Doc[Any] = Doc()
        # client → clock: what the Doc should hold by what it was fed. `whole` compares it with what it does hold.
        self._known: dict[int, int] = {}
        self._outline = Outline()
        # client → who has operations of that writer on their way into the log
        self.writing: dict[int, Participant] = {}
        self._answers: dict[bytes, bytes] = {}
        if loaded.snapshot:
            self.take_snapshot(loaded.snapshot)
        for row in loaded.tail:
            self.take(row.seq, row.payload)

    @property
    def known(self) -> dict[int, int]:
        return self._known

    def take(self, seq: int, update: bytes, summaries: Iterable[updates.Summary] | None = None) -> None:
        """Apply the next update of the log, which brings the document to `seq`.

        `summaries` are those of the edits that it was merged from, in their order, where they were read already.
        """
        if summaries is None:
            summaries = (updates.read(update),)
        self._doc.apply_update(update)
        for summary in summaries:
            self._outline.add(summary, self._known)
            updates.advance(summary, self._known)
        self.seq = seq
        self._answers.clear()

    def take_snapshot(self, snapshot: store.Row) -> bytes:
        """Apply a whole document and return what of it was new here."""
        before = self._doc.get_state()
        self._doc.apply_update(snapshot.payload)
        self._outline.add(updates.read(snapshot.payload), self._known)
        for client, clock in state.decode(self._doc.get_state()).items():
            self._known[client] = max(clock, self._known.get(client, 0))
        self.seq = snapshot.seq
        self._answers.clear()
        return self._doc.get_update(before)

    @property
    def outline(self) -> Outline:
        """Where the operations of this document stand."""
        return self._outline

    def state_vector(self) -> bytes:
        return self._doc.get_state()

    def missing(self, have: bytes) -> bytes:
        """Return the update that a client with the state vector `have` lacks.

        Whoever comes back after a restart asks nearly the same question: equal ones share an answer.
        """
        answer = self._answers.get(have)
        if answer is None:
            if len(self._answers) >= MAX_ANSWERS:
                self._answers.clear()
            answer = self._answers[have] = self._doc.get_update(have)
        return answer

    def whole(self) -> bytes | None:
        """Return the document's own encoding for a snapshot, or None while that would lose something.

        `get_update` leaves out what still waits for a parent (trap Y2), so what the Doc holds is compared with what
        it was fed, and the encoding is loaded once before it may replace rows of the log.
        """
        if state.decode(self._doc.get_state()) != self._known:
            return None
        encoded = self._doc.get_update()
        proof: Doc[Any] = Doc()
        proof.apply_update(encoded)
        if state.decode(proof.get_state()) != self._known:
            return None
        return encoded

    def lines(self, *, but: "Participant | None" = None) -> list[Line]:
        """The lines that receive this document's events, without that of one participant."""
        return [participant.client.line for participant in self.participants.values() if participant is not but]

    def holder(self, client_id: int) -> "Participant | None":
        """Return who writes under that Yjs clientID now (trap Y5)."""
        for participant in self.participants.values():
            if participant.client_id == client_id:
                return participant
        return None


class Documents:
    """Every open document of this process. `relay(document, update, but)` shows an update to its participants."""

    def __init__(self, database: Database, relay: Callable[[OpenDocument, bytes, "Participant | None"], None]) -> None:
        self._database = database
        self._relay = relay
        self._open: dict[int, OpenDocument] = {}
        self._loading: dict[int, asyncio.Task[OpenDocument]] = {}
        self._leaving: dict[int, asyncio.TimerHandle] = {}

    def long(self) -> list[OpenDocument]:
        """The documents that are due for a snapshot."""
        return [document for document in self._open.values() if document.seq - document.compacted_seq >= COMPACT_ROWS]

    def all(self) -> list[OpenDocument]:
        return list(self._open.values())

    async def get(self, document_id: int) -> OpenDocument:
        """Return the document, from memory or the log. Raises NotFound. Several who ask at once load it once."""
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
        def load() -> OpenDocument:
            return OpenDocument(store.load(document_id))

        document = await self._database.read(load)
        self._open[document_id] = document
        self._linger(document)
        return document

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
        first, last = rows
        if first == document.seq + 1:
            document.take(last, update, summaries)
            self._relay(document, update, by)
        elif last > document.seq:
            await self.catch_up(document)

    async def catch_up(self, document: OpenDocument) -> None:
        """Read what is newer in the log, take it in order and show it to everybody here.

        Raises NotFound when the document is gone, or was replaced and must be opened anew.
        """
        async with document.catching_up:
            try:
                rows = await self._database.read(store.since, document.id, document.seq)
            except store.Compacted:
                loaded = await self._database.read(store.load, document.id)
                if loaded.epoch != document.epoch:
                    raise NotFound("the document was replaced") from None
                if loaded.snapshot and loaded.snapshot.seq > document.seq:
                    self._relay(document, document.take_snapshot(loaded.snapshot), None)
                rows = loaded.tail
            for row in rows:
                if row.seq == document.seq + 1:
                    document.take(row.seq, row.payload)
                    self._relay(document, row.payload, None)

    async def compact(self, document: OpenDocument) -> None:
        """Take a snapshot and empty the rows that it holds."""
        seq, before = document.seq, document.compacted_seq
        if seq == before:
            return
        document.compacted_seq = seq  # whatever comes of it, not again before as many more rows
        encoded = document.whole()
        if encoded is None:
            log.error("document %s has operations that wait for others: no snapshot", document.id)
            return
        stored = await self._database.write(store.compact, document.id, epoch=document.epoch, seq=seq, payload=encoded)
        log.info(
            "document %s rows %s to %s snapshot %s", document.id, before, seq, "stored" if stored else "not needed"
        )

    def enter(self, document: OpenDocument, participant: "Participant") -> None:
        """Let a participant in: from here on it receives what `take` is followed by."""
        document.participants[participant.id] = participant
        self._stay(document.id)

    def leave(self, document: OpenDocument, participant: "Participant") -> None:
        """Take a participant out; the last one turns off the light, a little later."""
        document.participants.pop(participant.id, None)
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
