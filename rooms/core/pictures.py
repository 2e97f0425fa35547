"""What an uploaded file is, by its first bytes and never by its name; and the size of a picture, without decoding it.

Sources of the layouts: PNG (W3C, "IHDR"), JPEG (ITU T.81, B.1.1.3 and B.2.2), GIF (89a, "Logical Screen Descriptor",
"Image Descriptor"), WebP (RFC 9649), AVIF (ISO/IEC 23008-12, `ispe` inside `meta/iprp/ipco`).
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

PNG, JPEG, GIF, WEBP, AVIF = "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"

# Kinds that a browser may show in a page, with the endings that a name of that kind has.
ENDINGS = {
    PNG: (".png",),
    JPEG: (".jpg", ".jpeg", ".jfif"),
    GIF: (".gif",),
    WEBP: (".webp",),
    AVIF: (".avif",),
}

# Everything else is only ever downloaded; a known kind helps phones to offer the right program.
_OTHERS = ((b"%PDF-", "application/pdf"), (b"PK\x03\x04", "application/zip"))
UNKNOWN = "application/octet-stream"

KINDS = frozenset({*ENDINGS, *(kind for _, kind in _OTHERS), UNKNOWN})

# Cameras write a few dozen segments. A file of empty ones must not keep the process busy.
_MOST_SEGMENTS = 1_000
# Markers without a length, and one that is none: behind them others would find another frame header than is found here.
# None of them stands before it.
_BARE_MARKERS = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
# Blocks of a GIF, and the parts of up to 255 bytes that they are made of: a file of 25 MB has a hundred thousand.
_MOST_BLOCKS = 1_000_000
# Boxes of an AVIF file: a handful at the top, some dozens of properties.
_MOST_BOXES = 1_000
_MOST_META_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that browsers show: its content type, and its size in pixels before it is turned."""

    kind: str
    width: int
    height: int


def kind_of(head: bytes) -> str:
    """Return the content type of a file that is no picture, by its first bytes."""
    return next((kind for mark, kind in _OTHERS if head.startswith(mark)), UNKNOWN)


def read_picture(file: IO[bytes]) -> Picture | None:
    """Return what picture `file` is, read from its start; None when it is none, or when its header is broken."""
    file.seek(0)
    head = file.read(32)
    try:
        found = _read(file, head)
    except struct.error:  # it ends before its header does
        return None
    return found if found is not None and found.width > 0 and found.height > 0 else None


def _read(file: IO[bytes], head: bytes) -> Picture | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"):
        return Picture(PNG, *struct.unpack_from(">II", head, 16))
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _gif(file)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _webp(head)
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg(file)
    if head[4:8] == b"ftyp" and head[8:12] in {b"avif", b"avis"}:
        return _avif(file)
    return None


def _gif(file: IO[bytes]) -> Picture | None:
    """The size of the screen, or of what the frames cover where that is more: browsers draw a larger one as it is."""
    file.seek(0)
    data = file.read()
    wide, high, flags = struct.unpack_from("<HHB", data, 6)
    place = 13 + _colours(flags)
    blocks = iter(range(_MOST_BLOCKS))
    for _ in blocks:
        start = data[place : place + 1]
        if start == b"\x2c" and place + 10 < len(data):
            left, top, across, down, flags = struct.unpack_from("<HHHHB", data, place + 1)
            wide, high = max(wide, left + across), max(high, top + down)
            place += 11 + _colours(flags)
        elif start == b"\x21":
            place += 2
        else:  # its end, or where it was cut off: browsers show what came before
            return Picture(GIF, wide, high)
        for _ in blocks:
            size = data[place] if place < len(data) else 0
            place += size + 1
            if size == 0:
                break
    return None


def _colours(flags: int) -> int:
    """Return how many bytes of a GIF a table of colours takes, by the flags before it."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _webp(head: bytes) -> Picture | None:
    part = head[12:16]
    if part == b"VP8X":
        (wide,) = struct.unpack("<I", head[24:27] + b"\0")
        (high,) = struct.unpack("<I", head[27:30] + b"\0")
        return Picture(WEBP, wide + 1, high + 1)
    if part == b"VP8L" and head[20:21] == b"\x2f":
        (bits,) = struct.unpack_from("<I", head, 21)
        return Picture(WEBP, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if part == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        wide, high = struct.unpack_from("<HH", head, 26)
        return Picture(WEBP, wide & 0x3FFF, high & 0x3FFF)
    return None


def _jpeg(file: IO[bytes]) -> Picture | None:
    """Walk the segments up to the frame header, which stands behind what a camera wrote about the picture."""
    file.seek(2)
    for _ in range(_MOST_SEGMENTS):
        filler, marker = struct.unpack(">BB", file.read(2))
        if filler != 0xFF:
            return None
        if marker == 0xFF:  # a marker may be preceded by any number of these
            file.seek(-1, io.SEEK_CUR)
            continue
        if marker in _BARE_MARKERS:
            return None
        (length,) = struct.unpack(">H", file.read(2))
        # SOF0 to SOF15, without the tables for Huffman and arithmetic coding and one that is reserved.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            _, high, wide = struct.unpack(">BHH", file.read(5))
            return Picture(JPEG, wide, high)
        if marker in {0xD9, 0xDA} or length < 2:  # the picture itself, or its end, before any frame header
            return None
        file.seek(length - 2, io.SEEK_CUR)
    return None


def _avif(file: IO[bytes]) -> Picture | None:
    """The largest of the sizes that the file states: thumbnails and tiles have smaller ones."""
    file.seek(0)
    for _ in range(16):
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"meta":
            if not 12 <= length <= _MOST_META_BYTES:
                return None
            meta = file.read(length - 8)[4:]
            sizes = [
                struct.unpack_from(">II", size, 4)
                for properties in _boxes(meta, b"iprp")
                for container in _boxes(properties, b"ipco")
                for size in _boxes(container, b"ispe")
            ]
            wide, high = max(sizes, key=lambda pair: pair[0] * pair[1], default=(0, 0))
            return Picture(AVIF, wide, high)
        if length < 8:  # 0: to the end of the file, 1: a length of 64 bits; no `meta` comes behind either
            return None
        file.seek(length - 8, io.SEEK_CUR)
    return None


def _boxes(data: bytes, wanted: bytes) -> Iterator[bytes]:
    """Raises struct.error where it cannot tell all of them: a browser might find a size behind."""
    place = 0
    for _ in range(_MOST_BOXES):
        if place + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, place)
        if length < 8:
            raise struct.error("a length that is not told in 32 bits")
        if kind == wanted:
            yield data[place + 8 : place + length]
        place += length
    raise struct.error("too many boxes")
