"""The large document: 260,000 edits of one text, from the trace in `$EDITING_TRACES` if that is set, else made up."""

import gzip
import json
import os
import random
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pycrdt import Doc, Text, TransactionEvent

from tests.bench import install

TRACE = "automerge-paper.json.gz"
EDITS = 260_000
# How far somebody who comes back is behind.
BEHIND = 100
CLIENT_ID = 3_000_000_000

# (position, letters deleted, text inserted)
Edit = tuple[int, int, str]


def source() -> str:
    folder = os.environ.get("EDITING_TRACES")
    return TRACE if folder and (Path(folder) / TRACE).exists() else "made up"


def edits() -> Iterator[Edit]:
    if source() == TRACE:
        with gzip.open(Path(os.environ["EDITING_TRACES"]) / TRACE) as file:
            trace: dict[str, Any] = json.load(file)
        for transaction in trace["txns"]:
            yield from map(tuple, transaction["patches"])
    else:
        yield from invent(EDITS)


def invent(count: int) -> Iterator[Edit]:
    """Yield edits as a person makes them: runs of typing, corrections, a jump to another place now and then."""
    rng = random.Random(1)
    length = place = 0
    for _ in range(count):
        if rng.random() < 0.003:
            place = rng.randint(0, length)
        if place and rng.random() < 0.15:
            place -= 1
            length -= 1
            yield place, 1, ""
        else:
            yield place, 0, rng.choice("etaoin shrdlu")
            place += 1
            length += 1


def updates() -> list[bytes]:
    """Return one update an edit, in order."""
    return list(_unpack(_cached("updates")))


def whole() -> Path:
    """Return the file with the whole document as one update."""
    return _cached("whole")


def behind() -> Path:
    """Return the file with the state vector of somebody who lacks the last hundred edits."""
    return _cached("behind")


def _cached(kind: str) -> Path:
    folder = install.CACHE / "history" / source().replace(" ", "-")
    if not (folder / kind).exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder)
    return folder / kind


def _write(folder: Path) -> None:
    doc: Doc[Any] = Doc(client_id=CLIENT_ID)
    text = doc.get("text", type=Text)
    made: list[bytes] = []

    def note(event: TransactionEvent) -> None:
        made.append(event.update)

    todo = list(edits())
    subscription = doc.observe(note)
    for number, (place, deleted, inserted) in enumerate(todo):
        if number == len(todo) - BEHIND:
            (folder / "behind").write_bytes(doc.get_state())
        with doc.transaction():
            if deleted:
                del text[place : place + deleted]
            if inserted:
                text.insert(place, inserted)
    doc.unobserve(subscription)
    (folder / "whole").write_bytes(doc.get_update())
    (folder / "updates").write_bytes(b"".join(struct.pack("<I", len(one)) + one for one in made))


def _unpack(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        at += 4
        yield data[at : at + size]
        at += size
