"""Documents whose stored bytes were damaged, or made to harm whoever loads them: written past every check."""

from typing import Any

from django.utils import timezone
from pycrdt import Doc, Text

from rooms import store
from rooms.live.open_document import OpenDocument
from rooms.models import Document, Snapshot, Update
from tests.core import encoding as e


def value(raw: bytes) -> bytes:
    """An update that inserts one value, as lib0 encodes it, into a list."""
    return e.update(e.section(7, 0, e.item(e.ANY, e.uint(1) + raw, root="list")))


def written(*words: str) -> list[bytes]:
    """The updates of somebody who writes these words, one after the other."""
    doc: Doc[Any] = Doc()
    text = doc.get("text", type=Text)
    updates = []
    for word in words:
        before = doc.get_state()
        text.insert(len(str(text).encode()), word)
        updates.append(doc.get_update(before))
    return updates


def whole(*words: str) -> bytes:
    doc: Doc[Any] = Doc()
    doc.get("text", type=Text).insert(0, "".join(words))
    return doc.get_update()


# pycrdt overflows the stack while it reads them.
NESTED_VALUES = value(bytes([117, 1]) * 26_500 + bytes([126]))
# It loads them, and pages and exports would overflow theirs.
NESTED_XML = e.nested(40_000)
CLAIMS_TOO_MUCH = value(bytes([117]) + e.uint(2**27))
GARBAGE = b"\x01no update at all"
TRUNCATED = whole("words that were longer once. ")[:-12]


def snapshot(document: Document, payload: bytes, *, seq: int = 1) -> None:
    """Make `payload` the newest snapshot of a document."""
    Snapshot.objects.create(document=document, epoch=1, seq=seq, payload=payload)
    _head(document, seq)


def row(document: Document, payload: bytes | None, *, seq: int = 1) -> None:
    """Make `payload` the newest batch of a document's log."""
    Update.objects.create(document=document, seq=seq, author=None, at=timezone.now(), payload=payload)
    _head(document, seq)


def _head(document: Document, seq: int) -> None:
    Document.objects.filter(pk=document.pk).update(head=seq)


def snapshot_of(document: Document) -> Snapshot:
    """Take a snapshot of what is stored, as a process that ends does; return it."""
    loaded = OpenDocument(store.load(document.pk))
    encoded = loaded.whole()
    assert encoded is not None
    assert store.compact(document.pk, epoch=loaded.epoch, seq=loaded.seq, payload=encoded)
    return Snapshot.objects.get(document=document, seq=loaded.seq)
