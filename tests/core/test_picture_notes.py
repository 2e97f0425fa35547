"""Pictures are kept without what a camera wrote into them, and still stand upright."""

import struct
import tracemalloc

import pytest

from rooms.core.picture_notes import MOST_PARTS, TooManyParts, without_notes
from rooms.core.pictures import AVIF, GIF, JPEG, PNG, WEBP
from tests.harness import pictures

PLACE = b"53.5453 N 9.9669 E"


def notes(orientation: int, order: str = "<") -> bytes:
    """Exif with an orientation and a note that gives a place away."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    turned = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    place = struct.pack(f"{order}HHII", 0x010E, 2, len(PLACE), 38)
    return mark + struct.pack(f"{order}IH", 8, 2) + place + turned + b"\0" * 4 + PLACE


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


SCAN = segment(0xDA, b"\1\1\0\0\0\0") + b"data\xff\0more\xff\xd0again\xff\xff\0"
FRAME = segment(0xC2, struct.pack(">BHHB", 8, 3, 4, 1))


def jpeg(*before: bytes, behind: bytes = b"") -> bytes:
    tables = segment(0xC4, b"\0" * 17)
    return b"\xff\xd8" + b"".join(before) + FRAME + SCAN + tables + SCAN + b"\xff\xd9" + behind


def png(*chunks: tuple[bytes, bytes], behind: bytes = b"") -> bytes:
    whole = pictures.png()
    made = b"".join(pictures._chunk(kind, content) for kind, content in chunks)
    return whole[:33] + made + whole[33:] + behind


def webp(flags: int, *chunks: tuple[bytes, bytes]) -> bytes:
    header = bytes([flags]) + b"\0" * 3 + struct.pack("<I", 3)[:3] + struct.pack("<I", 2)[:3]
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
        for kind, content in ((b"VP8X", header), (b"VP8L", b"\x2fpixels"), *chunks)
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("kind", "plain"), [(JPEG, jpeg()), (PNG, pictures.png()), (WEBP, webp(0))], ids=["jpeg", "png", "webp"]
)
def test_a_picture_without_notes_stays_as_it_is(kind: str, plain: bytes) -> None:
    bare = without_notes(kind, plain)
    assert bare is not None
    assert (bare.data, bare.on_its_side) == (plain, False)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_place_is_left_out_and_the_turn_stays(order: str, orientation: int) -> None:
    exif = notes(orientation, order)
    noted = {
        JPEG: jpeg(segment(0xE1, b"Exif\0\0" + exif), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PLACE)),
        PNG: png((b"eXIf", exif), (b"iTXt", b"XML:com.adobe.xmp\0" + PLACE)),
        WEBP: webp(0x0C, (b"EXIF", exif), (b"XMP ", PLACE)),
    }
    for kind, data in noted.items():
        bare = without_notes(kind, data)
        assert bare is not None
        assert PLACE not in bare.data
        assert bare.on_its_side == (orientation >= 5)
        again = without_notes(kind, bare.data)
        assert again == bare
        assert (b"II*\0" in bare.data) == (orientation != 1)


def test_of_a_jpeg_only_what_draws_it_stays() -> None:
    kept = (
        segment(0xE0, b"JFIF\0" + b"\1" * 9),
        segment(0xE2, b"ICC_PROFILE\0" + b"\1" * 9),
        segment(0xEE, b"Adobe" + b"\0" * 7),
    )
    dropped = (
        segment(0xE2, b"MPF\0" + PLACE),
        segment(0xED, b"Photoshop 3.0\0" + PLACE),
        segment(0xEB, PLACE),
        segment(0xFE, PLACE),
    )
    bare = without_notes(JPEG, jpeg(*kept, *dropped, behind=jpeg(segment(0xE1, b"Exif\0\0" + notes(1)))))
    assert bare is not None
    assert bare.data == jpeg(*kept)


def test_nothing_stands_behind_the_end() -> None:
    bare = without_notes(
        PNG, png((b"tEXt", b"Author\0" + PLACE), (b"pHYs", b"\0" * 9), (b"tIME", b"\0" * 7), behind=PLACE)
    )
    assert bare is not None
    assert bare.data == png((b"pHYs", b"\0" * 9))


def test_a_file_of_webp_says_how_long_it_is_and_what_is_in_it() -> None:
    bare = without_notes(WEBP, webp(0x1C, (b"EXIF", notes(1)), (b"XMP ", PLACE)) + PLACE)
    assert bare is not None
    assert bare.data == webp(0x10)


@pytest.mark.parametrize("kind", [JPEG, PNG, WEBP])
def test_a_file_that_ends_too_early_is_not_known(kind: str) -> None:
    whole = {
        JPEG: jpeg(segment(0xE1, b"Exif\0\0" + notes(6))),
        PNG: png((b"eXIf", notes(6))),
        WEBP: webp(8, (b"EXIF", notes(6))),
    }
    for end in range(len(whole[kind]) - 1):
        assert without_notes(kind, whole[kind][:end]) is None


def of_parts(kind: str, count: int, content: bytes = b"") -> bytes:
    """Return a picture with that many segments or chunks more than it needs."""
    return {
        JPEG: lambda: jpeg(segment(0xDB, content) * count),
        PNG: lambda: png(*[(b"abCd", content)] * count),
        WEBP: lambda: webp(0, *[(b"abcd", content)] * count),
    }[kind]()


@pytest.mark.parametrize("kind", [JPEG, PNG, WEBP])
def test_a_picture_of_very_many_empty_parts_is_refused(kind: str) -> None:
    kept = of_parts(kind, MOST_PARTS - 10)
    bare = without_notes(kind, kept)
    assert bare is not None
    assert bare.data == kept
    with pytest.raises(TooManyParts):
        without_notes(kind, of_parts(kind, MOST_PARTS + 1))


@pytest.mark.parametrize("kind", [JPEG, PNG, WEBP])
@pytest.mark.parametrize(("count", "size"), [(500_000, 0), (400, 60_000), (19_000, 900)])
def test_leaving_out_notes_takes_the_picture_once_more_and_little_beside_it(kind: str, count: int, size: int) -> None:
    picture = of_parts(kind, count, b"x" * size)
    tracemalloc.start()
    try:
        without_notes(kind, picture)
    except TooManyParts:
        assert count > MOST_PARTS
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < (len(picture) if count < MOST_PARTS else 0) + 16_000_000


def test_fillers_before_a_marker_are_left_out() -> None:
    bare = without_notes(JPEG, b"\xff\xd8" + b"\xff" * 1_000_000 + jpeg()[2:])
    assert bare is not None
    assert bare.data == jpeg()


def test_other_kinds_are_not_known() -> None:
    assert without_notes(GIF, pictures.gif(1, 1)) is None
    assert without_notes(AVIF, pictures.avif((1, 1))) is None


@pytest.mark.parametrize(
    "exif", [b"", b"II*\0", b"MM\0*\0\0\0\x08\xff\xff", b"II*\0\xff\xff\xff\xff", b"no Exif at all"]
)
def test_exif_that_cannot_be_read_says_nothing(exif: bytes) -> None:
    bare = without_notes(JPEG, jpeg(segment(0xE1, b"Exif\0\0" + exif)))
    assert bare is not None
    assert (bare.data, bare.on_its_side) == (jpeg(), False)
