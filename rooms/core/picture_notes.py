"""What a camera or a program wrote into a picture beside the picture: the place, the owner, a second picture.

It is left out when a picture is kept, without decoding it. What stays is how it is to be turned, and its colours.
Sources of the layouts: JPEG (ITU T.81, B.1.1 and B.2.1), Exif 2.32 (4.5.4, 4.6.4 "Orientation"), PNG (W3C, 11.3),
WebP (RFC 9649, 2.7).
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from rooms.core.pictures import JPEG, PNG, WEBP

_EXIF = b"Exif\0\0"
_ORIENTATION = 0x0112
_UPRIGHT = 1
# These stand on their side: 5 to 8 of the eight ways in which a picture can be turned.
_ON_THEIR_SIDE = range(5, 9)

# Segments or chunks. Cameras write dozens, and a PNG as large as a file may be has some thousands. Each is a step here,
# and an object until all are joined.
MOST_PARTS = 20_000

_FILLERS = re.compile(rb"\xff+")
# Markers that begin no segment inside the picture's data: a byte of data, a restart, a filler.
_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)
_SOS, _EOI, _COM = 0xDA, 0xD9, 0xFE
_APPS = range(0xE0, 0xF0)
# APP0 is JFIF, APP2 has the colour profile, APP14 says how Adobe stored the colours.
_KEPT_APPS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}

_PNG_NOTES = frozenset({b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf"})
_WEBP_NOTES = frozenset({b"EXIF", b"XMP "})
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


@dataclass(frozen=True, slots=True)
class Bare:
    """A picture without notes. `on_its_side`: what is stored as its width is shown as its height."""

    data: bytes
    on_its_side: bool


class TooManyParts(ValueError):
    """More than MOST_PARTS: no camera and no program makes such a picture."""


class _Unreadable(ValueError):
    pass


def without_notes(kind: str, data: bytes) -> Bare | None:
    """Return the picture `data` of that content type without notes, and without what stands behind its end.

    None where nobody knows how: for other kinds, and for a file that ends too early. Raises TooManyParts. It takes as
    much memory as the picture once more: parts are views of it until they are joined.
    """
    take = {JPEG: _jpeg, PNG: _png, WEBP: _webp}.get(kind)
    if take is None:
        return None
    try:
        return take(data)
    except (_Unreadable, struct.error, IndexError):
        return None


def _jpeg(data: bytes) -> Bare:
    parts: list[bytes | memoryview] = [data[:2]]
    turned = _UPRIGHT
    for marker, whole in _segments(data):
        content = whole[4:]
        if marker == 0xE1 and content[: len(_EXIF)] == _EXIF:
            turned = _orientation(content[len(_EXIF) :])
            if turned != _UPRIGHT:
                body = _EXIF + _notes_with(turned)
                parts.append(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
        elif marker != _COM and (marker not in _APPS or _draws(marker, content)):
            parts.append(whole)
    return Bare(b"".join(parts), turned in _ON_THEIR_SIDE)


def _draws(app: int, content: memoryview) -> bool:
    """Whether what an application wrote into a segment of its own is needed to draw the picture."""
    start = _KEPT_APPS.get(app)
    return start is not None and content[: len(start)] == start


def _segments(data: bytes) -> Iterator[tuple[int, memoryview]]:
    """Yield each segment with its marker; a scan has its data with it. Ends behind the picture."""
    view, place = memoryview(data), 2
    for _ in range(MOST_PARTS):
        fillers = _FILLERS.match(data, place)
        if fillers is None:
            raise _Unreadable
        place = fillers.end() - 1
        marker = data[place + 1]
        if marker == _EOI:
            yield marker, view[place : place + 2]
            return
        (length,) = struct.unpack_from(">H", data, place + 2)
        end = place + 2 + length
        if length < 2 or end > len(data):
            raise _Unreadable
        if marker == _SOS:
            found = _MARKER.search(data, end)
            if found is None:
                raise _Unreadable
            end = found.start()
        yield marker, view[place:end]
        place = end
    raise TooManyParts


def _png(data: bytes) -> Bare:
    view, place, turned = memoryview(data), 8, _UPRIGHT
    parts: list[bytes | memoryview] = [data[:8]]
    for _ in range(MOST_PARTS):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data):
            raise _Unreadable
        if kind == b"eXIf":
            turned = _orientation(view[place + 8 : end - 4])
            if turned != _UPRIGHT:
                parts.append(_png_chunk(kind, _notes_with(turned)))
        elif kind not in _PNG_NOTES:
            parts.append(view[place:end])
        if kind == b"IEND":
            return Bare(b"".join(parts), turned in _ON_THEIR_SIDE)
        place = end
    raise TooManyParts


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _webp(data: bytes) -> Bare:
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data):
        raise _Unreadable
    chunks: list[tuple[bytes, bytes | memoryview]] = []
    turned = _UPRIGHT
    for kind, content in _webp_chunks(data, length + 8):
        if kind == b"EXIF":
            turned = _orientation(content[len(_EXIF) :] if content[: len(_EXIF)] == _EXIF else content)
            if turned != _UPRIGHT:
                chunks.append((kind, _notes_with(turned)))
        elif kind not in _WEBP_NOTES:
            chunks.append((kind, content))
    lost = _WEBP_XMP if turned != _UPRIGHT else _WEBP_XMP | _WEBP_EXIF
    parts: list[bytes | memoryview] = [b"WEBP"]
    for kind, kept in chunks:
        parts.append(kind + struct.pack("<I", len(kept)))
        parts += (bytes([kept[0] & ~lost]), kept[1:]) if kind == b"VP8X" else (kept,)
        parts.append(b"\0" * (len(kept) % 2))
    size = struct.pack("<I", sum(map(len, parts)))
    return Bare(b"".join((b"RIFF", size, *parts)), turned in _ON_THEIR_SIDE)


def _webp_chunks(data: bytes, end: int) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the kind of each chunk and what is in it."""
    view, place = memoryview(data), 12
    for _ in range(MOST_PARTS):
        if place + 8 > end:
            return
        kind, size = struct.unpack_from("<4sI", data, place)
        if place + 8 + size > len(data):
            raise _Unreadable
        yield kind, view[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
    raise TooManyParts


def _orientation(notes: memoryview) -> int:
    """Return how the picture is to be turned, 1 to 8, as its Exif says: 1 (upright) where it does not."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(notes[:4]))
    if order is None:
        return _UPRIGHT
    try:
        (start,) = struct.unpack_from(f"{order}I", notes, 4)
        (count,) = struct.unpack_from(f"{order}H", notes, start)
        for entry in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", notes, start + 2 + 12 * entry)
            if tag == _ORIENTATION and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        pass
    return _UPRIGHT


def _notes_with(orientation: int) -> bytes:
    """Return Exif that says nothing but how the picture is to be turned."""
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)
