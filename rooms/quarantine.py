"""What stands between stored bytes and this process: a canary loads them first, and what fails is set apart.

Synchronous: `rooms/live` calls it in threads.
"""

import atexit
import logging
from functools import cache, partial
from typing import Any

from django.conf import settings

from rooms import store
from rooms.canary.pool import Canaries, Unavailable
from rooms.canary.process import Canary, Fault
from rooms.canary.wire import Work
from rooms.core import loading, prosemirror
from rooms.models import Document, Quarantine

log = logging.getLogger(__name__)

_INCOMPLETE = Fault("malformed", "it is not all of the document")


@cache
def canaries() -> Canaries:
    """The canaries of this process."""
    limits = {"seconds": settings.COLLAB_LOAD_SECONDS, "memory_bytes": settings.COLLAB_LOAD_BYTES}
    made = Canaries(partial(Canary, **limits))
    atexit.register(made.stop)
    return made


def parts_of(loaded: store.Loaded) -> list[bytes]:
    snapshot = [loaded.snapshot.payload] if loaded.snapshot else []
    return [*snapshot, *(row.payload for row in loaded.tail)]


def prove(loaded: store.Loaded, work: Work = Work.LOAD) -> Fault | None:
    """Return what keeps a document from loading, or None. Raises NoTime.

    Where there can be no canary nothing can be told, and the document is taken as it is.
    """
    try:
        fault: Fault | None = canaries().ask(work, *_asked(loaded))
    except Unavailable:
        return None
    return fault


def prove_snapshot(payload: bytes, known: dict[int, int]) -> Fault | None:
    """Return what keeps a snapshot from taking the place of rows that hold all that is `known`, or None. Raises NoTime.

    Where there can be no canary, this process loads it.
    """
    try:
        answer: Any = canaries().ask(Work.PROVE, payload, [])
    except Unavailable:
        return prove_here(payload, known)
    if isinstance(answer, Fault):
        return answer
    # JSON has no other keys than strings. Whatever else is answered is not that.
    return None if answer == {str(client): clock for client, clock in known.items()} else _INCOMPLETE


def prove_here(payload: bytes, known: dict[int, int]) -> Fault | None:
    """As `prove_snapshot`, in this process: it takes no more than a moment for a small one."""
    try:
        return None if loading.held(payload) == known else _INCOMPLETE
    except BaseException as error:  # a panic of pycrdt is no Exception
        if not loading.is_fault(error):
            raise
        return Fault(*loading.describe(error))


def content(loaded: store.Loaded) -> prosemirror.Node | Fault:
    """Return the content of a document as ProseMirror JSON, or what keeps it from being read. Raises NoTime."""
    try:
        answer: Any = canaries().ask(Work.READ, *_asked(loaded))
    except Unavailable:
        snapshot, rows = _asked(loaded)
        return prosemirror.from_doc(loading.load(snapshot, rows))
    return answer  # type: ignore[no-any-return]


def _asked(loaded: store.Loaded) -> tuple[bytes | None, list[bytes]]:
    return loaded.snapshot.payload if loaded.snapshot else None, [row.payload for row in loaded.tail]


def set_apart(document_id: int, fault: Fault, *, epoch: int, seq: int, instance: str) -> bool:
    """Put a document into quarantine. Returns False when it is there already, or is gone or replaced."""
    if not Document.objects.filter(pk=document_id, epoch=epoch).exists():
        return False
    found = {"code": fault.code, "details": fault.details[:120], "epoch": epoch, "seq": seq, "instance": instance}
    _, is_new = Quarantine.objects.get_or_create(document_id=document_id, defaults=found)
    if is_new:
        log.error(
            "document %s is in quarantine: loading failed, %s %s, epoch %s, up to %s; staff see it in the admin",
            document_id, fault.code, fault.details, epoch, seq,
        )  # fmt: skip
    return is_new
