"""Where operations stand: depth over many updates, parents that can have children, circles, halves of characters."""

import gc
from typing import Any

import pytest
from pycrdt import Doc, XmlFragment

from rooms.core import updates
from rooms.core.lib0 import Malformed
from rooms.core.outline import MAX_DEPTH, Outline
from tests.core import corpus
from tests.core import encoding as e
from tests.core.encoding import uint


class Document:
    """What a server keeps of a document besides its content."""

    def __init__(self, *log: bytes) -> None:
        self.outline = Outline()
        self.known: dict[int, int] = {}
        for update in log:
            self.take(update)

    def check(self, update: bytes) -> None:
        summary = updates.read(update)
        updates.check_gaps(summary, self.known)
        self.outline.check(summary, self.known)

    def take(self, update: bytes) -> None:
        summary = updates.read(update)
        self.outline.add(summary, self.known)
        updates.advance(summary, self.known)


@pytest.mark.parametrize("story", corpus.everything())
def test_everything_real_is_admitted(story: str) -> None:
    document = Document()
    for update in corpus.everything()[story]:
        document.check(update)
        document.take(update)


@pytest.mark.parametrize("story", corpus.everything())
def test_a_document_loaded_from_its_snapshot_admits_the_same(story: str) -> None:
    log = corpus.everything()[story]
    for cut in range(len(log)):
        doc: Doc[Any] = Doc()
        for update in log[:cut]:
            doc.apply_update(update)
        document = Document(doc.get_update())
        document.check(log[cut])


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 300, 20_000])
def test_y4_elements_too_deep_in_one_update_are_refused(depth: int) -> None:
    with pytest.raises(Malformed):
        Document().check(e.nested(depth))


def test_elements_as_deep_as_allowed_are_admitted() -> None:
    Document().check(e.nested(MAX_DEPTH))


@pytest.mark.parametrize("reloaded", [False, True], ids=["from the log", "from a snapshot"])
def test_y4_depth_adds_up_over_updates(reloaded: bool) -> None:
    """Ninety levels an edit, four hundred edits: deleting the outermost ends the process."""
    document = Document(e.nested(90))
    doc: Doc[Any] = Doc()
    doc.apply_update(e.nested(90))
    if reloaded:
        document = Document(doc.get_update())
    with pytest.raises(Malformed):
        document.check(e.nested(90, clock=90, inside=(7, 89)))
    document.check(e.nested(9, clock=90, inside=(7, 89)))


def test_y4_a_letter_between_does_not_hide_the_depth() -> None:
    document = Document(e.nested(MAX_DEPTH - 1))
    document.take(e.update(e.section(8, 0, e.text("ab", parent=(7, MAX_DEPTH - 2)))))
    beside = e.update(e.section(9, 0, e.element(origin=(8, 1))))
    document.check(beside)
    document.take(beside)
    with pytest.raises(Malformed):
        document.check(e.update(e.section(10, 0, e.element(parent=(9, 0)))))


def test_many_neighbours_are_no_depth() -> None:
    siblings = [e.element(), *(e.element(origin=(7, clock)) for clock in range(20_000))]
    Document().check(e.update(e.section(7, 0, *siblings)))


LETTER = e.update(e.section(7, 0, e.text("ab")))


def test_a_letter_as_a_parent_is_refused() -> None:
    """pycrdt refuses it only while it integrates: by then it is in the log, and the document loads no more."""
    child = e.update(e.section(8, 0, e.text("c", parent=(7, 1))))
    with pytest.raises(Malformed):
        Document(LETTER).check(child)
    doc: Doc[Any] = Doc()
    doc.apply_update(LETTER)
    with pytest.raises(RuntimeError, match="parent"):
        doc.apply_update(child)


def test_a_letter_as_a_parent_in_the_same_update_is_refused() -> None:
    with pytest.raises(Malformed):
        Document().check(e.update(e.section(7, 0, e.text("ab"), e.text("c", parent=(7, 1)))))


def test_an_element_said_anew_is_still_the_letter_that_it_was() -> None:
    lie = e.update(e.section(7, 0, e.element(), e.element(), e.text("c", parent=(7, 1))))
    with pytest.raises(Malformed):
        Document(LETTER).check(lie)


