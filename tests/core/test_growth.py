"""What a full document still takes: what makes it smaller, and what is in it already."""

from typing import Any

from pycrdt import Doc, Text

from rooms.core import updates
from rooms.core.growth import growth, may_grow

FULL = 1_000


def written(doc: Doc[Any], change: Any) -> updates.Summary:
    """Return the summary of what `change(text)` does to a document."""
    text = doc.get("text", type=Text)
    before = doc.get_state()
    change(text)
    return updates.read(doc.get_update(before))


def held(doc: Doc[Any]) -> dict[int, int]:
    known: dict[int, int] = {}
    updates.advance(updates.read(doc.get_update()), known)
    return known


def full() -> tuple[Doc[Any], dict[int, int]]:
    doc: Doc[Any] = Doc()
    written(doc, lambda text: text.insert(0, "a" * 100))
    return doc, held(doc)


def test_letters_count_as_often_as_there_are_new_ones() -> None:
    doc, known = full()
    summary = written(doc, lambda text: text.insert(0, "five!"))
    assert growth(summary, known) == (5, 0)
    assert growth(summary, held(doc)) == (0, 0), "it repeats what is there"


def test_what_only_deletes_always_passes() -> None:
    doc, known = full()
    summary = written(doc, lambda text: text.__delitem__(slice(10, 30)))
    assert growth(summary, known) == (0, 20)
    assert may_grow(summary, known, size=100 * FULL, most=FULL)


def test_what_repeats_what_is_there_always_passes() -> None:
    doc, known = full()
    assert may_grow(updates.read(doc.get_update()), known, size=100 * FULL, most=FULL)


def test_what_brings_anything_does_not_pass() -> None:
    doc, known = full()
    summary = written(doc, lambda text: text.insert(0, "a"))
    assert not may_grow(summary, known, size=FULL + 1, most=FULL)


def test_what_brings_less_than_it_deletes_passes_up_to_an_eighth_over_the_bound() -> None:
    doc, known = full()

    def join(text: Any) -> None:
        del text[0:20]
        text.insert(0, "b" * 20)

    summary = written(doc, join)
    assert growth(summary, known) == (20, 20)
    assert may_grow(summary, known, size=FULL + FULL // 8, most=FULL)
    assert not may_grow(summary, known, size=FULL + FULL // 8 + 1, most=FULL)


def test_what_brings_more_than_it_deletes_does_not_pass() -> None:
    doc, known = full()

    def swap(text: Any) -> None:
        del text[0:20]
        text.insert(0, "b" * 21)

    assert not may_grow(written(doc, swap), known, size=FULL + 1, most=FULL)
