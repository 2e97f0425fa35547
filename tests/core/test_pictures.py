"""A file is what its bytes say, whatever it is called."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.core import pictures
from rooms.core.filenames import clean_name
from rooms.core.pictures import Picture, kind_of, read_picture
from tests.harness import pictures as made


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (made.png(640, 480), pictures.PNG),
        (made.gif(640, 480), pictures.GIF),
        (made.gif_of_frames((640, 480), (0, 0, 640, 480), (20, 20, 4, 4)), pictures.GIF),
        (made.jpeg(640, 480), pictures.JPEG),
        (made.jpeg(640, 480, exif_bytes=60_000), pictures.JPEG),
        (made.webp_extended(640, 480), pictures.WEBP),
        (made.webp_lossless(640, 480), pictures.WEBP),
        (made.webp_lossy(640, 480), pictures.WEBP),
        (made.avif((640, 480)), pictures.AVIF),
        (made.avif((64, 48), (640, 480), (32, 24)), pictures.AVIF),
    ],
)
def test_each_kind_of_picture_is_known_with_its_size(data: bytes, kind: str) -> None:
    assert read_picture(io.BytesIO(data)) == Picture(kind, 640, 480)


@pytest.mark.parametrize(
    "frames",
    [
        [(0, 0, 640, 480)],
        [(600, 0, 40, 480), (0, 400, 7, 80)],
        [(0, 0, 1, 1)] * 300 + [(40, 80, 600, 400)],
    ],
)
def test_a_gif_is_as_large_as_what_its_frames_cover(frames: list[tuple[int, int, int, int]]) -> None:
    """Browsers draw a frame that is larger than the screen."""
    assert read_picture(io.BytesIO(made.gif_of_frames((1, 1), *frames))) == Picture(pictures.GIF, 640, 480)


def test_a_gif_that_is_cut_off_is_as_large_as_what_is_there() -> None:
    whole = made.gif_of_frames((3, 3), (0, 0, 640, 480), (0, 0, 2, 2))
    for end in range(50, len(whole)):
        assert read_picture(io.BytesIO(whole[:end])) == Picture(pictures.GIF, 640, 480)


@pytest.mark.parametrize("marker", [0x00, 0x01, 0xD0, 0xD7, 0xD8])
def test_no_frame_header_hides_behind_a_marker_that_has_no_length(marker: int) -> None:
    """Whoever decodes it goes on right behind the marker, and finds the large one."""
    large, small = (made.jpeg(*size)[9:] for size in ((20_000, 20_000), (1, 1)))
    skipped = bytes([0xFF, marker]) + large + b"x" * (int.from_bytes(large[:2], "big") - len(large))
    assert read_picture(io.BytesIO(b"\xff\xd8\xff" + skipped[1:] + small)) is None


@pytest.mark.parametrize(
    "between", [(b"\0\0\0\x08free" * 1_000), (b"\0\0\0\x01free\0\0\0\0\0\0\0\x10")], ids=["many", "long"]
)
def test_no_size_hides_behind_boxes_that_are_not_read(between: bytes) -> None:
    hidden = made._box(b"ispe", b"\0\0\0\0" + struct.pack(">II", 20_000, 20_000))
    whole = made.avif((1, 1), behind=between + hidden)
    assert read_picture(io.BytesIO(whole)) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7",
        b"BM" + b"\0" * 60,
        made.png()[:20],
        made.gif(0, 5),
        b"\xff\xd8\xff\xe0",
        b"\xff\xd8" + b"\xff\xe0\0\2" * 100_000,
        b"\xff\xd8" + b"\xff\xe0\0\0" * 100_000,
        b"\xff\xd8" + b"\xff" * 100_000,
        made.avif(),
        made.avif((5, 5))[:40],
        made.gif_of_frames((1, 1), (0, 0, 9, 9))[:-5] + b"\1x" * 1_000_000 + b"\0;",
        b"\0\0\0\x14ftypavif\0\0\0\0mif1" + b"\0\0\0\0free" * 100,
        b"\0\0\0\x14ftypavif\0\0\0\0mif1\xff\xff\xff\xffmeta",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"RIFF\0\0\0\0WAVEfmt ",
    ],
)
def test_what_is_no_whole_header_of_a_picture_is_no_picture(data: bytes) -> None:
    assert read_picture(io.BytesIO(data)) is None


@given(
    st.binary(max_size=200), st.sampled_from([made.png(), made.jpeg(9, 9), made.avif((9, 9)), made.webp_lossy(9, 9)])
)
def test_no_bytes_make_the_reader_fail(tail: bytes, start: bytes) -> None:
    for cut in range(0, len(start), 7):
        read_picture(io.BytesIO(start[:cut] + tail))


def test_other_files_are_told_apart_by_their_first_bytes() -> None:
    assert kind_of(b"%PDF-1.7\n") == "application/pdf"
    assert kind_of(b"PK\x03\x04rest") == "application/zip"
    assert kind_of(b"<html>") == kind_of(b"") == pictures.UNKNOWN


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Plan.pdf", "Plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\photo.png", "photo.png"),
        ("two\r\nSet-Cookie: a=b.txt", "twoSet-Cookie: a=b.txt"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("  a   b .txt ", "a b .txt"),
        ("....", "file"),
        ("", "file"),
        ("\ud800.txt", "txt"),
        ("plan für 2027 📎.txt", "plan für 2027 📎.txt"),
        ("x" * 300 + ".docx", "x" * 250 + ".docx"),
        ("x" * 300, "x" * 255),
    ],
)
def test_a_name_is_one_line_without_tricks(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


def test_a_picture_has_the_ending_of_a_picture() -> None:
    assert clean_name("page.html", endings=(".png",)) == "page.html.png"
    assert clean_name("photo.JPEG", endings=(".jpg", ".jpeg")) == "photo.JPEG"
    assert clean_name("x" * 300 + ".html", endings=(".png",)).endswith(".png")
