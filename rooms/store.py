"""The durable log: append, load, read on, compact. Synchronous: `rooms/live` calls it through its bridge.

SQL by hand where every edit passes: a commit is the clock of the edit path (DESIGN, "One edit, door to door"), and
the ORM's queries cost three times what SQLite needs for them. Both databases run the same statements; only the
row locks differ.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.transaction import atomic
from django.utils import timezone

from rooms import writers
from rooms.core.access import RIGHTS, Right, Role
from rooms.core.errors import BadFrame, Forbidden, NotFound, Quarantined, Refusal, StaleEpoch
from rooms.core.loading import proof_of
from rooms.models import Document, Snapshot, Update
from rooms.statements import (
    AT_ONCE,
    Rows,
    Statement,
    Transaction,
    batches,
    group_roles_of,
    link_roles_of,
    roles_of,
    transaction,
)

_DOCUMENT = Document._meta.db_table
_UPDATE = Update._meta.db_table

# `edited_at` is for lists that people read, and an index has it: it is written again once it is older than this.
_EDITED_WITHIN = timedelta(seconds=10)

_MAY_EDIT = frozenset(role.value for role in Role if Right.EDIT in RIGHTS[role])


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person wrote into one document since the last commit, merged."""

    document_id: int
    epoch: int
    author_id: int
    payload: bytes
    # The room in which the document was when it was opened. Rights are read for the one in which it is.
    room_id: int = 0
    # Yjs client ids under which it has something new, and of which it is not known that they are its author's.
    writers: tuple[int, ...] = ()


