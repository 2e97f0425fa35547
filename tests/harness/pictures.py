"""Pictures made byte by byte: real ones that a browser shows, and headers that claim something."""

import struct
import zlib

Color = tuple[int, int, int]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 4, height: int = 3, color: Color = (31, 95, 191)) -> bytes:
    """A whole picture of one colour."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = (b"\0" + bytes(color) * width) * height
    return b"\x89PNG\r\n\x1a\n" + header + _chunk(b"IDAT", zlib.compress(pixels)) + _chunk(b"IEND", b"")


def noted_png(width: int, height: int, exif: bytes) -> bytes:
    """A whole picture with notes of a camera."""
    whole = png(width, height)
    return whole[:33] + _chunk(b"eXIf", exif) + whole[33:]


def claiming_png(width: int, height: int) -> bytes:
    """A picture that says that it is as large as that, in a few bytes."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header


def gif(width: int, height: int, comment: bytes = b"") -> bytes:
    said = b"\x21\xfe" + bytes([len(comment)]) + comment + b"\0" if comment else b""
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0" + said + b";"


def gif_of_frames(screen: tuple[int, int], *frames: tuple[int, int, int, int]) -> bytes:
    """A screen with two colours, and frames (left, top, width, height), each with two colours of its own."""
    table = b"\0\0\0\xff\xff\xff"
    drawn = (b"\x2c" + struct.pack("<HHHHB", *frame, 0x80) + table + b"\x02\x02\x44\x01\0" for frame in frames)
    return (
        b"GIF89a"
        + struct.pack("<HH", *screen)
        + b"\x80\0\0"
        + table
        + b"\x21\xf9\x04\0\0\0\0\0".join((b"", *drawn))
        + b";"
    )


def jpeg(width: int, height: int, *, exif_bytes: int = 0) -> bytes:
    exif = b"\xff\xe1" + struct.pack(">H", exif_bytes + 2) + b"\xff" * exif_bytes if exif_bytes else b""
    tables = b"\xff\xc4" + struct.pack(">H", 4) + b"\0\0"
    return b"\xff\xd8" + exif + tables + b"\xff\xff\xc2" + struct.pack(">HBHH", 11, 8, height, width) + b"\0" * 8


def webp_extended(width: int, height: int) -> bytes:
    sides = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return b"RIFF\0\0\0\0WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + sides


def webp_lossless(width: int, height: int) -> bytes:
    return b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)


def webp_lossy(width: int, height: int) -> bytes:
    return b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)


def _box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + kind + data


def avif(*sizes: tuple[int, int], behind: bytes = b"") -> bytes:
    stated = b"".join(_box(b"ispe", b"\0\0\0\0" + struct.pack(">II", *size)) for size in sizes)
    properties = _box(b"iprp", _box(b"ipco", _box(b"pixi", b"\0" * 8) + stated + behind))
    return _box(b"ftyp", b"avif\0\0\0\0mif1") + _box(b"meta", b"\0\0\0\0" + _box(b"hdlr", b"\0" * 24) + properties)
