"""A document in memory: what it answers, when it may have a snapshot, and what it knows of itself only when asked."""

import asyncio
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Doc, Text

from rooms import store
from rooms.core import state
from rooms.core.errors import BadFrame
from rooms.live import open_document, wire
from rooms.live.bridge import Database
from rooms.live.limits import MAX_WAITING_BYTES
from rooms.live.open_document import MAX_ANSWER_BYTES, MAX_ANSWERS, OpenDocument
from tests.core import corpus
from tests.core import encoding as e
from tests.harness.client import Page, Refused
from tests.harness.inside import Inside
from tests.harness.people import Cast


def written_alone(*words: str) -> list[bytes]:
    """Return the updates of somebody who writes these words, one after the other."""
    page = Page()
    return [page.write(len(str(page).encode()), word) for word in words]


def loaded(*payloads: bytes, snapshot: bytes | None = None, seq: int = 0) -> OpenDocument:
    tail = [store.Row(seq + number, payload) for number, payload in enumerate(payloads, start=1)]
    return OpenDocument(store.Loaded(1, 1, "key", "title", 1, store.Row(seq, snapshot) if snapshot else None, tail))


def test_equal_questions_share_one_answer_until_the_next_edit() -> None:
    one, two, three = written_alone("a", "b", "c")
    document = loaded(one, two)
    assert document.missing(b"\0") is document.missing(b"\0")
    before = document.missing(b"\0")
    document.take(3, three)
    assert document.missing(b"\0") is not before


def test_questions_that_nobody_asks_twice_are_not_kept_for_ever() -> None:
    document = loaded(*written_alone("words"))
    for client in range(5000):
        document.missing(b"\x01" + e.uint(client + 1) + e.uint(1))
    assert len(document._answers._others) <= MAX_ANSWERS


def ask_at_every_letter(document: OpenDocument, client: int, letters: range) -> None:
    """Ask for what is missing by somebody who has so many letters, and by who has one more, and so on."""
    for clock in letters:
        document.missing(state.encode({client: clock}))


@pytest.mark.parametrize(("size", "questions"), [(2_000_000, 20), (30_000, 300)])
def test_answers_that_are_kept_take_little_memory_however_large_each_is(size: int, questions: int) -> None:
    page = Page()
    document = loaded(page.write(0, "x" * size))
    tracemalloc.start()
    try:
        ask_at_every_letter(document, page.doc.client_id, range(1, 1 + questions))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < MAX_ANSWER_BYTES + 100_000


def test_the_whole_document_is_kept_for_everybody_however_large_it_is() -> None:
    page = Page()
    document = loaded(page.write(0, "x" * 3_000_000))
    whole = document.missing(state.EMPTY)
    assert len(whole) > MAX_ANSWER_BYTES
    ask_at_every_letter(document, page.doc.client_id, range(1, 3))
    assert document.missing(state.EMPTY) is whole


