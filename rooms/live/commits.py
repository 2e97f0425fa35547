"""The commit is the clock: one writer commits what has gathered since its last commit, for all documents at once.

Alone, an edit waits for nothing. Under load batches grow by themselves, and each is merged, encoded and relayed once
a document: the cost of handing out grows with people, not with people times typing speed.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from pycrdt import merge_updates

from rooms import store
from rooms.core.ahead import repeats
from rooms.core.errors import BadFrame, Busy, Refusal
from rooms.core.loading import is_fault
from rooms.core.updates import Summary
from rooms.live.bridge import Database
from rooms.live.documents import Documents
from rooms.live.open_document import OpenDocument
from rooms.live.participants import Participant
from rooms.live.wire import Answer, Later

log = logging.getLogger(__name__)

# Merging is superlinear: 100 fresh updates take 0.1 ms, 1,000 take 5 ms (shared measurements of pycrdt 0.14).
MERGE_AT_MOST = 100
# From the start of one batch to that of the next, at least: what comes meanwhile shares a commit. An edit that comes
# later than that after the last batch waits for nothing.
LEAST_PERIOD_SECONDS = 0.004
# Under load it grows with what a batch takes, to this: short enough to feel at once.
MOST_PERIOD_SECONDS = 0.008
PERIOD_FACTOR = 2
# What one transaction may hold: its statements stay below what databases take, and its writers wait no longer for it.
MAX_BATCH = 5_000
# What an edit holds in memory beside its bytes: itself and its summary, and each operation and deleted range in that.
# Measured: a letter of 20 bytes takes 1,060, and a thousand letters beside one another, 5,015 bytes, take 173,000.
EDIT_BYTES = 900
OPERATION_BYTES = 170
# What one participant may have waiting. Beyond it nothing more is read from that line until a batch has landed.
MAX_AHEAD = 256


class Edit(Later):
    """One edit that passed the ingress check, on its way into the log."""

    __slots__ = ("alone", "held", "participant", "summary", "update")

    def __init__(self, participant: Participant, update: bytes, summary: Summary) -> None:
        super().__init__()
        self.participant = participant
        self.update = update
        self.summary = summary
        # Bytes of memory that it takes while it waits, about.
        self.held = len(update) + EDIT_BYTES + OPERATION_BYTES * (len(summary.items) + len(summary.deletes))
        # It repeats what the document has: it gets a row of its own.
        self.alone = False


class CommitQueue:
    """Takes edits that passed the ingress check; answers each once it is durable and others have it.

    `reply(edits, answer)` gives the same answer to several. `refused(participant, refusal)` hears of every person
    whom the database, or a document that is gone, refused. No more than `max_pending` edits and `max_pending_bytes`
    of memory wait; of an edit that takes more than that by itself there is one.
    """

    def __init__(
        self,
        database: Database,
        documents: Documents,
        *,
        check_rights: bool,
        max_pending: int,
        max_pending_bytes: int,
        reply: Callable[[Iterable[Edit], Answer], None],
        refused: Callable[[Participant, Refusal], None],
    ) -> None:
        self._database = database
        self._documents = documents
        self._check_rights = check_rights
        self._max_pending = max_pending
        self._max_pending_bytes = max_pending_bytes
        self._reply = reply
        self._refused = refused
        self._pending: list[Edit] = []
        self._bytes = 0
        self._pump: asyncio.Task[None] | None = None
        self._landing: asyncio.Future[None] | None = None
        # On the loop's clock: not before this moment does the next batch begin.
        self._next_batch = 0.0

    @staticmethod
    def must_wait(participant: Participant, summary: Summary, ground: dict[int, int]) -> bool:
        """Whether something on its way into the log could contradict an edit that stands on `ground`.

        Operations of one writer come from one participant at a time, and what is merged into one row of the log repeats
        nothing: with a repetition in it, a row could have a hole, different operations under one number, or
        references in a circle, none of which was in the edits that it was merged from.
        """
        writing = participant.document.writing
        if any(writing.get(client, participant) is not participant for client in summary.ranges):
            return True
        if participant.waiting is None and participant.flying is None:
            return False
        if participant.waiting is not None and participant.waiting.edits >= MAX_AHEAD:
            return True
        return participant.repeating or repeats(summary, ground)

    async def landed(self) -> None:
        """Return when the batch that is being committed is over; at once when there is none."""
        if self._pump is None:
            return
        if self._landing is None:
            self._landing = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._landing)

    def add(self, edit: Edit, ground: dict[int, int]) -> None:
        """Queue an edit that was checked against `ground` just now. Raises Busy when too much waits already."""
        if len(self._pending) >= self._max_pending or (
            self._pending and self._bytes + edit.held > self._max_pending_bytes
        ):
            raise Busy("too much waits for the database", retry_after=0.5)
        edit.alone = edit.participant.send_ahead(edit.summary, ground)
        self._pending.append(edit)
        self._bytes += edit.held
        edit.participant.document.coming += len(edit.update)
        if self._pump is None:
            self._pump = asyncio.create_task(self._run())

    @property
    def waiting(self) -> int:
        """How many edits wait for their commit."""
        return len(self._pending)

    async def drain(self) -> None:
        """Return once everything queued so far is committed and answered."""
        if self._pump is not None:
            await asyncio.shield(self._pump)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._pending:
                if (rest := self._next_batch - loop.time()) > 0:
                    await asyncio.sleep(rest)
                started = loop.time()
                batch, self._pending = self._pending[:MAX_BATCH], self._pending[MAX_BATCH:]
                self._bytes -= sum(edit.held for edit in batch)
                await self._commit(batch)
                period = PERIOD_FACTOR * (loop.time() - started)
                self._next_batch = started + min(max(period, LEAST_PERIOD_SECONDS), MOST_PERIOD_SECONDS)
        finally:
            self._pump = None

    async def _commit(self, batch: Sequence[Edit]) -> None:
        writers = {edit.participant for edit in batch}
        for participant in writers:
            participant.take_off()
        try:
            await self._store(batch)
        except Refusal as refusal:
            self._refuse(batch, refusal)
        except Exception:
            log.exception("a batch of %s edits failed", len(batch))
            self._refuse(batch, Refusal("the batch failed"))
        finally:
            for edit in batch:
                edit.participant.document.coming -= len(edit.update)
            for participant in writers:
                participant.land()
            landing, self._landing = self._landing, None
            if landing is not None:
                landing.set_result(None)

    async def _store(self, batch: Sequence[Edit]) -> None:
        groups = _group(batch)
        entries = [
            store.Entry(
                document.id,
                document.epoch,
                author_id,
                merge([edit.update for edit in group]),
                document.room_id,
                document.writers.unsettled(author_id, [edit.summary for edit in group], document.known),
            )
            for (document, author_id, _), group in groups.items()
        ]
        appended = await self._database.write(store.append, entries, check_rights=self._check_rights)
        stored: dict[OpenDocument, tuple[list[bytes], list[Edit]]] = {}
        for (key, group), entry in zip(groups.items(), entries, strict=True):
            refusal = appended.refused.get((entry.document_id, entry.author_id))
            if refusal is None:
                payloads, edits = stored.setdefault(key[0], ([], []))
                payloads.append(entry.payload)
                edits.extend(group)
                for client_id in entry.writers:
                    key[0].writers.stored(client_id, entry.author_id)
            else:
                key[0].writers.refused(entry.writers)
                self._refuse(group, refusal)
                for participant in {edit.participant for edit in group}:
                    self._refused(participant, refusal)
        for document, (payloads, edits) in stored.items():
            await self._show(document, appended.stored[document.id], payloads, edits)

    async def _show(
        self, document: OpenDocument, rows: tuple[int, int], payloads: Sequence[bytes], edits: Sequence[Edit]
    ) -> None:
        """Relay what was stored of one document, merged, and answer its writers."""
        first = edits[0].participant
        # The only writer of a batch has its own words already.
        alone = first if all(edit.participant is first for edit in edits) else None
        try:
            summaries = [edit.summary for edit in edits]
            await self._documents.advance(document, rows, merge(payloads), summaries, alone)
            if document.overtime:
                self._documents.costly({edit.participant for edit in edits}, document.overtime)
        except Refusal as refusal:
            self._refuse(edits, refusal)
        except Exception:
            log.exception("document %s cannot be shown", document.id)
            self._refuse(edits, Refusal("stored, and not shown"))
        else:
            self._reply(edits, {"ok": True, "seq": rows[1]})

    def _refuse(self, edits: Iterable[Edit], refusal: Refusal) -> None:
        """Refuse edits, and what the same participants sent after them: it builds on them."""
        edits = list(edits)
        writers = {edit.participant for edit in edits}
        dropped = [edit for edit in self._pending if edit.participant in writers]
        for edit in dropped:
            edit.participant.document.coming -= len(edit.update)
        edits += dropped
        self._pending = [edit for edit in self._pending if edit.participant not in writers]
        self._bytes = sum(edit.held for edit in self._pending)
        for participant in writers:
            participant.abandon()
        self._reply(edits, refusal.answer())


# Document, author, and the edit itself where it has a row of its own.
_GroupKey = tuple[OpenDocument, int, Edit | None]


def _group(batch: Sequence[Edit]) -> dict[_GroupKey, list[Edit]]:
    groups: dict[_GroupKey, list[Edit]] = {}
    for edit in batch:
        participant = edit.participant
        key = (participant.document, participant.person.user_id, edit if edit.alone else None)
        groups.setdefault(key, []).append(edit)
    return groups


def merge(several: Sequence[bytes]) -> bytes:
    """Return one update with the content of all. Raises BadFrame when one of them cannot be decoded."""
    parts = list(several)
    try:
        while len(parts) > 1:
            parts = [
                merge_updates(*parts[start : start + MERGE_AT_MOST]) for start in range(0, len(parts), MERGE_AT_MOST)
            ]
    except BaseException as error:
        if not is_fault(error):
            raise
        raise BadFrame("an update that cannot be decoded") from error
    return parts[0]
