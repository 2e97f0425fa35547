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

# Markers that begin no segment inside the picture's data: a byte of data, a restart, a filler.
_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)
_SOS, _EOI, _COM = 0xDA, 0xD9, 0xFE
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


class _Unreadable(ValueError):
    pass


def without_notes(kind: str, data: bytes) -> Bare | None:
    """Return the picture `data` of that content type without notes, and without what stands behind its end.

    None where nobody knows how: for other kinds, and for a file that ends too early.
    """
    take = {JPEG: _jpeg, PNG: _png, WEBP: _webp}.get(kind)
    if take is None:
        return None
    try:
        return take(data)
    except (_Unreadable, struct.error, IndexError):
        return None


def _jpeg(data: bytes) -> Bare:
    parts, turned = [data[:2]], _UPRIGHT
    for marker, whole, content in _segments(data):
        if marker == 0xE1 and content.startswith(_EXIF):
            turned = _orientation(content[len(_EXIF) :])
            if turned != _UPRIGHT:
                body = _EXIF + _notes_with(turned)
                parts.append(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
        elif marker == _COM or (0xE0 <= marker <= 0xEF and not content.startswith(_KEPT_APPS.get(marker, b"\xff" * 9))):
            continue
        else:
            parts.append(whole)
    return Bare(b"".join(parts), turned in _ON_THEIR_SIDE)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield marker, the whole segment and what is in it; a scan has its data with it. Ends behind the picture."""
    place = 2
    while True:
        if data[place] != 0xFF:
            raise _Unreadable
        while data[place + 1] == 0xFF:  # fillers
            place += 1
        marker = data[place + 1]
        if marker == _EOI:
            yield marker, data[place : place + 2], b""
            return
        (length,) = struct.unpack_from(">H", data, place + 2)
        end = place + 2 + length
        if length < 2 or end > len(data):
            raise _Unreadable
        content = data[place + 4 : end]
        if marker == _SOS:
            found = _MARKER.search(data, end)
            if found is None:
                raise _Unreadable
            end = found.start()
        yield marker, data[place:end], content
        place = end


def _png(data: bytes) -> Bare:
    parts, turned = [data[:8]], _UPRIGHT
    place, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data):
            raise _Unreadable
        if kind == b"eXIf":
            turned = _orientation(data[place + 8 : end - 4])
            if turned != _UPRIGHT:
                parts.append(_png_chunk(kind, _notes_with(turned)))
        elif kind not in _PNG_NOTES:
            parts.append(data[place:end])
        place = end
    return Bare(b"".join(parts), turned in _ON_THEIR_SIDE)


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _webp(data: bytes) -> Bare:
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 > len(data):
        raise _Unreadable
    chunks: list[tuple[bytes, bytes]] = []
    place, turned = 12, _UPRIGHT
    while place + 8 <= length + 8:
        kind, size = struct.unpack_from("<4sI", data, place)
        if place + 8 + size > len(data):
            raise _Unreadable
        content = data[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
        if kind == b"EXIF":
            turned = _orientation(content.removeprefix(_EXIF))
            if turned != _UPRIGHT:
                chunks.append((kind, _notes_with(turned)))
        elif kind not in _WEBP_NOTES:
            chunks.append((kind, content))
    lost = _WEBP_XMP if turned != _UPRIGHT else _WEBP_XMP | _WEBP_EXIF
    body = b"".join(
        _webp_chunk(kind, bytes([content[0] & ~lost]) + content[1:] if kind == b"VP8X" else content)
        for kind, content in chunks
    )
    return Bare(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body, turned in _ON_THEIR_SIDE)


def _webp_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _orientation(notes: bytes) -> int:
    """Return how the picture is to be turned, 1 to 8, as its Exif says: 1 (upright) where it does not."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(notes[:4])
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
