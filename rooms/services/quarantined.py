"""What staff do with a document that cannot be opened: look at what is stored, try again, restore, export."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from rooms import quarantine, store
from rooms.canary.process import Fault
from rooms.canary.wire import Work
from rooms.core import loading, prosemirror
from rooms.models import AuditEntry, Document, Quarantine, Snapshot, Update, User
from rooms.triggers import record


class Changed(Exception):
    """The document is not in quarantine any more, or was replaced or written meanwhile."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot that is stored of a document, and what keeps it from loading by itself."""

    pk: int
    epoch: int
    seq: int
    size: int
    at: datetime
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of a document: snapshots, the newest first, and the batches that no snapshot holds."""

    kept: list[Kept]
    batches: int
    size: int


def stored(*, document: Document) -> Stored:
    """Return what is stored of a document, each snapshot tried by a canary. Raises NoTime."""
    kept = []
    for one in document.snapshots.order_by("-seq"):
        fault = quarantine.prove(_alone(document, one), Work.LOOK)
        kept.append(Kept(one.pk, one.epoch, one.seq, len(one.payload), one.created_at, fault))
    tail = store.load(document.pk, even_quarantined=True).tail
    return Stored(kept, len(tail), sum(len(row.payload) for row in tail))


def try_again(*, document: Document) -> Fault | None:
    """Have a canary load the document, and let people in again when it does. Returns what is still wrong.

    Raises NoTime.
    """
    fault = quarantine.prove(store.load(document.pk, even_quarantined=True), Work.LOOK)
    if fault is None:
        Quarantine.objects.filter(document=document).delete()
    return fault


def restore(*, document: Document, snapshot: Snapshot, by: User) -> Fault | None:
    """Make a stored snapshot the document again, as a new lineage, and let people in.

    Returns what keeps it from loading, if anything: then nothing is changed. What was written after it stays in the
    log, as part of the old lineage, until the next snapshot is taken. Raises Changed, and NoTime.
    """
    fault = quarantine.prove(_alone(document, snapshot), Work.LOOK)
    if fault is not None:
        return fault
    with transaction.atomic():
        _start_anew(document, snapshot, by)
    return None


def _start_anew(document: Document, snapshot: Snapshot, by: User) -> None:
    """Under the lock of the document's row, as every batch of the log."""
    current = Document.objects.select_for_update(no_key=True).filter(pk=document.pk).first()
    if current is None or not Quarantine.objects.filter(document=current).exists():
        raise Changed
    current.epoch += 1
    current.head += 1
    current.save(update_fields=["epoch", "head"])
    # A batch without words of its own: the history says who restored and when, and `seq` has no holes.
    Update.objects.create(document=current, seq=current.head, author=by, at=timezone.now(), payload=None)
    payload = bytes(snapshot.payload)
    proof = loading.proof_of(payload)
    Snapshot.objects.create(document=current, epoch=current.epoch, seq=current.head, payload=payload, proof=proof)
    store.forget_old_snapshots(current.pk)
    Quarantine.objects.filter(document=current).delete()
    detail = f"“{current.title}”, as of {snapshot.created_at:%Y-%m-%d %H:%M} UTC"
    record(AuditEntry.Action.RESTORED, room=current.room, detail=detail)


# --- Export -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Readable:
    """What can be read of a document, and up to which batch of the log."""

    content: prosemirror.Node
    epoch: int
    seq: int


def readable(*, document: Document) -> Readable | None:
    """Return the most that a canary can read: everything, the newest snapshot with the batches after it as far as they
    load, or an earlier snapshot. None: nothing at all. Raises NoTime.
    """
    whole = store.load(document.pk, even_quarantined=True)
    found = _longest(whole)
    for earlier in () if found else document.snapshots.order_by("-seq"):
        alone = _alone(document, earlier)
        content = quarantine.content(alone)
        if not isinstance(content, Fault):
            found = Readable(content, earlier.epoch, earlier.seq)
            break
    if found is not None:
        detail = f"“{document.title}”, what is readable of it"
        record(AuditEntry.Action.EXPORTED, room=document.room, detail=detail)
    return found


def _longest(whole: store.Loaded) -> Readable | None:
    """The longest beginning that can be read: halved until it is found, for each try may cost a process."""
    reads, fails = -1, len(whole.tail) + 1
    best: Readable | None = None
    # Everything first, then nothing but the snapshot: one of the two is the answer nearly always.
    tries = [len(whole.tail), 0]
    while reads + 1 < fails:
        count = tries.pop(0) if tries else (reads + fails) // 2
        if not reads < count < fails:
            continue
        content = _content(whole, whole.tail[:count])
        if isinstance(content, Fault):
            fails = count
            if content.code == Quarantine.Code.TIMED_OUT and reads >= 0:
                break
        else:
            reads = count
            seq = whole.tail[count - 1].seq if count else whole.snapshot.seq if whole.snapshot else 0
            best = Readable(content, whole.epoch, seq)
    return best if best is not None and (best.seq or not whole.tail) else None


def _content(whole: store.Loaded, tail: Sequence[store.Row]) -> prosemirror.Node | Fault:
    return quarantine.content(replace(whole, tail=list(tail)))


def _alone(document: Document, snapshot: Snapshot) -> store.Loaded:
    held = store.Row(snapshot.seq, bytes(snapshot.payload))
    return store.Loaded(document.pk, document.room_id, document.key, document.title, snapshot.epoch, held, [])


def as_text(content: prosemirror.Node) -> str:
    """Return the words of a document, one line for each block that holds words."""
    lines: list[str] = []
    _gather(content, lines)
    return "\n".join(lines) + "\n"


def _gather(node: prosemirror.Node, lines: list[str]) -> None:
    children = node.get("content", ())
    words = "".join(str(child.get("text", "")) for child in children if child["type"] == "text")
    if words:
        lines.append(words)
    for child in children:
        if child["type"] != "text":
            _gather(child, lines)
