"""The structure of an update is read before pycrdt sees it: all that Yjs writes passes, and no bomb does (trap Y4)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, get_state

from rooms.core import lib0, state, updates
from rooms.core.errors import Gap, Refusal
from rooms.core.lib0 import Malformed
from rooms.core.lib0 import write_uint as uint
from rooms.core.updates import Summary
from tests.core import corpus
from tests.core import encoding as e
from tests.core.bombs import BOMBS, value

STORIES = corpus.everything()
REAL = [update for story in STORIES.values() for update in story]


@pytest.mark.parametrize("story", STORIES)
def test_everything_that_yjs_and_pycrdt_write_is_accepted_and_counted_right(story: str) -> None:
    doc: Doc[Any] = Doc()
    known: dict[int, int] = {}
    for update in STORIES[story]:
        summary = updates.read(update)
        updates.check_gaps(summary, known)
        get_state(update)
        doc.apply_update(update)
        updates.advance(summary, known)
        assert state.decode(doc.get_state()) == known


def test_the_corpus_has_every_kind_of_content() -> None:
    assert {"every kind of value", "formats and embeds", "a rich document", "two people at once"} < set(STORIES)
    assert sum(map(len, STORIES.values())) > 100


def test_what_pycrdt_cannot_read_is_known_to_be_unreadable() -> None:
    """With a name of another length it reads it, and takes the name for what follows."""
    (hook,) = corpus.of_yjs()[corpus.UNREADABLE]
    with pytest.raises(Malformed):
        updates.read(hook)
    with pytest.raises(ValueError, match="state vector"):
        get_state(hook)


def test_what_yjs_writes_and_no_page_of_ours_is_refused_and_known() -> None:
    stories = corpus.of_yjs()
    assert set(corpus.REFUSED) < set(stories)
    with pytest.raises(Malformed):
        updates.read(stories[corpus.SUBDOCUMENT][-1])
    with pytest.raises(Gap):
        updates.read(stories[corpus.HOLE][-1])


def test_an_update_that_only_deletes_is_empty() -> None:
    summary = updates.read(e.update(deletes=e.deleted(5, (0, 3))))
    assert summary.empty
    assert summary.needs == {5: 3}


@pytest.mark.parametrize("bomb", BOMBS)
def test_y4_a_bomb_is_refused_before_pycrdt_sees_it(bomb: str) -> None:
    with pytest.raises(Malformed):
        updates.read(BOMBS[bomb])


@pytest.mark.parametrize("update", [update for update in REAL if len(update) < 200])
def test_y4_an_update_that_ends_too_early_is_refused(update: bytes) -> None:
    for end in range(len(update)):
        with pytest.raises(Malformed):
            updates.read(update[:end])


def test_a_value_as_deep_as_allowed_is_accepted() -> None:
    assert updates.read(value(bytes([117, 1]) * 63 + bytes([126]))).ranges == {7: (0, 1)}
    with pytest.raises(Malformed):
        updates.read(value(bytes([117, 1]) * 64 + bytes([126])))


@pytest.mark.parametrize(("ref", "before"), [(e.EMBED, b""), (e.FORMAT, e.string("link"))], ids=["embed", "format"])
def test_json_with_as_many_brackets_as_allowed_is_accepted(ref: int, before: bytes) -> None:
    def read(json: str) -> Summary:
        return updates.read(e.update(e.section(7, 0, e.item(ref, before + e.string(json), root="text"))))

    assert read('[{"a":' * 32 + "1" + "}]" * 32).ranges == {7: (0, 1)}
    with pytest.raises(Malformed):
        read('[{"a":' * 32 + "[]" + "}]" * 32)


NO_JSON = ("", "undefined", "NaN", "-Infinity", "[1,]", "{a:1}", '"\t"', "01", "1 2", "\ufeff1", "'a'", "tru", '"')


@pytest.mark.parametrize("text", NO_JSON)
@pytest.mark.parametrize(("ref", "before"), [(e.EMBED, b""), (e.FORMAT, e.string("link"))], ids=["embed", "format"])
def test_what_is_no_json_is_refused(ref: int, before: bytes, text: str) -> None:
    """pycrdt takes most of it, and each browser that loads the document throws."""
    with pytest.raises(Malformed):
        updates.read(e.update(e.section(7, 0, e.item(ref, before + e.string(text), root="text"))))


def test_an_integer_in_a_value_has_ten_bytes_at_most() -> None:
    assert updates.read(value(bytes([125]) + b"\xff" * 9 + b"\x01")).ranges == {7: (0, 1)}
    with pytest.raises(Malformed):
        updates.read(value(bytes([125]) + b"\xff" * 10 + b"\x01"))


@pytest.mark.parametrize("kind", [116, 117, 118, 119, 122, 123, 124, 125])
def test_y4_a_value_that_ends_too_early_is_malformed(kind: int) -> None:
    for encoded in (b"", bytes([kind]), bytes([kind]) + b"\x83\x80"):
        with pytest.raises(Malformed):
            lib0.skip_any(encoded, 0, updates.MAX_VALUE_DEPTH)


def test_a_hole_within_an_update_is_a_gap() -> None:
    with pytest.raises(Gap):
        updates.read(e.update(e.section(7, 0, e.text("a"), bytes([e.SKIP]) + uint(3), e.text("b"))))


GAPS = {
    "its own first operations": (e.update(e.section(7, 3, e.text("a", origin=(7, 2)))), {7: 2}),
    "the left neighbour": (e.update(e.section(7, 0, e.text("a", origin=(8, 4)))), {8: 4}),
    "the right neighbour": (e.update(e.section(7, 0, e.text("a", right=(8, 4)))), {8: 4}),
    "the parent": (e.update(e.section(7, 0, e.text("a", parent=(8, 4)))), {}),
    "what it deletes": (e.update(deletes=e.deleted(8, (3, 2))), {8: 4}),
    "a writer that is in it, but not far enough": (
        e.update(e.section(8, 0, e.text("ab")), e.section(7, 0, e.text("a", origin=(8, 4)))),
        {},
    ),
}


@pytest.mark.parametrize("missing", GAPS)
def test_y1_an_update_that_builds_on_what_is_missing_is_a_gap(missing: str) -> None:
    update, known = GAPS[missing]
    with pytest.raises(Gap):
        updates.check_gaps(updates.read(update), known)


@pytest.mark.parametrize("missing", GAPS)
def test_the_same_update_is_no_gap_once_that_is_there(missing: str) -> None:
    update, _ = GAPS[missing]
    updates.check_gaps(updates.read(update), {7: 3, 8: 5})


def test_advance_only_ever_goes_forward() -> None:
    known = {7: 5}
    updates.advance(updates.read(e.update(e.section(7, 0, e.text("abc")))), known)
    assert known == {7: 5}
    updates.advance(updates.read(e.update(e.section(7, 4, e.text("xyz", origin=(7, 3))))), known)
    assert known == {7: 7}


@given(st.binary(max_size=300))
@settings(max_examples=400, deadline=None)
def test_random_bytes_raise_nothing_but_a_refusal(data: bytes) -> None:
    only_refusals(data)


@given(st.sampled_from(REAL), st.data())
@settings(max_examples=600, deadline=None)
def test_a_damaged_update_raises_nothing_but_a_refusal(update: bytes, data: st.DataObject) -> None:
    only_refusals(damage(update, data))


def damage(update: bytes, data: st.DataObject) -> bytes:
    """Cut, overwrite or insert a few bytes."""
    damaged = bytearray(update)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(damaged)))
        end = at + data.draw(st.integers(0, 3))
        damaged[at:end] = data.draw(st.binary(max_size=3))
    return bytes(damaged)


def only_refusals(data: bytes) -> None:
    try:
        summary = updates.read(data)
        updates.check_gaps(summary, {})
        updates.advance(summary, {})
    except Refusal:
        pass
