"""The parts of lib0's binary encoding that Yjs updates are made of.

Source: lib0/encoding.js and lib0/decoding.js of lib0 0.2. Everything here raises Malformed and nothing else.
"""

from rooms.core.errors import BadFrame

# JavaScript's Number.MAX_SAFE_INTEGER; lib0 itself refuses to read more.
MAX_SAFE_INTEGER = 2**53 - 1


class Malformed(BadFrame):
    """The bytes are not what they should be."""


def read_uint(data: bytes, at: int) -> tuple[int, int]:
    """Read a variable-length unsigned integer: (value, position after it)."""
    value = shift = 0
    try:
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 49:
                raise Malformed("integer too long")
    except IndexError:
        raise Malformed("unexpected end") from None
    if value > MAX_SAFE_INTEGER:
        raise Malformed("integer too large")
    return value, at


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """Read a length and that many bytes: (bytes, position after them)."""
    size, at = read_uint(data, at)
    end = at + size
    if end > len(data):
        raise Malformed("unexpected end")
    return data[at:end], end


def read_string(data: bytes, at: int) -> tuple[str, int]:
    """Read a length in bytes and that much UTF-8: (text, position after it)."""
    raw, at = read_bytes(data, at)
    try:
        return raw.decode("utf-8"), at
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None


def write_uint(value: int) -> bytes:
    """Encode a variable-length unsigned integer."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def utf16_length(text: str) -> int:
    """Return the length of `text` as JavaScript counts it, in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
