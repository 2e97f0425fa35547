"""Random histories over the real handlers, queue and database: at the end everybody has the same (invariant 2)."""

import asyncio
import logging
import os
import random
from typing import Any

import pytest
from pycrdt import Doc, Text

from rooms import store
from rooms.core import state
from rooms.live.open_document import OpenDocument
from rooms.models import Update, User
from tests.harness.client import Page, Refused, eventually
from tests.harness.inside import Inside, Visitor
from tests.harness.orm import orm
from tests.harness.people import Cast

SEEDS = range(200 if os.environ.get("COLLAB_SOAK") else 12)
STEPS = 120
WORDS = ("a", "bc", "é", "東京", "😀", "\n", " und ")


class Person:
    """Somebody with one page, who writes, loses the line, comes back, and sends some things twice."""

    def __init__(self, user: User, rng: random.Random) -> None:
        self.user, self.rng = user, rng
        self.page = Page()
        self.visitor: Visitor | None = None
        self.waiting: list[asyncio.Future[Any]] = []
        self.sent: bytes = b""

    def write(self) -> bytes:
        """Insert or delete somewhere, never inside a character; return the update."""
        text = str(self.page.text)
        before = self.page.doc.get_state()
        if text and self.rng.random() < 0.3:
            at = self.rng.randrange(len(text))
            end = min(len(text), at + self.rng.randint(1, 3))
            start, stop = len(text[:at].encode()), len(text[:end].encode())
            del self.page.text[start:stop]
        else:
            at = self.rng.randint(0, len(text))
            self.page.text.insert(len(text[:at].encode()), self.rng.choice(WORDS))
        self.page.unsaved = True
        update: bytes = self.page.doc.get_update(before)
        return update

    async def resync(self, key: str) -> None:
        """Open (again); then both sides have everything."""
        assert self.visitor is not None
        try:
            await self.visitor.open(key, self.page)
        except Refused as refused:  # the edit at the end of it met another one; the next resync mends it
            if refused.code not in {"gap", "busy"}:
                raise

    async def step(self, inside: Inside, key: str) -> None:
        match self.rng.choices(("write", "lose", "come", "hear", "twice", "resync"), weights=(50, 5, 15, 25, 5, 5))[0]:
            case "write":
                update = self.write()
                if self.visitor is not None and not self.visitor.socket.closed:
                    self.sent = update
                    self.waiting.append(await self.visitor.send("edit", {"document": key, "update": update}))
            case "lose" if self.visitor is not None:
                await self.visitor.hang_up()
                self.visitor = None
            case "come" if self.visitor is None or self.visitor.socket.closed:
                self.visitor = await inside.visit(self.user)
                await self.resync(key)
            case "twice" if self.sent and self.visitor is not None and not self.visitor.socket.closed:
                self.waiting.append(await self.visitor.send("edit", {"document": key, "update": self.sent}))
            case "resync" if self.visitor is not None and not self.visitor.socket.closed:
                await self.resync(key)
            case "hear" if self.visitor is not None:
                self.visitor.hear()


async def disturb(inside: Inside, rng: random.Random) -> None:
    """What goes on beside the people: snapshots, healing, a document that is loaded anew."""
    documents = inside.live.documents
    match rng.choice(("compact", "heal", "compact elsewhere", "reload", "sweep")):
        case "compact":
            for document in documents.all():
                await documents.compact(document)
        case "heal":
            await inside.live.watch.look()
        case "sweep":
            await inside.live.watch.sweep()
        case "compact elsewhere":
            for document in documents.all():
                await orm(compact_elsewhere, document.id)
        case "reload":
            for document in documents.all():
                if not document.participants:
                    await inside.live.commits.drain()
                    documents.drop(document)


def compact_elsewhere(document_id: int) -> None:
    document = OpenDocument(store.load(document_id))
    whole = document.whole()
    assert whole is not None
    store.compact(document_id, epoch=document.epoch, seq=document.seq, payload=whole)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_happens_everybody_ends_with_the_same(
    inside: Inside, live_cast: Cast, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    rng = random.Random(seed)
    key = live_cast.document.key
    users = [live_cast.alice, live_cast.bob, live_cast.bob, live_cast.alice]
    people = [Person(user, random.Random(f"{seed}-{number}")) for number, user in enumerate(users)]
    for _ in range(STEPS):
        await rng.choice(people).step(inside, key)
        if rng.random() < 0.1:
            await disturb(inside, rng)
        if rng.random() < 0.5:
            await asyncio.sleep(0)

    await inside.live.commits.drain()
    for person in people:
        if person.visitor is None or person.visitor.socket.closed:
            person.visitor = await inside.visit(person.user)
        person.page.unsaved = True
        await person.resync(key)
    await inside.live.commits.drain()
    for person in people:
        person.visitor.hear()  # type: ignore[union-attr]

    loaded = await orm(lambda: OpenDocument(store.load(live_cast.document.pk)))
    fresh: Doc[Any] = Doc()
    fresh.apply_update(loaded.missing(b"\0"))
    assert {str(person.page) for person in people} == {str(fresh.get("text", type=Text))}
    vectors = [state.decode(person.page.doc.get_state()) for person in people]
    assert vectors == [state.decode(fresh.get_state())] * len(people)
    assert loaded.known == state.decode(fresh.get_state())
    seqs = await orm(lambda: list(Update.objects.order_by("seq").values_list("seq", flat=True)))
    assert seqs == list(range(1, len(seqs) + 1))
    answers = [await answer for person in people for answer in person.waiting]
    assert {answer.get("code") for answer in answers} <= {None, "gap", "not_found"}
    assert len(answers) > 10
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    await eventually(lambda: not inside.live.sio._tasks)