def test_an_answer_says_how_much_more_work_it_was_than_an_ordinary_one(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page()
    document = loaded(page.write(0, "words"))
    document.missing(state.EMPTY)
    assert document.answering_overtime == 0
    monkeypatch.setattr(open_document, "ANSWERING_SECONDS", 0.0)
    document.take(2, page.write(0, "x" * 3_000_000))
    document.missing(state.EMPTY)
    first = document.answering_overtime
    document.missing(state.EMPTY)
    assert first > document.answering_overtime > 0, "what is shared has to be sent all the same"


async def test_whoever_opens_what_is_much_work_waits_and_nobody_else(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = live_cast.document.key
    one, other = await inside.visit(live_cast.vera), await inside.visit(live_cast.vera)
    alice = await inside.visit(live_cast.alice)
    for _ in range(3):
        await one.open(key)
    monkeypatch.setattr(open_document, "ANSWERING_SECONDS", -1.1)  # as if each took a second more
    await one.open(key)
    for tab in (one, other):
        with pytest.raises(Refused, match="slow_down"):
            await tab.open(key)
    await (await alice.open(key)).type("as fast as ever")


async def test_no_document_is_sent_to_who_does_not_read_on_whichever_socket(inside: Inside, live_cast: Cast) -> None:
    key = live_cast.document.key
    deaf, other = await inside.visit(live_cast.vera), await inside.visit(live_cast.vera)
    deaf.socket.push(wire.Shared(b"x" * MAX_WAITING_BYTES))
    with pytest.raises(Refused, match="slow_down"):
        await other.open(key)
    await (await inside.visit(live_cast.alice)).open(key)
    deaf.socket.drop_queued()
    assert (await other.open(key)).role == "viewer"


def test_a_document_is_its_snapshot_and_what_came_after() -> None:
    updates = written_alone("one ", "two ", "three")
    whole = loaded(*updates[:2]).whole()
    assert whole is not None
    document = loaded(updates[2], snapshot=whole, seq=2)
    assert document.seq == 3
    doc: Doc[Any] = Doc()
    doc.apply_update(document.missing(b"\0"))
    assert str(doc.get("text", type=Text)) == "one two three"
    assert document.known == state.decode(document.state_vector())


def test_y2_a_document_that_waits_for_something_has_no_snapshot() -> None:
    """`get_update` would leave out what waits."""
    one, two, three = written_alone("one ", "two ", "three")
    document = loaded(one, three)
    assert document.whole() is None
    document.take(3, two)
    assert document.whole() is not None


# --- The outline, which is made when it is needed ----------------------------------------------------------------


class InTurn(Database):
    """Reads at once, and lets something happen before the answer is there."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    async def read(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        result = work(*args, **kwargs)
        self._meanwhile()
        return result


def layers(document: OpenDocument) -> Any:
    return document.outline._runs, document.outline._halves


def stories() -> list[list[bytes]]:
    return [story for story in corpus.everything().values() if len(story) > 3]


@pytest.mark.parametrize("when", ["at once", "at the end", "in a thread"])
@pytest.mark.parametrize("story", range(len(stories())))
async def test_the_outline_is_the_same_whenever_it_is_made(story: int, when: str) -> None:
    updates = stories()[story]
    half, last = len(updates) // 2, len(updates) - 1
    whole = loaded(*updates[:half]).whole()
    assert whole is not None
    document = loaded(snapshot=whole, seq=half)
    reference = loaded(*updates)
    if when == "at once":
        assert document.outline
    for number, update in enumerate(updates[half:last], start=half + 1):
        document.take(number, update)
    if when == "in a thread":
        await document.look_through(InTurn(lambda: document.take(last + 1, updates[last])))
    else:
        document.take(last + 1, updates[last])
    assert document.known == reference.known
    again = loaded(*updates[half:], snapshot=whole, seq=half)
    assert layers(document) == layers(again)


async def test_an_edit_that_comes_before_the_outline_is_checked_all_the_same(inside: Inside, live_cast: Cast) -> None:
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await bob.open(key)
    await bob.call("edit", {"document": key, "update": e.update(e.section(7, 0, e.text("ab")))})
    (document,) = inside.live.documents.all()
    await inside.live.documents.compact(document)
    inside.live.documents.drop(document)
    alice = await inside.visit(live_cast.alice)
    await alice.open(key)
    (document,) = inside.live.documents.all()
    assert document._unread
    with pytest.raises(Refused, match=BadFrame.code):
        await alice.call("edit", {"document": key, "update": e.update(e.section(8, 0, e.text("c", parent=(7, 0))))})
    assert document._unread == []


async def test_a_large_document_is_looked_through_before_anybody_edits_it(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.live.open_document.LARGE_BYTES", 10)
    monkeypatch.setattr("rooms.live.documents.LOOK_AFTER_SECONDS", 0.0)
    bob = await inside.visit(live_cast.bob)
    page = await bob.open(live_cast.document.key)
    await page.type("more than ten bytes")
    (document,) = inside.live.documents.all()
    await inside.live.documents.compact(document)
    inside.live.documents.drop(document)
    await (await inside.visit(live_cast.vera)).open(live_cast.document.key)
    (document,) = inside.live.documents.all()
    await asyncio.gather(*inside.live.documents._looking)
    assert document._outline is not None
