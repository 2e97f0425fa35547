"""Loading what is stored of a document, as whoever tries it first and whoever keeps it do."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import pycrdt
from pycrdt import Doc

from rooms.core import prosemirror, state, updates
from rooms.core.errors import Refusal
from rooms.core.lib0 import Malformed
from rooms.core.outline import Outline

# So few bytes are read here in less time than a canary needs to be asked, and no nesting in them is deep.
PLAIN_BYTES = 2_048

Parts = Sequence[bytes]


def is_plain(parts: Parts) -> bool:
    """Whether there is so little, and so clearly what Yjs writes, that trying it elsewhere would prove nothing.

    What does not read like an edit may still load.
    """
    if sum(map(len, parts)) > PLAIN_BYTES:
        return False
    try:
        for part in parts:
            updates.read(part)
    except Refusal:
        return False
    return True


def proof_of(snapshot: bytes) -> str:
    """Return what is stored beside a snapshot that was loaded once: these very bytes load with this very pycrdt."""
    return blake2b(snapshot, digest_size=16, key=pycrdt.__version__.encode()).hexdigest()


def load(snapshot: bytes | None, rows: Iterable[bytes]) -> "Doc[Any]":
    """Return the document, made one by one in the order of the log (traps Y1, Y3), and proven to encode.

    Raises Refusal for rows that are no updates, and whatever pycrdt raises: see `is_fault`.
    """
    doc: Doc[Any] = Doc()
    if snapshot is not None:
        doc.apply_update(snapshot)
    for row in rows:
        updates.read(row)
        doc.apply_update(row)
    prove_encoding(doc)
    return doc


def held(snapshot: bytes) -> dict[int, int]:
    """Return client → clock of what whoever loads a snapshot has. Raises as `load`."""
    return state.decode(load(snapshot, ()).get_state())


def prove_encoding(doc: "Doc[Any]") -> None:
    """Encode all of a document, and what those lack who have it already, or half of each writer's words.

    That is what the process that keeps it will be asked for; it adds some 15 % to loading. Raises as `load`.
    """
    vector = doc.get_state()
    clocks = state.decode(vector)
    doc.get_update()
    doc.get_update(vector)
    doc.get_update(state.encode({client: clock // 2 for client, clock in clocks.items()}))


def look_through(doc: "Doc[Any]", parts: Parts) -> None:
    """Do what pages, edits and the next snapshot need beside loading. Raises as `load`."""
    Doc().apply_update(doc.get_update())
    outline, known = Outline(), dict[int, int]()
    for part in parts:
        summary = updates.read(part)
        outline.add(summary, known)
        updates.advance(summary, known)
    try:
        prosemirror.from_doc(doc)
    except RecursionError:
        raise Malformed("elements nested too deep") from None
    except Exception:  # what none of our pages writes, and may still be in a document that edits well
        return


def is_fault(error: BaseException) -> bool:
    """Whether `error` says that bytes cannot be loaded.

    pycrdt raises ValueError or RuntimeError (trap Y6). A panic inside it is no Exception at all, and its class has no
    address to import it from.
    """
    return isinstance(error, Refusal | ValueError | RuntimeError | MemoryError) or is_panic(error)


def is_panic(error: BaseException) -> bool:
    return type(error).__name__ == "PanicException"


def describe(error: BaseException) -> tuple[str, str]:
    """Return (stable code, details) of what kept a document from loading. Neither holds anything of its content."""
    if isinstance(error, MemoryError):
        return "memory", ""
    if is_panic(error):
        return "crashed", "a panic"
    # The words of a refusal are ours; those of others could quote what they have read.
    return "malformed", str(error) if isinstance(error, Refusal) else type(error).__name__
