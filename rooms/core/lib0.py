"""The parts of lib0's binary encoding that Yjs updates are made of.

Source: lib0/encoding.js and lib0/decoding.js of lib0 0.2. Everything here raises Malformed and nothing else.
"""

import json

from rooms.core.errors import BadFrame

# JavaScript's Number.MAX_SAFE_INTEGER; lib0 itself refuses to read more.
MAX_SAFE_INTEGER = 2**53 - 1

TOO_MANY = "a count larger than the bytes that are left"


class Malformed(BadFrame):
    """The bytes are not what they should be."""


def read_uint(data: bytes, at: int) -> tuple[int, int]:
    """Read a variable-length unsigned integer: (value, position after it)."""
    try:
        value = data[at]
    except IndexError:
        raise Malformed("unexpected end") from None
    return (value, at + 1) if value < 0x80 else read_rest(data, at + 1, value)


def read_rest(data: bytes, at: int, value: int) -> tuple[int, int]:
    """Read the rest of an unsigned integer whose first byte, `value`, is 128 or more: (value, position after it).

    The highest bit of a byte says that another one follows, and is no part of the number: it is taken off in the end.
    Up to five bytes there is no loop, which would take a third longer: every keystroke holds a writer's id of five.
    """
    try:
        second = data[at]
        if second < 0x80:
            return value + second * 0x80 - 0x80, at + 1
        third = data[at + 1]
        if third < 0x80:
            return value + second * 0x80 + third * 0x4000 - 0x4080, at + 2
        fourth = data[at + 2]
        if fourth < 0x80:
            return value + second * 0x80 + third * 0x4000 + fourth * 0x200000 - 0x204080, at + 3
        fifth = data[at + 3]
        value += second * 0x80 + third * 0x4000 + fourth * 0x200000 + fifth * 0x10000000 - 0x10204080
        at += 4
        if fifth < 0x80:
            return value, at
        for shift in (35, 42, 49):
            byte = data[at]
            at += 1
            value += (byte - 1) << shift  # the bit of the byte before weighs as much as 1 does here
            if byte < 0x80:
                break
        else:
            raise Malformed("integer too long")
    except IndexError:
        raise Malformed("unexpected end") from None
    if value > MAX_SAFE_INTEGER:
        raise Malformed("integer too large")
    return value, at


def read_count(data: bytes, at: int, least_bytes: int) -> tuple[int, int]:
    """Read a count of things that take at least `least_bytes` each: (count, position after it)."""
    count, at = read_uint(data, at)
    if count * least_bytes > len(data) - at:
        raise Malformed(TOO_MANY)
    return count, at


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """Read a length and that many bytes: (bytes, position after them)."""
    size, at = read_uint(data, at)
    end = at + size
    if end > len(data):
        raise Malformed("unexpected end")
    return data[at:end], end


def read_string(data: bytes, at: int) -> tuple[str, int]:
    """Read a length in bytes and that much UTF-8: (text, position after it)."""
    try:
        size = data[at]
    except IndexError:
        raise Malformed("unexpected end") from None
    at += 1
    if size > 0x7F:
        size, at = read_rest(data, at, size)
    end = at + size
    if end > len(data):
        raise Malformed("unexpected end")
    try:
        return data[at:end].decode("utf-8"), end
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None


# What every object of JavaScript has. One that brings its own is no string any more where a page asks for one, and Yjs,
# which asks what its constructor is before it writes it, throws.
_OF_EVERY_OBJECT = frozenset(
    {
        "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__proto__", "constructor",
        "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
    }
)  # fmt: skip


def skip_any(data: bytes, at: int, depth: int) -> int:
    """Skip a value as `encoding.writeAny` writes it, nested `depth` deep at most, and return the position after it."""
    if not depth:
        raise Malformed("a value nested too deep")
    if at >= len(data):
        raise Malformed("unexpected end")
    kind = data[at]
    at += 1
    if kind == 119:
        _, at = read_string(data, at)
    elif kind == 125:
        at = _skip_signed(data, at)
    elif kind in (120, 121, 126, 127):  # true, false, null, undefined
        pass
    elif kind == 118:  # object
        entries, at = read_count(data, at, 2)
        for _ in range(entries):
            name, at = read_string(data, at)
            if name in _OF_EVERY_OBJECT:
                raise Malformed("a value that takes the place of what every object has")
            at = skip_any(data, at, depth - 1)
    elif kind == 117:  # array
        values, at = read_count(data, at, 1)
        for _ in range(values):
            at = skip_any(data, at, depth - 1)
    elif kind == 116:
        _, at = read_bytes(data, at)
    elif kind in (122, 123, 124):  # bigint, float64, float32
        at += 4 if kind == 124 else 8
        if at > len(data):
            raise Malformed("unexpected end")
    else:
        raise Malformed("unknown kind of value")
    return at


def _skip_signed(data: bytes, at: int) -> int:
    """Skip a variable-length signed integer of at most 64 bits, which are ten bytes."""
    for last, byte in enumerate(data[at : at + 10], at):
        if byte < 0x80:
            return last + 1
    raise Malformed("integer too long" if len(data) - at >= 10 else "unexpected end")


# The values of nearly all marks. The rest is parsed.
_PLAIN_JSON = frozenset({"null", "true", "false", "{}"})


def skip_json(data: bytes, at: int, depth: int) -> int:
    """Skip a JSON value, nested `depth` deep at most, and return the position after it.

    yrs takes what is no JSON, and a browser that loads the document throws: so it is parsed. It cannot nest deeper than
    it has brackets, which are counted before.
    """
    text, at = read_string(data, at)
    if text in _PLAIN_JSON:
        return at
    if text.count("[") + text.count("{") > depth:
        raise Malformed("a value nested too deep")
    try:
        json.loads(text, parse_constant=_no_constant)
    except ValueError:
        raise Malformed("not JSON") from None
    return at


def _no_constant(name: str) -> None:
    """JavaScript has no NaN and no Infinity in JSON, as Python has."""
    raise ValueError(name)


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
