"""Writes updates of the right shape and wild content, takes those that the ingress check lets through, and watches.

`python -m tests.live.wild SEED COUNT`, in a process of its own: what gets through must not end it.
"""

import os
import random
import sys
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from pycrdt import Doc, merge_updates  # noqa: E402

from rooms import store  # noqa: E402
from rooms.core import state, updates  # noqa: E402
from rooms.core.access import Role  # noqa: E402
from rooms.core.errors import Refusal  # noqa: E402
from rooms.core.presence import Person  # noqa: E402
from rooms.live.commits import CommitQueue, merge  # noqa: E402
from rooms.live.ingress import check  # noqa: E402
from rooms.live.open_document import OpenDocument  # noqa: E402
from rooms.live.participants import Client, Participant  # noqa: E402
from rooms.live.writers import Unread  # noqa: E402
from tests.core import corpus  # noqa: E402
from tests.core import encoding as e  # noqa: E402

STORIES = list(corpus.everything().values())

CONTENT: dict[int, Callable[[random.Random], bytes]] = {
    e.DELETED: lambda rng: e.uint(rng.randint(1, 3)),
    e.BINARY: lambda rng: e.string("ab"),
    e.STRING: lambda rng: e.string(rng.choice(("a", "hello", "😀", "é"))),
    e.EMBED: lambda rng: e.string('{"a":1}'),
    e.FORMAT: lambda rng: e.string("bold") + e.string(rng.choice(("null", "true", "{}"))),
    e.TYPE: lambda rng: rng.choice([e.uint(kind) for kind in (0, 1, 2, 4, 6)] + [e.uint(3) + e.string("p")]),
    e.ANY: lambda rng: e.uint(1) + bytes([126]),
}
ROOTS = ("text", "default", "map", "array")
WRITERS = (1, 2, 3)


def wild(rng: random.Random, known: dict[int, int]) -> bytes:
    """Return an update whose references point anywhere in the document, or a little beyond."""
    ends = dict(known)
    sections = [wild_section(rng, client, known, ends) for client in rng.sample(WRITERS, rng.randint(1, 2))]
    victim = rng.choice(WRITERS)
    if rng.random() < 0.3 and ends.get(victim):
        deletes = e.deleted(victim, (rng.randrange(ends[victim]), rng.randint(1, 2)))
        return e.update(*sections, deletes=deletes)
    return e.update(*sections)


def wild_section(rng: random.Random, client: int, known: dict[int, int], ends: dict[int, int]) -> bytes:
    clock = start = max(0, known.get(client, 0) - rng.choice((0, 0, 0, 1, 3)))
    structs = []
    for _ in range(rng.randint(1, 5)):
        if rng.random() < 0.05:
            structs.append(bytes([e.GC]) + e.uint(2))
            clock += 2
            continue
        kind = rng.choice(list(CONTENT))
        content = CONTENT[kind](rng)
        places = {name: place(rng, ends) for name in ("origin", "right") if rng.random() < 0.45}
        if not places:
            places = {"root": rng.choice(ROOTS)} if rng.random() < 0.5 else {"parent": place(rng, ends)}  # type: ignore[dict-item]
        structs.append(e.item(kind, content, **places))  # type: ignore[arg-type]
        clock += content[0] if kind == e.DELETED else utf16(content) if kind == e.STRING else 1
        ends[client] = max(ends.get(client, 0), clock)
    return e.section(client, start, *structs)


def place(rng: random.Random, ends: dict[int, int]) -> tuple[int, int]:
    client = rng.choice(list(ends) or [1])
    return client, rng.randrange(max(1, ends.get(client, 1)))


def utf16(content: bytes) -> int:
    return len(content[1:].decode().encode("utf-16-le")) // 2


def damaged(rng: random.Random, update: bytes) -> bytes:
    """Return `update` with a few bytes changed, cut or put in."""
    damaged = bytearray(update)
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(damaged))
        damaged[at : at + rng.randint(0, 2)] = rng.randbytes(rng.randint(0, 2))
    return bytes(damaged)


