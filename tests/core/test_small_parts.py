"""lib0's numbers and strings, state vectors, colours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.core import lib0, palette, state
from rooms.core.lib0 import Malformed


@given(st.integers(0, 2**53 - 1))
def test_an_integer_is_read_as_it_was_written(value: int) -> None:
    encoded = lib0.write_uint(value)
    assert lib0.read_uint(encoded + b"rest", 0) == (value, len(encoded))


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\x80",
        b"\xff" * 8,
        b"\xff" * 200,
        lib0.write_uint(2**53),
        lib0.write_uint(2**64),
        b"\x80" * 8 + b"\x01",
    ],
    ids=["nothing", "half", "eight", "no end", "2^53", "2^64", "zero padded"],
)
def test_an_integer_out_of_bounds_is_malformed(encoded: bytes) -> None:
    with pytest.raises(Malformed):
        lib0.read_uint(encoded, 0)


def test_bytes_and_strings_end_where_the_data_does() -> None:
    assert lib0.read_bytes(b"\x02abc", 0) == (b"ab", 3)
    assert lib0.read_string(lib0.write_uint(6) + "é😀".encode(), 0) == ("é😀", 7)
    for short in (b"\x03ab", lib0.write_uint(2**40) + b"ab"):
        with pytest.raises(Malformed):
            lib0.read_bytes(short, 0)
    with pytest.raises(Malformed):
        lib0.read_string(b"\x01\xff", 0)


def test_text_is_as_long_as_javascript_counts_it() -> None:
    assert [lib0.utf16_length(text) for text in ("abc", "é", "東京", "😀", "a😀b")] == [3, 1, 2, 2, 4]


@given(st.dictionaries(st.integers(0, 2**53 - 1), st.integers(0, 2**31)))
def test_a_state_vector_is_read_as_it_was_written(clocks: dict[int, int]) -> None:
    encoded = lib0.write_uint(len(clocks))
    for client, clock in clocks.items():
        encoded += lib0.write_uint(client) + lib0.write_uint(clock)
    assert state.decode(encoded) == clocks


@pytest.mark.parametrize("vector", [b"", b"\x00\x00", b"\x01", b"\x01\x05", b"\xff\xff\xff\x7f\x01\x01"])
def test_y6_what_is_no_state_vector_is_malformed(vector: bytes) -> None:
    with pytest.raises(Malformed):
        state.decode(vector)


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("color", palette.PALETTE)
def test_white_words_are_readable_on_every_colour(color: str) -> None:
    assert 1.05 / (luminance(color) + 0.05) >= 4.5


def test_a_person_keeps_a_colour_and_neighbours_differ() -> None:
    assert palette.color(5) == palette.color(5)
    assert len({palette.color(user_id) for user_id in range(12)}) == 12