@dataclass(slots=True)
class Appended:
    """What became of a batch of entries."""

    # document id → (seq of its first row in this commit, seq of its last)
    stored: dict[int, tuple[int, int]] = field(default_factory=dict)
    # (document id, author id) → why nothing of that person was stored there
    refused: dict[tuple[int, int], Refusal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the log."""

    seq: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document as the log has it: a snapshot (None: there is none yet) and what came after it."""

    document_id: int
    room_id: int
    key: str
    title: str
    epoch: int
    snapshot: Row | None
    tail: list[Row]
    comments_version: int = 0
    # The snapshot is byte for byte what was loaded once when it was taken.
    proven: bool = False

    @property
    def seq(self) -> int:
        if self.tail:
            return self.tail[-1].seq
        return self.snapshot.seq if self.snapshot else 0


class Compacted(Exception):
    """Rows that were asked for are in a snapshot by now: load the document instead."""


def append(entries: Sequence[Entry], *, check_rights: bool) -> Appended:
    """Commit `entries` in one transaction: rights of every author, then the log.

    Documents are locked in the order of their ids, so that processes cannot wait for each other in a
    circle, and stay locked until the commit, which makes `seq` the order of commits. With `check_rights` the
    memberships are read, and on PostgreSQL locked, inside: once a removal has committed, no edit of that person
    can still commit. Whose the client ids are is read inside too, and stored with the first words under each. The
    others' edits are stored whatever is refused.
    """
    result = Appended()
    with transaction() as running:
        claims = [((entry.document_id, one), entry.author_id) for entry in entries for one in entry.writers]
        documents, editors, owners = _read(running, entries, [key for key, _ in claims], check_rights=check_rights)
        forgers = writers.forgers(claims, owners)
        now = timezone.now()
        at = connection.ops.adapt_datetimefield_value(now)
        rows: list[tuple[int, int, int, str | None, bytes]] = []
        for entry in entries:
            if (refusal := _refusal(entry, documents, editors, forgers)) is not None:
                result.refused[entry.document_id, entry.author_id] = refusal
                continue
            document = documents[entry.document_id]
            document.head += 1
            first, _ = result.stored.get(entry.document_id, (document.head, 0))
            result.stored[entry.document_id] = (first, document.head)
            rows.append((entry.document_id, document.head, entry.author_id, at, entry.payload))
        heads = [(document_id, last) for document_id, (_, last) in result.stored.items()]
        stale = [pk for pk in result.stored if documents[pk].edited_at < now - _EDITED_WITHIN]
        new = {key: user for key, user in claims if key not in owners and (key[0], user) not in result.refused}
        running.commit(
            *(_insert(some) for some in batches(rows, AT_ONCE)),
            *writers.store(new),
            *(_set_heads(some) for some in batches(heads, AT_ONCE)),
            *(_set_edited(some, at) for some in batches(stale, AT_ONCE)),
        )
    return result


def _insert(rows: Sequence[tuple[int, int, int, str | None, bytes]]) -> Statement:
    """All rows in one statement.

    Each statement gives the interpreter away and waits until the busy event loop gives it back, and `executemany` is
    one for each row: that, and not SQL, is what a large batch would spend its time on.
    """
    marks = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
    return (
        f"INSERT INTO {_UPDATE} (document_id, seq, author_id, at, payload) VALUES {marks}",
        [value for row in rows for value in row],
    )


def _set_heads(heads: Sequence[tuple[int, int]]) -> Statement:
    if len(heads) == 1:
        return f"UPDATE {_DOCUMENT} SET head = %s WHERE id = %s", [heads[0][1], heads[0][0]]
    marks = ", ".join(["(%s, %s)"] * len(heads))
    return (
        f"WITH new (id, head) AS (VALUES {marks}) "
        f"UPDATE {_DOCUMENT} SET head = new.head FROM new WHERE {_DOCUMENT}.id = new.id",
        [value for pair in heads for value in pair],
    )


def _set_edited(ids: Sequence[int], at: str | None) -> Statement:
    return f"UPDATE {_DOCUMENT} SET edited_at = %s WHERE id IN ({_marks(ids)})", [at, *ids]


def _marks(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


@dataclass(slots=True)
class _Locked:
    room_id: int
    epoch: int
    head: int
    edited_at: datetime


@dataclass(slots=True)
class _Editors:
    """(user id, room id) and (user id, document id) → may edit, for everybody who has a role there."""

    in_room: dict[tuple[int, int], bool] = field(default_factory=dict)
    in_document: dict[tuple[int, int], bool] = field(default_factory=dict)

    def note(self, rows: Rows, *, of_documents: bool = False) -> None:
        known = self.in_document if of_documents else self.in_room
        for user, place, role in rows:
            known[user, place] = known.get((user, place), False) or role in _MAY_EDIT

    def may_edit(self, user: int, room: int, document: int) -> bool | None:
        """None: a stranger."""
        found = [self.in_room.get((user, room)), self.in_document.get((user, document))]
        return None if found == [None, None] else any(found)


def _read(
    running: Transaction, entries: Sequence[Entry], claimed: Sequence[writers.Key], *, check_rights: bool
) -> tuple[dict[int, _Locked], _Editors | None, writers.Owners]:
    """Lock the documents, and read the rights of the authors with them, and whose the client ids are.

    One round trip when every author is an editor of the room by a membership of their own, which nearly all are. For
    the rest groups and links are read in another.
    """
    ids = sorted({entry.document_id for entry in entries})
    lock = (
        f"SELECT id, room_id, epoch, head, edited_at FROM {_DOCUMENT} WHERE id IN ({_marks(ids)}) ORDER BY id"
        f"{' FOR NO KEY UPDATE' if connection.vendor == 'postgresql' else ''}",
        ids,
    )
    pairs = {(entry.author_id, entry.room_id) for entry in entries}
    rights = [roles_of(sorted(pairs), lock=True)] if check_rights else []
    rows, *found = running.run(lock, *rights, *writers.read(claimed))
    documents = {pk: _Locked(room, epoch, head, _moment(edited)) for pk, room, epoch, head, edited in rows}
    owners = writers.owners(found[len(rights) :])
    if not check_rights:
        return documents, None, owners
    editors = _Editors()
    editors.note(found[0])
    asked = {
        (entry.author_id, documents[entry.document_id].room_id, entry.document_id)
        for entry in entries
        if entry.document_id in documents
    }
    if others := [one for one in asked if not editors.may_edit(*one)]:
        in_rooms = sorted({(user, room) for user, room, _ in others})
        in_documents = sorted({(user, document) for user, _, document in others})
        members, groups, guests = running.run(
            roles_of(in_rooms, lock=True), group_roles_of(in_rooms, lock=True), link_roles_of(in_documents, lock=True)
        )
        editors.note(members)
        editors.note(groups)
        editors.note(guests, of_documents=True)
    return documents, editors, owners


def _moment(value: datetime) -> datetime:
    """Return a point in time as both databases have it: Django's SQLite stores UTC, without saying so."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _refusal(
    entry: Entry, documents: dict[int, _Locked], editors: _Editors | None, forgers: Collection[tuple[int, int]]
) -> Refusal | None:
    document = documents.get(entry.document_id)
    if document is None:
        return NotFound("the document is gone")
    if editors is not None:
        may_edit = editors.may_edit(entry.author_id, document.room_id, entry.document_id)
        if may_edit is None:
            return NotFound("no member of the room")
        if not may_edit:
            return Forbidden("the role does not allow edits")
    if document.epoch != entry.epoch:
        return StaleEpoch("the document was replaced")
    if (entry.document_id, entry.author_id) in forgers:
        return BadFrame("operations under somebody else's client_id")
    return None


def load(document_id: int, *, even_quarantined: bool = False) -> Loaded:
    """Read a document's snapshot and everything after it. Raises NotFound, and Quarantined."""
    while True:
        try:
            return _load(document_id, even_quarantined=even_quarantined)
        except Compacted:  # between the two reads; the newer snapshot is there now
            continue


def _load(document_id: int, *, even_quarantined: bool) -> Loaded:
    fields = ("room_id", "key", "title", "epoch", "comments_version", "quarantine__pk")
    document = Document.objects.filter(pk=document_id).values_list(*fields).first()
    if document is None:
        raise NotFound("the document is gone")
    room_id, key, title, epoch, comments_version, quarantine = document
    if quarantine is not None and not even_quarantined:
        raise Quarantined("loading it failed")
    snapshot = (
        Snapshot.objects.filter(document_id=document_id, epoch=epoch)
        .order_by("-seq")
        .values_list("seq", "payload", "proof")
    ).first()
    held = Row(snapshot[0], bytes(snapshot[1])) if snapshot else None
    proven = snapshot is not None and held is not None and snapshot[2] == proof_of(held.payload)
    tail = since(document_id, held.seq if held else 0)
    return Loaded(document_id, room_id, key, title, epoch, held, tail, comments_version, proven)


def since(document_id: int, seq: int) -> list[Row]:
    """Return the rows after `seq`, in the order of the log. Raises Compacted when some are in a snapshot only."""
    rows = Update.objects.filter(document_id=document_id, seq__gt=seq).order_by("seq").values_list("seq", "payload")
    found = []
    for number, payload in rows:
        if payload is None:
            raise Compacted
        found.append(Row(number, bytes(payload)))
    return found


@dataclass(frozen=True, slots=True)
class Head:
    """The newest of a document: what the healing loop compares."""

    seq: int
    epoch: int
    title: str
    room_id: int
    comments_version: int = 0
    quarantine: int | None = None


def heads(document_ids: Iterable[int]) -> dict[int, Head]:
    """Return document id → Head for those that still exist, in one query for up to a thousand."""
    fields = ("pk", "head", "epoch", "title", "room_id", "comments_version", "quarantine__pk")
    found: dict[int, Head] = {}
    for some in batches(list(document_ids), AT_ONCE):
        rows = Document.objects.filter(pk__in=some).values_list(*fields)
        found |= {pk: Head(*rest) for pk, *rest in rows}
    return found


@atomic
def compact(document_id: int, *, epoch: int, seq: int, payload: bytes) -> bool:
    """Store `payload`, which was loaded once, as the snapshot up to `seq`, and empty the rows that it holds.

    Returns False, and changes nothing, when another process has a snapshot as new or the lineage changed.
    Author and time of every row stay.
    """
    current = Document.objects.select_for_update().filter(pk=document_id, epoch=epoch, head__gte=seq)
    if not list(current.values_list("pk")) or Snapshot.objects.filter(document_id=document_id, seq__gte=seq).exists():
        return False
    Snapshot.objects.create(document_id=document_id, epoch=epoch, seq=seq, payload=payload, proof=proof_of(payload))
    forget_old_snapshots(document_id)
    Update.objects.filter(document_id=document_id, seq__lte=seq, payload__isnull=False).update(payload=None)
    return True


def forget_old_snapshots(document_id: int) -> None:
    """Keep the newest snapshot of a document, and so many before it as the settings say, of whatever lineage."""
    of_it = Snapshot.objects.filter(document_id=document_id)
    kept = of_it.order_by("-seq").values_list("pk", flat=True)[: 1 + settings.COLLAB_KEPT_SNAPSHOTS]
    of_it.exclude(pk__in=list(kept)).delete()
