"""What a comment may hold: positions as Yjs encodes them, and text that both databases can keep."""

import pytest
from pycrdt import Assoc, Doc, Text

from rooms.core.commenting import EMOJI, MAX_POSITION_BYTES, TURNS, Kind, State, is_position, is_text
from rooms.core.lib0 import write_uint


def root(name: str) -> bytes:
    """A position at the end of the root of that name."""
    return bytes([1]) + write_uint(len(name)) + name.encode() + b"\0"


@pytest.mark.parametrize("assoc", [Assoc.BEFORE, Assoc.AFTER])
@pytest.mark.parametrize("index", [0, 3])
def test_what_a_document_gives_is_a_position(assoc: Assoc, index: int) -> None:
    doc: Doc[Text] = Doc()
    text = doc.get("text", type=Text)
    text += "words"
    assert is_position(text.sticky_index(index, assoc).encode())


@pytest.mark.parametrize(
    "position",
    [
        bytes([0, 5, 3]),  # as old versions of Yjs wrote it, without a side
        bytes([2, 5, 3, 0x41]),
        root("a" * (MAX_POSITION_BYTES - 4)),
    ],
)
def test_the_other_forms_are_positions(position: bytes) -> None:
    assert is_position(position)


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\0",
        bytes([0, 5]),
        bytes([0, 0x80]),
        bytes([3, 5, 3, 0]),
        bytes([0, 5, 3, 0, 0]),
        bytes([0, 5, 3, 0x80]),
        bytes([1, 9, 97]),
        bytes([1, 1, 0xFF, 0]),
        root("a" * (MAX_POSITION_BYTES - 3)),
    ],
)
def test_anything_else_is_none(junk: bytes) -> None:
    assert not is_position(junk)


def test_text_is_what_both_databases_keep() -> None:
    assert is_text("Grüße 👋\n")
    assert not is_text("a\0b")
    assert not is_text("half \ud83d")


def test_a_thread_comes_back_to_open_from_every_state() -> None:
    for kind, _, to in TURNS:
        assert to is State.OPEN or (kind, to, State.OPEN) in TURNS
    assert {kind for kind, _, _ in TURNS} == set(Kind)


def test_there_are_a_dozen_emoji() -> None:
    assert len(set(EMOJI)) == 12
