"""What goes between a process and its canary: lengths and bytes, and JSON back. Nothing of it is ever executed."""

import socket
import struct
from collections.abc import Sequence
from enum import IntEnum
from typing import BinaryIO

_HEAD = struct.Struct("!B?I")
_SIZE = struct.Struct("!I")


class Work(IntEnum):
    """What a canary can be asked to do with a document."""

    LOAD = 0  # what opening it takes
    LOOK = 1  # also what pages and edits need of it
    READ = 2  # return its content as ProseMirror JSON
    TRY = 3  # return how many seconds of work the rows take, in a document that is loaded
    PROVE = 4  # return client → clock of what is loaded


def pack(work: Work, snapshot: bytes | None, rows: Sequence[bytes]) -> bytes:
    parts = rows if snapshot is None else [snapshot, *rows]
    sizes = struct.pack(f"!{len(parts)}I", *map(len, parts))
    return b"".join([_HEAD.pack(work, snapshot is not None, len(parts)), sizes, *parts])


def receive(reading: BinaryIO) -> tuple[Work, bytes | None, list[bytes]] | None:
    """Read one question; None when nobody will ask any more."""
    head = reading.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    work, has_snapshot, count = _HEAD.unpack(head)
    sizes = struct.unpack(f"!{count}I", reading.read(4 * count))
    parts = [reading.read(size) for size in sizes]
    snapshot = parts.pop(0) if has_snapshot else None
    return Work(work), snapshot, parts


def send(line: socket.socket, answer: bytes) -> None:
    line.sendall(_SIZE.pack(len(answer)) + answer)


def read_answer(reading: BinaryIO) -> bytes:
    """Raises EOFError when the canary is gone."""
    size = reading.read(_SIZE.size)
    if len(size) < _SIZE.size:
        raise EOFError
    answer = reading.read(_SIZE.unpack(size)[0])
    if len(answer) < _SIZE.unpack(size)[0]:
        raise EOFError
    return answer
