"""The commit is the clock: one writer commits what has gathered since its last commit, for all documents at once.

Alone, an edit waits for nothing. Under load batches grow by themselves, and each is merged, encoded and relayed once
a document: the cost of handing out grows with people, not with people times typing speed.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pycrdt import merge_updates

from rooms import store
from rooms.core.errors import BadFrame, Busy, Refusal
from rooms.live.bridge import Database
from rooms.live.documents import Documents, OpenDocument
from rooms.live.participants import Participant

log = logging.getLogger(__name__)

# Merging is superlinear: 100 fresh updates take 0.1 ms, 1,000 take 5 ms (shared measurements of pycrdt 0.14).
MERGE_AT_MOST = 100
# Between batches under load: short enough to feel at once, long enough that a batch is worth its commit.
GAP_SECONDS = 0.008
# A batch of at most this many edits is people typing, not load.
QUIET = 3
# What may wait for the database. Beyond it clients keep their edits and come back.
MAX_PENDING = 20_000
MAX_PENDING_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Pending:
    participant: Participant
    update: bytes
    done: "asyncio.Future[int]"


class CommitQueue:
    """Takes edits that passed the ingress check; gives each its `seq` once it is durable and others have it."""

    def __init__(
        self,
        database: Database,
        documents: Documents,
        *,
        check_rights: bool,
        refused: Callable[[Participant, Refusal], None],
    ) -> None:
        self._database = database
        self._documents = documents
        self._check_rights = check_rights
        self._refused = refused
        self._pending: list[_Pending] = []
        self._bytes = 0
        self._pump: asyncio.Task[None] | None = None

    def add(self, participant: Participant, update: bytes) -> "asyncio.Future[int]":
        """Queue an edit. The future has its seq, or the refusal. Raises Busy when too much waits already."""
        if len(self._pending) >= MAX_PENDING or self._bytes + len(update) > MAX_PENDING_BYTES:
            raise Busy("too much waits for the database", retry_after=0.5)
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._pending.append(_Pending(participant, update, done))
        self._bytes += len(update)
        if self._pump is None:
            self._pump = asyncio.create_task(self._run())
        return done

    async def drain(self) -> None:
        """Return once everything queued so far is committed and answered."""
        if self._pump is not None:
            await asyncio.shield(self._pump)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._pending:
                started = loop.time()
                batch, self._pending, self._bytes = self._pending, [], 0
                await self._commit(batch)
                rest = GAP_SECONDS - (loop.time() - started)
                if rest > 0 and len(batch) > QUIET:
                    await asyncio.sleep(rest)
        finally:
            self._pump = None

    async def _commit(self, batch: Sequence[_Pending]) -> None:
        try:
            groups = _group(batch)
            entries = _merge_groups(groups)
            appended = await self._database.write(store.append, entries, check_rights=self._check_rights)
            await self._show(groups, entries, appended)
            self._answer(batch, appended)
        except Refusal as refusal:
            _fail(batch, refusal)
        except Exception:
            log.exception("a batch of %s edits failed", len(batch))
            _fail(batch, Refusal("the batch failed"))

    async def _show(
        self, groups: "dict[_GroupKey, list[_Pending]]", entries: Sequence[store.Entry], appended: store.Appended
    ) -> None:
        """Relay what was stored, merged once a document."""
        stored: dict[OpenDocument, list[bytes]] = {}
        writers: dict[OpenDocument, set[Participant]] = {}
        for (document, author_id), entry in zip(groups, entries, strict=True):
            if (document.id, author_id) not in appended.refused:
                stored.setdefault(document, []).append(entry.payload)
                writers.setdefault(document, set()).update(one.participant for one in groups[document, author_id])
        for document, payloads in stored.items():
            first, last = appended.stored[document.id]
            # The only writer of a batch has its own words already.
            alone = next(iter(writers[document])) if len(writers[document]) == 1 else None
            await self._documents.advance(document, first, last, merge(payloads), alone)

    def _answer(self, batch: Sequence[_Pending], appended: store.Appended) -> None:
        told: set[Participant] = set()
        for one in batch:
            document = one.participant.document
            refusal = appended.refused.get((document.id, one.participant.person.user_id))
            if refusal is None:
                if not one.done.done():
                    one.done.set_result(appended.stored[document.id][1])
                continue
            if not one.done.done():
                one.done.set_exception(refusal)
            if one.participant not in told:
                told.add(one.participant)
                self._refused(one.participant, refusal)


_GroupKey = tuple[OpenDocument, int]


def _group(batch: Sequence[_Pending]) -> "dict[_GroupKey, list[_Pending]]":
    groups: dict[_GroupKey, list[_Pending]] = {}
    for one in batch:
        groups.setdefault((one.participant.document, one.participant.person.user_id), []).append(one)
    return groups


def _merge_groups(groups: "dict[_GroupKey, list[_Pending]]") -> list[store.Entry]:
    return [
        store.Entry(document.id, document.epoch, author_id, merge([one.update for one in group]))
        for (document, author_id), group in groups.items()
    ]


def merge(updates: Sequence[bytes]) -> bytes:
    """Return one update with the content of all. Raises BadFrame when one of them cannot be decoded."""
    parts = list(updates)
    try:
        while len(parts) > 1:
            parts = [
                merge_updates(*parts[start : start + MERGE_AT_MOST]) for start in range(0, len(parts), MERGE_AT_MOST)
            ]
    except (ValueError, RuntimeError) as error:  # pycrdt raises either (trap Y6)
        raise BadFrame("an update that cannot be decoded") from error
    return parts[0]


def _fail(batch: Sequence[_Pending], refusal: Refusal) -> None:
    for one in batch:
        if not one.done.done():
            one.done.set_exception(refusal)
