"""Numbers of every size in every place of an update: each is read as it was written, or refused (trap Y4)."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.core import updates
from rooms.core.lib0 import Malformed
from rooms.core.updates import MAX_CLOCK, Id, Kind
from tests.core import encoding as e

uint = e.uint
LARGEST = 2**53 - 1
# The first and the last number of each length that an encoded number may have.
SIZES = [0, *(edge for bits in range(7, 53, 7) for edge in (2**bits - 1, 2**bits)), LARGEST]
CLOCKS = [size for size in SIZES if size < MAX_CLOCK]
# Writers whose ids have one to eight bytes.
WRITERS = [5, 7, 135, 300, 2**21, 2**28, 2**32 - 1, 2**35, LARGEST - 1, LARGEST]


def sized(value: int) -> str:
    return f"{value:#x}"


def text(origin: bytes = b"", right: bytes = b"", *, words: bytes = e.string("a")) -> bytes:
    """A text beside others, whose references are written by hand."""
    return bytes([e.STRING | (origin and e.ORIGIN or 0) | (right and e.RIGHT or 0)]) + origin + right + words


# Where the id of another writer may stand → an update that has it there, with the clock behind it.
REFERENCES: dict[str, Callable[[bytes], bytes]] = {
    "the left neighbour": lambda reference: e.update(e.section(6, 9, text(reference))),
    "the right neighbour": lambda reference: e.update(e.section(6, 9, text(b"", reference))),
    "the right neighbour, behind a left one": lambda reference: e.update(
        e.section(6, 9, text(e.reference(6, 2), reference))
    ),
    "the parent": lambda reference: e.update(e.section(6, 9, bytes([e.STRING, 0]) + reference + e.string("a"))),
    "what is deleted": lambda reference: e.update(deletes=uint(1) + deleted(reference)),
}


def deleted(reference: bytes) -> bytes:
    """Put the number of ranges between the two numbers of a reference, and one operation behind them."""
    end = next(at for at, byte in enumerate(reference) if byte < 0x80) + 1
    return reference[:end] + uint(1) + reference[end:] + uint(1)


@pytest.mark.parametrize("clock", CLOCKS, ids=sized)
@pytest.mark.parametrize("place", REFERENCES)
def test_a_reference_is_read_as_it_was_written(place: str, clock: int) -> None:
    for writer in WRITERS:
        assert updates.read(REFERENCES[place](e.reference(writer, clock))).needs == {writer: clock + 1}


@pytest.mark.parametrize("place", REFERENCES)
def test_y4_a_reference_that_javascript_cannot_hold_is_refused(place: str) -> None:
    updates.read(REFERENCES[place](e.reference(LARGEST, 1)))
    for number in (uint(2**53), uint(2**60), b"\xff" * 8 + b"\x01", b"\x80" * 8 + b"\x00"):
        for reference in (number + uint(1), uint(7) + number):
            with pytest.raises(Malformed):
                updates.read(REFERENCES[place](reference))


@pytest.mark.parametrize("place", REFERENCES)
def test_y4_a_reference_that_ends_too_early_is_refused(place: str) -> None:
    whole = e.reference(LARGEST, MAX_CLOCK - 1)
    at = (update := REFERENCES[place](whole)).index(uint(LARGEST))
    for end in range(at, len(update)):
        with pytest.raises(Malformed):
            updates.read(update[:end])


@pytest.mark.parametrize("place", ["the left neighbour", "the right neighbour", "the parent"])
def test_an_operation_may_build_on_the_one_before_it_and_not_on_itself(place: str) -> None:
    assert updates.read(REFERENCES[place](e.reference(6, 8))).needs == {}
    for spelling in (uint(6), b"\x86\x00", b"\x86\x80\x80\x00"):
        with pytest.raises(Malformed):
            updates.read(REFERENCES[place](spelling + uint(9)))


def test_a_writer_is_the_same_in_every_spelling() -> None:
    spellings = [uint(5), b"\x85\x00", uint(5), b"\x85\x80\x00", b"\x85\x00"]
    structs = [text(spelling + uint(20 - at), uint(6) + uint(0)) for at, spelling in enumerate(spellings)]
    assert updates.read(e.update(e.section(6, 9, *structs))).needs == {5: 21}
    with pytest.raises(Malformed, match="twice"):
        updates.read(e.update(e.section(5, 0, e.text("a")), b"\x01\x85\x00\x01" + e.text("b")))


def test_y4_an_id_that_the_end_cuts_short_is_not_taken_for_another_writer() -> None:
    """Seven is known from before, and all that is left is a seven, where an id of five bytes may stand."""
    update = e.update(e.section(7, 0, e.text("a")), uint(1) + uint(2**32 - 1) + uint(9) + text(uint(7) + uint(0)))
    with pytest.raises(Malformed):
        updates.read(update[: update.rindex(b"\x07\x00") + 1])


def test_more_writers_than_are_remembered_are_told_apart() -> None:
    writers = [2**31 + number for number in range(3000)] * 2
    structs = [text(e.reference(writer, at)) for at, writer in enumerate(writers)]
    summary = updates.read(e.update(e.section(6, 9, *structs)))
    assert [item[4] for item in summary.items] == [(writer, at) for at, writer in enumerate(writers)]
    assert summary.needs == {writer: at + 1 for at, writer in enumerate(writers)}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("clock", CLOCKS, ids=sized)
def test_a_section_begins_where_it_says(writer: int, clock: int) -> None:
    summary = updates.read(e.update(e.section(writer, clock, e.text("a"))))
    assert summary.ranges == {writer: (clock, clock + 1)}
    assert [item[:3] for item in summary.items] == [(writer, clock, clock + 1)]


# What holds a number of operations → the struct that holds so many, and how many there may be.
RUNS: dict[str, tuple[Callable[[int], bytes], int]] = {
    "collected": (lambda length: bytes([e.GC]) + uint(length), MAX_CLOCK),
    "deleted": (lambda length: e.item(e.DELETED, uint(length), root="text"), MAX_CLOCK),
    "letters": (lambda length: e.text("a" * length), 20_000),
    "letters of two bytes": (lambda length: e.text("é" * length), 20_000),
    "values": (lambda length: e.item(e.ANY, uint(length) + bytes([126]) * length, root="array"), 20_000),
}


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_is_as_long_as_it_says_and_ends_before_the_last_clock(kind: str) -> None:
    run, most = RUNS[kind]
    for length in (1, *(size for size in SIZES if 1 < size < most)):
        assert updates.read(e.update(e.section(7, 0, run(length)))).ranges == {7: (0, length)}
        last = MAX_CLOCK - length
        assert updates.read(e.update(e.section(7, last, run(length)))).ranges == {7: (last, MAX_CLOCK)}
        with pytest.raises(Malformed):
            updates.read(e.update(e.section(7, last + 1, run(length))))
    for length in (0, MAX_CLOCK + 1, LARGEST, LARGEST + 1) if most == MAX_CLOCK else (0,):
        with pytest.raises(Malformed):
            updates.read(e.update(e.section(7, 0, run(length))))


def test_y4_a_deleted_range_ends_before_the_last_clock() -> None:
    for length in (1, *(size for size in SIZES if 1 < size < MAX_CLOCK)):
        start = MAX_CLOCK - length
        assert updates.read(e.update(deletes=e.deleted(7, (start, length)))).deletes == [(7, start, MAX_CLOCK)]
        with pytest.raises(Malformed):
            updates.read(e.update(deletes=e.deleted(7, (start + 1, length))))


# What says how long it is → a struct that ends with it.
LENGTHS: dict[str, Callable[[bytes], bytes]] = {
    "a text": lambda string: text(e.reference(8, 0), words=string),
    "the name of a root": lambda string: bytes([e.STRING, 1]) + string,
    "a key": lambda string: bytes([e.ANY | e.SUB, 0]) + e.reference(8, 0) + string,
    "the name of an element": lambda string: bytes([e.TYPE | e.ORIGIN]) + e.reference(8, 0) + uint(3) + string,
    "the name of a format": lambda string: bytes([e.FORMAT | e.ORIGIN]) + e.reference(8, 0) + string,
    "a format": lambda string: bytes([e.FORMAT | e.ORIGIN]) + e.reference(8, 0) + e.string("b") + string,
    "an embed": lambda string: bytes([e.EMBED | e.ORIGIN]) + e.reference(8, 0) + string,
    "bytes": lambda string: bytes([e.BINARY | e.ORIGIN]) + e.reference(8, 0) + string,
    "a value that is a string": lambda string: value(b"\x77" + string),
    "a value that is bytes": lambda string: value(b"\x74" + string),
    "a key of a value": lambda string: value(b"\x76\x01" + string),
}
ENDS = {"a text", "the name of an element", "a format", "an embed", "bytes"} | {
    "a value that is a string",
    "a value that is bytes",
}


def value(encoded: bytes) -> bytes:
    return bytes([e.ANY | e.ORIGIN]) + e.reference(8, 0) + uint(1) + encoded


@pytest.mark.parametrize("place", LENGTHS)
def test_y4_what_is_longer_than_the_bytes_that_are_left_is_refused(place: str) -> None:
    for words in (b"", b"ab", "é😀".encode(), b"a" * 300):
        for more in (1, 2, 127, 2**14, 2**31, LARGEST - 300, LARGEST):
            for behind in (b"", e.NOTHING_DELETED):
                struct = LENGTHS[place](uint(len(words + behind) + more) + words)
                with pytest.raises(Malformed):
                    updates.read(b"\x01" + e.section(7, 0, struct) + behind)


@pytest.mark.parametrize("place", sorted(ENDS))
def test_what_is_as_long_as_the_bytes_that_are_left_is_read(place: str) -> None:
    for words in ("a", "é😀", "a" * 127, "a" * 128, "é" * 64, "a" * 20_000):
        updates.read(e.update(e.section(7, 0, LENGTHS[place](e.string(words)))))


@pytest.mark.parametrize("place", sorted(LENGTHS.keys() - {"bytes", "a value that is bytes"}))
@pytest.mark.parametrize("raw", [b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xc0\x80", b"\xf4\x90\x80\x80"])
def test_y4_a_string_that_is_no_utf8_is_refused_wherever_it_stands(place: str, raw: bytes) -> None:
    struct = LENGTHS[place](uint(len(raw)) + raw)
    behind = e.string("a") + bytes([126]) * 2 + e.NOTHING_DELETED
    with pytest.raises(Malformed, match="not UTF-8"):
        updates.read(b"\x01" + e.section(7, 0, struct) + behind)


@pytest.mark.parametrize("place", ["sections", "structs", "values", "entries", "deleted writers", "deleted ranges"])
def test_y4_a_count_of_any_size_is_compared_with_the_bytes_that_are_left(place: str) -> None:
    for count in [size for size in SIZES if size > 100] + [LARGEST + 1]:
        number = uint(count) + b"\x00" * 20
        with pytest.raises(Malformed):
            updates.read(
                {
                    "sections": number,
                    "structs": b"\x01" + number,
                    "values": b"\x01" + e.section(7, 0, bytes([e.ANY | e.ORIGIN, 8, 0]) + number),
                    "entries": b"\x01" + e.section(7, 0, value(b"\x76" + number)),
                    "deleted writers": b"\x00" + number,
                    "deleted ranges": b"\x00\x01\x07" + number,
                }[place]
            )


def test_the_second_halves_of_pairs_are_where_javascript_counts_them() -> None:
    words = "a😀é👋🏽東\U0010ffff"
    summary = updates.read(e.update(e.section(7, 300, e.text(words), e.text("😀", origin=(7, 300)))))
    assert summary.halves == [(7, 302), (7, 305), (7, 307), (7, 310), (7, 312)]
    assert summary.ranges == {7: (300, 313)}


# --- a whole update -------------------------------------------------------------------------------------------


@st.composite
def written(draw: st.DrawFn) -> tuple[bytes, updates.Summary]:
    """An update, and what is in it by an account that is kept while it is written."""
    summary = updates.Summary({}, {}, [], [], [])
    sections = []
    for writer in draw(st.lists(st.sampled_from(WRITERS), max_size=4, unique=True)):
        start = clock = draw(st.sampled_from([0, 1, 126, 2**14 - 2, 2**21 - 2, 2**28]))
        structs = []
        for _ in range(draw(st.integers(1, 5))):
            struct, clock = draw_struct(draw, summary, writer, clock)
            structs.append(struct)
        sections.append(spelled(draw, len(structs)) + spelled(draw, writer) + spelled(draw, start) + b"".join(structs))
        summary.ranges[writer] = (start, clock)
    deletes = []
    for writer in draw(st.lists(st.sampled_from(WRITERS), max_size=2)):
        ranges = draw(st.lists(st.tuples(st.sampled_from(CLOCKS[:-1]), st.integers(1, 300)), max_size=3))
        deletes.append(spelled(draw, writer) + spelled(draw, len(ranges)))
        for at, length in ranges:
            deletes.append(spelled(draw, at) + spelled(draw, length))
            summary.deletes.append((writer, at, at + length))
            need(summary, writer, at + length)
    writers = sum(1 for part in deletes if part) and len({id(part) for part in deletes}) and None
    del writers
    return b"", summary
