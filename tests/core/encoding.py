"""Writes Yjs updates byte by byte, as nobody's library would."""

from collections.abc import Sequence

from rooms.core.lib0 import write_uint

uint = write_uint

GC, DELETED, JSON, BINARY, STRING, EMBED, FORMAT, TYPE, ANY, DOC, SKIP = range(11)
ORIGIN, RIGHT, SUB = 0x80, 0x40, 0x20
NOTHING_DELETED = uint(0)


def string(text: str) -> bytes:
    raw = text.encode()
    return uint(len(raw)) + raw


def reference(client: int, clock: int) -> bytes:
    return uint(client) + uint(clock)


def section(client: int, clock: int, *structs: bytes, count: int | None = None) -> bytes:
    """One writer's structs, from `clock` on; `count` may lie about how many."""
    return uint(len(structs) if count is None else count) + uint(client) + uint(clock) + b"".join(structs)


def update(*sections: bytes, deletes: bytes = NOTHING_DELETED, count: int | None = None) -> bytes:
    return uint(len(sections) if count is None else count) + b"".join(sections) + deletes


def deleted(client: int, *ranges: tuple[int, int]) -> bytes:
    """A delete set of one writer: (clock, length) each."""
    return uint(1) + uint(client) + uint(len(ranges)) + b"".join(uint(clock) + uint(length) for clock, length in ranges)


def item(
    ref: int,
    content: bytes,
    *,
    root: str | None = None,
    parent: tuple[int, int] | None = None,
    origin: tuple[int, int] | None = None,
    right: tuple[int, int] | None = None,
) -> bytes:
    """One item: in the root type `root`, in the type `parent`, or beside `origin` and `right`."""
    info = ref | (ORIGIN if origin else 0) | (RIGHT if right else 0)
    head = b"".join(reference(*neighbour) for neighbour in (origin, right) if neighbour)
    if root is not None:
        head += uint(1) + string(root)
    elif parent is not None:
        head += uint(0) + reference(*parent)
    return bytes([info]) + head + content


def entry(
    ref: int, content: bytes, key: str, *, root: str | None = None, parent: tuple[int, int] | None = None
) -> bytes:
    """One item under a key of the root type `root` or of the type `parent`."""
    head = uint(1) + string(root) if root is not None else uint(0) + reference(*(parent or (0, 0)))
    return bytes([ref | SUB]) + head + string(key) + content


def text(words: str, **place: object) -> bytes:
    return item(STRING, string(words), **(place or {"root": "text"}))  # type: ignore[arg-type]


def element(name: str = "p", **place: object) -> bytes:
    return item(TYPE, uint(3) + string(name), **(place or {"root": "default"}))  # type: ignore[arg-type]


def nested(depth: int, *, client: int = 7, clock: int = 0, inside: tuple[int, int] | None = None) -> bytes:
    """An update of `depth` elements, each in the one before."""
    first = element(parent=inside) if inside else element()
    rest: Sequence[bytes] = [element(parent=(client, clock + level)) for level in range(depth - 1)]
    return update(section(client, clock, first, *rest))
