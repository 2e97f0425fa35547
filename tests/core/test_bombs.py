"""No bomb gets through, and what each would do to pycrdt: so we learn when the library is mended (trap Y4)."""

from collections.abc import Iterator

import pytest

from rooms.core import state
from rooms.core.errors import Gap
from rooms.core.lib0 import Malformed
from tests.core import bombs
from tests.fuzz.judge import Document
from tests.fuzz.sandbox import Sandbox

Bombs = dict[str, tuple[list[bytes], bytes]]
HARMFUL: Bombs = {name: ([], bomb) for name, bomb in bombs.BOMBS.items()} | bombs.IN_A_DOCUMENT


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


def holding(log: list[bytes]) -> Document:
    document = Document()
    for update in log:
        document.take(update, document.check(update))
    return document


@pytest.mark.parametrize("name", HARMFUL)
def test_y4_a_bomb_is_refused_in_the_document_that_it_is_made_for(name: str) -> None:
    log, bomb = HARMFUL[name]
    with pytest.raises((Malformed, Gap)):
        holding(log).check(bomb)


@pytest.mark.parametrize("name", bombs.GAPS)
def test_y1_what_builds_on_nothing_is_a_gap(name: str) -> None:
    log, update = bombs.GAPS[name]
    with pytest.raises(Gap):
        holding(log).check(update)


@pytest.mark.parametrize("name", bombs.STATE_VECTORS)
def test_y6_a_state_vector_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        state.decode(bombs.STATE_VECTORS[name])


# What pycrdt 0.14.13 does with those that it does not refuse to decode. "taken": what it then holds is of no use.
PYCRDT = {
    **dict.fromkeys(
        (
            "trailing bytes", "a list in a list, 65 deep", "a list in a list, 20,000 deep", "no values",
            "an object in an object, 20,000 deep", "a type of no kind", "a document in the document", "an empty string",
            "no operations collected", "more operations than clocks", "a clock near the end", "no operations deleted",
            "a writer twice", "an operation beside itself", "an operation in its own child",
            "an operation beside itself, to its left", "an operation in itself",
            "an operation beside itself, by another spelling", "an operation between another and itself",
            "elements, 101 deep", "ninety levels more", "two that wait for each other",
            "an element in itself, by way of another", "deleted ranges out of order", "deleted ranges that overlap",
            "between two that do not stand in the same", "going on elsewhere",
            "going on from what is collected, which yjs does not survive", "half a character deleted",
            "a letter between the halves of a character",
        ),
        "taken",
    ),
    "a letter inside a letter": "refused",
    "a letter inside a letter of the same update": "refused",
    "elements, 40,000 deep": "taken",
    "elements, 100,000 deep": "taken",
    "lists, 400,000 deep": "crash",
    "a writer without operations": "crash",
}  # fmt: skip


@pytest.mark.parametrize("name", HARMFUL)
def test_y4_what_pycrdt_would_make_of_it_is_as_written_here(sandbox: Sandbox, name: str) -> None:
    """Where this fails, the library was mended, or broken in another way: see whether a rule is needed still."""
    log, bomb = HARMFUL[name]
    outcome = sandbox.apply(*log, bomb)
    assert outcome.kind == PYCRDT.get(name, "undecodable"), outcome.why


@pytest.mark.parametrize("name", bombs.SLOW)
def test_y4_what_has_the_right_shape_still_hangs_pycrdt_or_fills_the_memory(sandbox: Sandbox, name: str) -> None:
    """`Beside` tries it in a process of its own; see tests/live/test_large_edits.py."""
    document = holding([])
    document.check(bombs.SLOW[name])
    assert sandbox.apply(bombs.SLOW[name], seconds=2).kind in ("hang", "balloon")