CIRCLES = {
    "left and left": (
        e.section(7, 0, e.text("a", origin=(8, 0))),
        e.section(8, 0, e.text("b", origin=(7, 0))),
    ),
    "left and right": (
        e.section(7, 0, e.text("a", origin=(9, 0), right=(8, 0))),
        e.section(8, 0, e.text("b", origin=(7, 0))),
    ),
    "parent and left": (
        e.section(7, 0, e.element(parent=(8, 0))),
        e.section(8, 0, e.element(origin=(7, 0))),
    ),
    "three": (
        e.section(7, 0, e.text("a", origin=(8, 0))),
        e.section(8, 0, e.text("b", origin=(10, 0))),
        e.section(10, 0, e.text("c", origin=(7, 0))),
    ),
}


@pytest.mark.parametrize("circle", CIRCLES)
def test_y2_what_would_wait_for_itself_is_refused(circle: str) -> None:
    known = e.update(e.section(9, 0, e.text("x")))
    with pytest.raises(Malformed):
        Document(known).check(e.update(*CIRCLES[circle]))


def test_writers_that_build_on_each_other_in_turn_are_admitted() -> None:
    """Two people answering each other letter by letter offline, merged: every order of the sections."""
    a = [e.text("a")] + [e.text("a", origin=(8, clock)) for clock in range(50)]
    b = [e.text("b", origin=(7, clock)) for clock in range(51)]
    Document().check(e.update(e.section(7, 0, *a), e.section(8, 0, *b)))
    Document().check(e.update(e.section(8, 0, *b), e.section(7, 0, *a)))


CUTS = {
    "a letter after the first half": e.update(e.section(8, 0, e.text("x", origin=(7, 1)))),
    "a letter before the second half": e.update(e.section(8, 0, e.text("x", origin=(7, 0), right=(7, 2)))),
    "the first half deleted": e.update(deletes=e.deleted(7, (1, 1))),
    "the second half deleted": e.update(deletes=e.deleted(7, (2, 1))),
}


@pytest.mark.parametrize("cut", CUTS)
def test_nothing_splits_a_character(cut: str) -> None:
    """yrs keeps the pair whole, and counts the rest of that writer's operations wrong."""
    with pytest.raises(Malformed):
        Document(e.update(e.section(7, 0, e.text("a😀b")))).check(CUTS[cut])


def test_a_whole_character_may_go() -> None:
    document = Document(e.update(e.section(7, 0, e.text("a😀b"))))
    document.check(e.update(deletes=e.deleted(7, (1, 2))))
    document.check(e.update(e.section(8, 0, e.text("x", origin=(7, 2), right=(7, 3)))))


def test_what_yjs_itself_split_is_refused() -> None:
    before, split, _ = corpus.of_yjs()[corpus.SPLIT]
    with pytest.raises(Malformed):
        Document(before).check(split)


def test_what_was_deleted_and_collected_may_still_have_children() -> None:
    """Somebody offline wrote into what others deleted: it cannot be told any more that it was an element."""
    doc: Doc[Any] = Doc()
    doc.get("default", type=XmlFragment)
    doc.apply_update(e.nested(2))
    doc.apply_update(e.update(deletes=e.deleted(7, (0, 1))))
    document = Document(doc.get_update())
    for parent in ((7, 0), (7, 1)):
        document.check(e.update(e.section(8, 0, e.element(parent=parent))))


def test_what_is_sent_again_is_not_cut_within_a_character() -> None:
    document = Document(e.update(e.section(7, 0, e.text("ab"))))
    with pytest.raises(Malformed):
        document.check(e.update(e.section(7, 1, e.text("😀", origin=(7, 0)))))


@pytest.mark.parametrize("name", ["one writer", "many writers"])
def test_the_collector_forgets_what_is_kept_of_an_update(name: str) -> None:
    """Else each of its turns looks through all of it again, and a kB of a large update costs twice that of a small."""
    writers = 1 if name == "one writer" else 50
    structs = (e.text("a"), e.element(origin=(8, 0)), e.text("b", parent=(8, 1)), bytes([e.GC]) + uint(3))
    made = e.update(e.section(8, 0, *structs), *(e.section(8 + n, 0, e.text("a")) for n in range(1, writers)))
    document = Document(made)
    summary = updates.read(made)
    gc.collect()
    gc.collect()  # what stands in another one is forgotten a turn later
    assert not [item for item in summary.items if gc.is_tracked(item)]
    runs = document.outline._runs
    assert {client for client, held in runs.items() if gc.is_tracked(held)} == {8}, "its operations are of three kinds"
    assert not [place for place in runs[8].places if gc.is_tracked(place)]  # type: ignore[union-attr]
