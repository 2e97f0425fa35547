"""Numbers and lengths of every size in every place of an update are read as they were written, or refused (trap Y4)."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.core import lib0, updates
from rooms.core.lib0 import Malformed
from rooms.core.updates import (
    COLLECTED,
    ELEMENT,
    FORMAT,
    KEYED,
    LETTERS,
    MAX_CLOCK,
    PAGE,
    TEXT,
    TYPE,
    VALUES,
    Id,
    Summary,
)
from tests.core import encoding as e
from tests.core.encoding import uint

LARGEST = 2**53 - 1
# The first and the last number of each length that an encoded number may have.
SIZES = [0, *(edge for bits in range(7, 53, 7) for edge in (2**bits - 1, 2**bits)), LARGEST]
CLOCKS = [size for size in SIZES if size < MAX_CLOCK]
# Their ids have one to eight bytes.
WRITERS = [5, 7, 135, 300, 2**21, 2**28, 2**32 - 1, 2**35, LARGEST - 1, LARGEST]


def beside(*references: bytes, flags: int, ref: int = e.STRING, content: bytes = e.string("a")) -> bytes:
    """One item beside others, with references that were written by hand."""
    return bytes([ref | flags]) + b"".join(references) + content


# --- references -----------------------------------------------------------------------------------------------

# What an operation of writer 6 at clock 9 names → the update, given the id and the clock as they are encoded.
REFERENCES: dict[str, Callable[[bytes, bytes], bytes]] = {
    "left": lambda writer, clock: e.update(e.section(6, 9, beside(writer, clock, flags=e.ORIGIN))),
    "right": lambda writer, clock: e.update(e.section(6, 9, beside(writer, clock, flags=e.RIGHT))),
    "right, behind left": lambda writer, clock: e.update(
        e.section(6, 9, beside(e.reference(6, 2), writer, clock, flags=e.ORIGIN | e.RIGHT))
    ),
    "parent": lambda writer, clock: e.update(e.section(6, 9, beside(uint(0), writer, clock, flags=0))),
    "parent, behind a number that is not 1": lambda writer, clock: e.update(
        e.section(6, 9, beside(uint(300), writer, clock, flags=0))
    ),
    "deleted": lambda writer, clock: e.update(deletes=uint(1) + writer + uint(1) + clock + uint(1)),
}
every_reference = pytest.mark.parametrize("place", REFERENCES)


@every_reference
@pytest.mark.parametrize("writer", WRITERS)
def test_a_reference_is_read_as_it_was_written(place: str, writer: int) -> None:
    for clock in CLOCKS:
        assert updates.read(REFERENCES[place](uint(writer), uint(clock))).needs == {writer: clock + 1}


@every_reference
def test_y4_a_reference_that_javascript_cannot_hold_is_refused(place: str) -> None:
    for number in (uint(2**53), uint(2**60), b"\xff" * 8 + b"\x01", b"\x80" * 8 + b"\x00"):
        for writer, clock in ((number, uint(1)), (uint(7), number)):
            with pytest.raises(Malformed):
                updates.read(REFERENCES[place](writer, clock))


@every_reference
def test_y4_a_reference_that_ends_too_early_is_refused(place: str) -> None:
    update = REFERENCES[place](uint(LARGEST), uint(MAX_CLOCK - 1))
    for end in range(len(update)):
        with pytest.raises(Malformed):
            updates.read(update[:end])


@pytest.mark.parametrize("place", ["left", "right", "parent"])
def test_an_operation_builds_on_the_one_before_it_and_not_on_itself(place: str) -> None:
    assert updates.read(REFERENCES[place](uint(6), uint(8))).needs == {}
    for itself in (uint(6), b"\x86\x00", b"\x86\x80\x80\x00"):
        with pytest.raises(Malformed):
            updates.read(REFERENCES[place](itself, uint(9)))


def test_y4_an_id_that_the_end_cuts_short_is_not_taken_for_another_writer() -> None:
    """7 is known, and all that is left is a 7, where an id of five bytes may stand."""
    section = uint(1) + uint(2**32 - 1) + uint(9) + beside(uint(7), flags=e.ORIGIN, content=b"")
    with pytest.raises(Malformed):
        updates.read(e.update(e.section(7, 0, e.text("a")), section, deletes=b""))


def test_more_writers_than_are_remembered_are_told_apart() -> None:
    writers = [2**31 + number for number in range(2000)] * 2
    structs = [e.text("a", origin=(writer, clock)) for clock, writer in enumerate(writers)]
    summary = updates.read(e.update(e.section(6, 9, *structs)))
    assert [item[4] for item in summary.items] == [(writer, clock) for clock, writer in enumerate(writers)]
    assert summary.needs == {writer: clock + 1 for clock, writer in enumerate(writers)}


# --- runs -----------------------------------------------------------------------------------------------------

# What holds a number of operations → the struct that holds so many.
RUNS: dict[str, Callable[[int], bytes]] = {
    "collected": lambda length: bytes([e.GC]) + uint(length),
    "deleted": lambda length: e.item(e.DELETED, uint(length), root="text"),
    "letters": lambda length: e.text("a" * length),
    "letters of two bytes": lambda length: e.text("é" * length),
    "values": lambda length: e.item(e.ANY, uint(length) + bytes([126]) * length, root="array"),
}


@pytest.mark.parametrize("kind", RUNS)
def test_a_run_is_as_long_as_it_says_and_ends_before_the_last_clock(kind: str) -> None:
    counted = kind in ("collected", "deleted")
    for length in [size for size in SIZES if 0 < size < (MAX_CLOCK if counted else 20_000)]:
        run, last = RUNS[kind](length), MAX_CLOCK - length
        assert updates.read(e.update(e.section(7, 0, run))).ranges == {7: (0, length)}
        assert updates.read(e.update(e.section(7, last, run))).ranges == {7: (last, MAX_CLOCK)}
        with pytest.raises(Malformed):
            updates.read(e.update(e.section(7, last + 1, run)))
    for length in (0, MAX_CLOCK + 1, LARGEST, LARGEST + 1) if counted else (0,):
        with pytest.raises(Malformed):
            updates.read(e.update(e.section(7, 0, RUNS[kind](length))))


def test_a_deleted_range_is_as_long_as_it_says_and_ends_before_the_last_clock() -> None:
    for length in [size for size in SIZES if 0 < size < MAX_CLOCK]:
        last = MAX_CLOCK - length
        assert updates.read(e.update(deletes=e.deleted(7, (last, length)))).deletes == [(7, last, MAX_CLOCK)]
        with pytest.raises(Malformed):
            updates.read(e.update(deletes=e.deleted(7, (last + 1, length))))


def test_the_second_halves_of_pairs_are_where_javascript_counts_them() -> None:
    structs = e.text("a😀é👋🏽東\U0010ffff"), e.text("😀", origin=(7, 300))
    summary = updates.read(e.update(e.section(7, 300, *structs)))
    assert summary.halves == [(7, 302), (7, 305), (7, 307), (7, 310), (7, 312)]
    assert summary.ranges == {7: (300, 313)}


# --- lengths and counts ---------------------------------------------------------------------------------------


def last(ref: int, before: bytes = b"") -> Callable[[bytes], bytes]:
    """Return what writes an item whose content ends with a string."""
    return lambda string: beside(e.reference(8, 0), flags=e.ORIGIN, ref=ref, content=before + string)


# What says how long it is, and ends its struct → the struct.
LENGTHS = {
    "a text": last(e.STRING),
    "the name of an element": last(e.TYPE, uint(3)),
    "a format": last(e.FORMAT, e.string("bold")),
    "an embed": last(e.EMBED),
    "bytes": last(e.BINARY),
    "a value that is a string": last(e.ANY, b"\x01\x77"),
    "a value that is bytes": last(e.ANY, b"\x01\x74"),
}
# And what goes on behind it.
INNER = {
    "the name of a root": lambda string: beside(uint(1), string, flags=0),
    "a key": lambda string: beside(uint(0), e.reference(8, 0), string, flags=e.SUB),
    "the name of a format": lambda string: last(e.FORMAT)(string + e.string("true")),
    "a key in a value": lambda string: last(e.ANY, b"\x01\x76\x01")(string + bytes([126])),
}


@pytest.mark.parametrize("place", LENGTHS | INNER)
def test_what_is_as_long_as_it_says_is_read(place: str) -> None:
    for words in ("a", "é😀", "a" * 127, "a" * 128, "é" * 64, "a" * 20_000):
        if place in ("a format", "an embed"):
            words = f'"{words}"'
        updates.read(e.update(e.section(7, 0, (LENGTHS | INNER)[place](e.string(words)))))


@pytest.mark.parametrize("place", LENGTHS)
def test_y4_what_is_longer_than_the_bytes_that_are_left_is_refused(place: str) -> None:
    for words in (b"", b"ab", "é😀".encode(), b"a" * 300):
        for more in (1, 2, 127, 2**14, 2**31, LARGEST - 301):
            for deletes in (b"", e.NOTHING_DELETED):
                struct = LENGTHS[place](uint(len(words + deletes) + more) + words)
                with pytest.raises(Malformed):
                    updates.read(e.update(e.section(7, 0, struct), deletes=deletes))


@pytest.mark.parametrize("encoded", [b"", b"\x80", b"\x03ab", uint(2**40) + b"ab", uint(2**53) + b"ab"])
def test_y4_neither_bytes_nor_a_string_go_on_behind_the_end(encoded: bytes) -> None:
    for read in (lib0.read_bytes, lib0.read_string):
        with pytest.raises(Malformed):
            read(encoded, 0)


@pytest.mark.parametrize("place", sorted((LENGTHS | INNER).keys() - {"bytes", "a value that is bytes"}))
@pytest.mark.parametrize("raw", [b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xc0\x80", b"\xf4\x90\x80\x80"])
def test_y4_a_string_that_is_no_utf8_is_refused_wherever_it_stands(place: str, raw: bytes) -> None:
    with pytest.raises(Malformed, match="not UTF-8"):
        updates.read(e.update(e.section(7, 0, (LENGTHS | INNER)[place](uint(len(raw)) + raw))))


# What is counted → an update that ends with the count and twenty more bytes.
COUNTS: dict[str, Callable[[bytes], bytes]] = {
    "writers": lambda count: count,
    "operations": lambda count: uint(1) + count,
    "values": lambda count: uint(1) + e.section(7, 0, last(e.ANY)(count)),
    "entries": lambda count: uint(1) + e.section(7, 0, last(e.ANY, b"\x01\x76")(count)),
    "writers deleted": lambda count: uint(0) + count,
    "ranges deleted": lambda count: uint(0) + uint(1) + uint(7) + count,
}


@pytest.mark.parametrize("what", COUNTS)
def test_y4_a_count_of_any_size_is_compared_with_the_bytes_that_are_left(what: str) -> None:
    for count in [21, *(size for size in SIZES if size > 21)]:
        with pytest.raises(Malformed, match="a count larger than the bytes that are left"):
            updates.read(COUNTS[what](uint(count) + b"\x7e" * 20))
    with pytest.raises(Malformed, match="integer too large"):
        updates.read(COUNTS[what](uint(2**53) + b"\x7e" * 20))


# --- a whole update -------------------------------------------------------------------------------------------


@st.composite
def accounts(draw: st.DrawFn) -> tuple[bytes, Summary]:
    """Return an update, and what is in it by an account that was kept while it was written."""
    summary = Summary({}, {}, [], [], [])
    sections = []
    for writer in draw(st.lists(st.sampled_from(WRITERS), max_size=4, unique=True)):
        start = clock = draw(st.sampled_from([0, 126, 2**14 - 2, 2**21 - 2, 2**28]))
        structs = []
        for _ in range(draw(st.integers(1, 5))):
            structs.append(struct(draw, summary, writer, clock))
            clock = summary.items[-1][2]
        summary.ranges[writer] = (start, clock)
        sections.append(b"".join(spelled(draw, number) for number in (len(structs), writer, start)) + b"".join(structs))
    deletes = []
    deleting = draw(st.lists(st.sampled_from(WRITERS), max_size=2))
    summary.untidy = len(set(deleting)) < len(deleting)
    for writer in deleting:
        clocks = draw(st.lists(st.sampled_from(CLOCKS[:-1]), max_size=3))
        ranges = [(writer, clock, clock + draw(st.integers(1, 300))) for clock in clocks]
        summary.deletes.extend(ranges)
        for _, _, end in ranges:
            summary.needs[writer] = max(summary.needs.get(writer, 0), end)
        numbers = [writer, len(ranges), *(number for _, at, end in ranges for number in (at, end - at))]
        deletes.append(b"".join(spelled(draw, number) for number in numbers))
    deleted = spelled(draw, len(deletes)) + b"".join(deletes)
    return spelled(draw, len(sections)) + b"".join(sections) + deleted, summary


def struct(draw: st.DrawFn, summary: Summary, writer: int, clock: int) -> bytes:
    """Write one struct, and add it to the account."""
    places = [reference(draw, summary, writer, clock) for _ in range(3)]
    flags = draw(st.sampled_from([0, e.ORIGIN, e.RIGHT, e.ORIGIN | e.RIGHT]))
    parent = places[0] if not flags else None
    origin = places[1] if flags & e.ORIGIN else None
    right = places[2] if flags & e.RIGHT and places[2] != origin else None
    words = draw(st.sampled_from(["a", "é", "words and words " * 9, "a😀b😀", "東京"]))
    contents: list[tuple[int, bytes, int, int]] = [
        (e.STRING, e.string(words), len(words.encode("utf-16-le")) // 2, LETTERS),
        (e.DELETED, uint(200), 200, COLLECTED),
        (e.TYPE, uint(3) + e.string("p"), 1, ELEMENT),
        (e.TYPE, uint(3) + e.string("text"), 1, TYPE),
        (e.TYPE, uint(2), 1, TYPE),
        (e.TYPE, uint(6), 1, TEXT),
        (e.FORMAT, e.string("bold") + e.string("true"), 1, FORMAT),
        (e.ANY, uint(3) + b"\x7e\x75\x01\x78\x7d\x80\x01", 3, VALUES),
    ]
    ref, content, length, kind = draw(st.sampled_from(contents))
    if ref == e.STRING:
        note_halves(summary, words, writer, clock)
    for place in (parent, origin, right):
        if place and place[0] != writer:
            summary.needs[place[0]] = max(summary.needs.get(place[0], 0), place[1] + 1)
    head = bytes([ref | (e.ORIGIN if origin else 0) | (e.RIGHT if right else 0)])
    root, key = draw(st.sampled_from(["root", "default", "defaults"])), draw(st.sampled_from([None, None, "", "key"]))
    if parent or not (origin or right):
        head += uint(0) if parent else uint(1) + e.string(root)
    for place in (parent, origin, right):
        head += spelled(draw, place[0]) + spelled(draw, place[1]) if place else b""
    if not (origin or right):
        parent = parent or (PAGE if root == "default" else None)
        if key is not None:
            head, kind = bytes([head[0] | e.SUB]) + head[1:] + e.string(key), kind | KEYED
    summary.items.append((writer, clock, clock + length, parent, origin, right, kind))
    return head + content


def reference(draw: st.DrawFn, summary: Summary, writer: int, clock: int) -> Id | None:
    """Return something that an operation of `writer` at `clock` may name, often one of its own."""
    other = draw(st.sampled_from([writer, *WRITERS]))
    if other != writer:
        return other, draw(st.sampled_from(SIZES))
    return (writer, clock - draw(st.sampled_from([1, min(clock, 127)]))) if clock else None


def note_halves(summary: Summary, words: str, writer: int, clock: int) -> None:
    for letter in words:
        clock += len(letter.encode("utf-16-le")) // 2
        if letter > "\uffff":
            summary.halves.append((writer, clock - 1))


def spelled(draw: st.DrawFn, number: int) -> bytes:
    """Encode a number, now and then with more bytes than it needs: lib0 reads that too."""
    encoded = uint(number)
    more = draw(st.sampled_from([0, 0, 0, 1, 2]))
    if not more or len(encoded) + more > 8:
        return encoded
    return encoded[:-1] + bytes([encoded[-1] | 0x80]) + b"\x80" * (more - 1) + b"\x00"


@given(accounts())
@settings(max_examples=400, deadline=None)
def test_an_update_is_read_as_it_was_written(account: tuple[bytes, Summary]) -> None:
    update, summary = account
    assert updates.read(update) == summary
    with pytest.raises(Malformed):
        updates.read(update[:-1])