def written(rng: random.Random) -> "Callable[[dict[int, int]], bytes]":
    """Return what writes the next update: anew, or by damaging a real story as it goes on."""
    if rng.random() < 0.5:
        return lambda known: wild(rng, known)
    story = iter(rng.choice(STORIES) * 2)

    def next_of_story(_: dict[int, int]) -> bytes:
        update = next(story, b"")
        return damaged(rng, update) if rng.random() < 0.5 else update

    return next_of_story


class Played:
    """One document and two people who write in it, committed as `rooms/live/commits.py` does, without a database."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.log: list[bytes] = []
        self.sent: dict[Participant, list[tuple[bytes, updates.Summary]]] = {}
        self.taken = 0
        # Whose each client id is, as the table has it.
        self.owners: dict[int, int] = {}
        self.begin([])

    def begin(self, tail: list[store.Row], snapshot: store.Row | None = None) -> None:
        self.document = OpenDocument(store.Loaded(1, 1, "key", "title", 1, snapshot, tail))
        self.people = [self.person(number) for number in (1, 2)]

    def person(self, number: int) -> Participant:
        person = Person(number, f"{number}", "", "")
        return Participant(Client("", None, "", person), self.document, Role.EDITOR, 1_000_000 + number)  # type: ignore[arg-type]

    def write(self, write: "Callable[[dict[int, int]], bytes]") -> None:
        """One of them sends an update, which is checked as every edit is."""
        person = self.rng.choice(self.people)
        known = dict(self.document.known)
        for ahead in person.ahead():
            known |= {client: max(clock, known.get(client, 0)) for client, clock in ahead.known.items()}
        update = write(known)
        try:
            summary = updates.read(update)
            if CommitQueue.must_wait(person, summary, person.ground(summary)):
                self.commit()
            ground = person.ground(summary)
            try:
                check(update, summary, person, ground)
            except Unread as unread:  # each of which was written under, and so has an owner
                for client_id in unread.client_ids:
                    person.document.writers.stored(client_id, self.owners[client_id])
                check(update, summary, person, ground)
        except Refusal:
            return
        person.send_ahead(summary, ground)
        self.sent.setdefault(person, []).append((update, summary))
        self.taken += 1

    def commit(self) -> None:
        """Commit what waits: a row a person, merged for the document; now and then while more is sent."""
        if not self.sent:
            return
        sent, self.sent = self.sent, {}
        for person in self.people:
            person.take_off()
        for person, edits in sent.items():
            summaries, user_id = [summary for _, summary in edits], person.person.user_id
            for client_id in self.document.writers.unsettled(user_id, summaries, self.document.known):
                self.owners[client_id] = user_id
                self.document.writers.stored(client_id, user_id)
        rows = [merge([update for update, _ in edits]) for edits in sent.values()]
        self.log += rows
        self.document.take(len(self.log), merge(rows), [summary for edits in sent.values() for _, summary in edits])
        for person in self.people:
            person.land()
        assert not self.document.writing
        assert state.decode(self.document.state_vector()) == self.document.known, self.log
        copy: Doc[Any] = Doc()
        copy.apply_update(self.document.missing(b"\0"))
        if (whole := self.document.whole()) is not None and self.rng.random() < 0.2:
            self.begin([], store.Row(len(self.log), whole))


def play(rng: random.Random) -> int:
    """Write one document; return how many updates got in."""
    played, write = Played(rng), written(rng)
    for _ in range(rng.randint(2, 10)):
        played.write(write)
        if rng.random() < 0.4:
            played.commit()
    played.commit()
    if played.log:
        merge_updates(*played.log)
    again = OpenDocument(
        store.Loaded(1, 1, "key", "title", 1, None, [store.Row(n, one) for n, one in enumerate(played.log, 1)])
    )
    assert again.known == played.document.known
    return played.taken


if __name__ == "__main__":
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    sys.stdout.write(f"{sum(play(random.Random(f'{seed}-{number}')) for number in range(count))}\n")
