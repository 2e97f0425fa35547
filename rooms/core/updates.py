"""Reads the structure of a Yjs update (v1) before pycrdt sees it.

One small update can kill a process that applies it unread: nesting without end overflows the native stack, a
count of 2^27 in fifteen bytes takes 282 MB, and once stored it does so at every load (trap Y4). An update that
builds on operations which the document lacks can leave a Doc stuck for ever (Y1) and its text out of the next
snapshot (Y2). So: counts are compared with the bytes that are left, values nest to a limit, trailing bytes are refused,
`check_gaps` tells what is missing, and `outline.py` what stands where.

Source of the format: yjs 13.6 `src/utils/encoding.js`, `src/structs/*.js`, lib0 `decoding.readAny`.
"""

import re
from dataclasses import dataclass
from typing import Final

from rooms.core.errors import Gap
from rooms.core.lib0 import (
    TOO_MANY,
    Malformed,
    read_bytes,
    read_count,
    read_rest,
    read_string,
    read_uint,
    skip_any,
    skip_json,
    utf16_length,
)
from rooms.core.prosemirror import FIELD

# Values in attributes are small: TipTap nests two or three deep.
MAX_VALUE_DEPTH = 64
# yrs keeps clocks in 32 bits; a document of two thousand million operations does not exist.
MAX_CLOCK = 2**31 - 1
# Few writers make a text; an update that is made up could name another one every nine bytes.
_MAX_REMEMBERED = 1000

_GC, _DELETED, _, _BINARY, _STRING, _EMBED, _FORMAT, _TYPE, _ANY, _, _SKIP = range(11)
_XML_ELEMENT, _XML_HOOK, _XML_TEXT, _LAST_TYPE = 3, 5, 6, 6
# What takes two UTF-16 code units.
_PAIR = re.compile("[\U00010000-\U0010ffff]")
# What an item names: its neighbours by the two highest bits of its first byte, or its parent.
_LEFT, _RIGHT, _PARENT = range(3)
_NEIGHBOURS = ((), (_RIGHT,), (_LEFT,), (_LEFT, _RIGHT))

# Client and clock of one operation.
Id = tuple[int, int]


# What an operation is, to whatever it stands in and to whatever stands in it. Plain numbers and no enum: the collector
# forgets a tuple of which nothing but numbers can be reached, and goes on looking through any other one. A megabyte
# makes half a million. The three lowest bits are free: `outline.py` writes there what the operation stands in.
LETTERS: Final = 0
FORMAT: Final = 8
VALUES: Final = 16
BYTES: Final = 24
EMBED: Final = 32
TYPE: Final = 40  # a shared type, and whatever has a higher number: others may stand in it
ELEMENT: Final = 48
TEXT: Final = 56  # that of an element
COLLECTED: Final = 64  # deleted, and it cannot be told any more what it was
# Beside what it is: it stands under a key, as an attribute does, and not in a list.
KEYED: Final = 4

# What a collected run names as its parent: where it stood cannot be told any more.
GONE: Id = (-1, -1)
# What an operation names as its parent that stands in the text of the page, and not in an element of it.
PAGE: Id = (-2, -2)

# (client, clock, clock after it, the parent that it names, its left and its right neighbour, what it is)
Item = tuple[int, int, int, Id | None, Id | None, Id | None, int]

_NOTHING = "a run of no operations"


@dataclass(slots=True)
class Summary:
    """What an update holds and what it builds on."""

    # client → (first clock, clock after the last)
    ranges: dict[int, tuple[int, int]]
    # client → smallest clock that the document must hold before this update can be integrated
    needs: dict[int, int]
    # what it inserts, in the order of each writer's clock
    items: list[Item]
    # what it deletes: (client, first clock, clock after the last)
    deletes: list[tuple[int, int, int]]
    # operations that are the second half of a surrogate pair: nothing may come between them and the first
    halves: list[Id]
    # a writer stands twice among the deletes: no program writes that, and yrs forgets the first
    untidy: bool = False

    @property
    def empty(self) -> bool:
        """True when it inserts nothing; it may still delete."""
        return not self.ranges


def read(update: bytes) -> Summary:
    """Return the summary of `update`. Raises Malformed for anything that Yjs would not have written.

    Every keystroke passes here, and every operation of a document that loads: so it is one flat loop over local
    variables, and only what is rare, or long itself, costs a call. What it reads is bounded in three ways:

    - A byte beyond the end raises IndexError, which becomes Malformed; no position is ever negative.
    - A number below 128 is one byte. `read_rest` reads the longer ones and holds them to 53 bits.
    - A slice beyond the end is short and raises nothing, so a length is compared with `size` before it is used.
    """
    size = len(update)
    ranges: dict[int, tuple[int, int]] = {}
    needs: dict[int, int] = {}
    items: list[Item] = []
    deletes: list[tuple[int, int, int]] = []
    halves: list[Id] = []
    # The writers met so far, by the bytes of their id. No encoded number is the beginning of another one, so a slice
    # that is found here is one whole number. (When the end of the data cut it short, the clock behind it is missing.)
    writers: dict[bytes, int] = {}
    try:
        sections, at = read_uint(update, 0)
        if sections * 3 > size - at:
            raise Malformed(TOO_MANY)
        while sections:
            sections -= 1
            structs = update[at]
            at += 1
            if structs > 0x7F:
                structs, at = read_rest(update, at, structs)
            if structs * 2 > size - at:
                raise Malformed(TOO_MANY)
            before = at
            client = update[at]
            at += 1
            if client > 0x7F:
                client, at = read_rest(update, at, client)
            encoded = update[before:at]
            clock = update[at]
            at += 1
            if clock > 0x7F:
                clock, at = read_rest(update, at, clock)
            if client in ranges:
                raise Malformed("a writer stands twice in one update")
            if not structs:
                raise Malformed("a writer without operations")  # nobody writes that, and yrs panics at it
            writers[encoded] = client
            width = len(encoded)
            start = clock
            while structs:
                structs -= 1
                info = update[at]
                at += 1
                ref = info & 0x1F
                parent = origin = right = None
                if info > 0x3F:
                    named = _NEIGHBOURS[info >> 6]
                elif info == _SKIP:
                    raise Gap("the update has a hole")
                elif info == _GC:
                    named = ()
                    parent = GONE
                else:
                    in_root, at = read_uint(update, at)
                    if in_root == 1:
                        root, at = read_string(update, at)
                        named = ()
                        if root == FIELD:
                            parent = PAGE
                    else:
                        named = (_PARENT,)
                for place in named:
                    other = writers.get(update[at : at + width])
                    if other is None:
                        other, at = _read_writer(update, at, writers)
                    else:
                        at += width
                    there = update[at]
                    at += 1
                    if there > 0x7F:  # nearly all have two or three bytes; the sums are those of `read_rest`
                        second = update[at]
                        if second < 0x80:
                            there += second * 0x80 - 0x80
                            at += 1
                        elif (third := update[at + 1]) < 0x80:
                            there += second * 0x80 + third * 0x4000 - 0x4080
                            at += 2
                        else:
                            there, at = read_rest(update, at, there)
                    if other != client:
                        if there >= needs.get(other, 0):
                            needs[other] = there + 1
                    elif there >= clock:
                        raise Malformed("an operation that builds on a later one")
                    if place == _LEFT:
                        origin = (other, there)
                    elif place == _RIGHT:
                        right = (other, there)
                        if right == origin:
                            raise Malformed("an operation between one other and itself")
                    else:
                        parent = (other, there)
                if info < 0x40 and info & 0x20:  # a key in a map
                    _, at = read_string(update, at)
                    kind = KEYED
                else:
                    kind = 0
                if ref == _STRING:
                    length = update[at]
                    at += 1
                    if length > 0x7F:
                        length, at = read_rest(update, at, length)
                    end = at + length
                    if end > size:
                        raise Malformed("unexpected end")
                    if not length:
                        raise Malformed("an empty string")
                    raw = update[at:end]
                    at = end
                    if not raw.isascii():
                        length = _read_text(raw, client, clock, halves)
                elif ref == _DELETED or info == _GC:
                    length = update[at]
                    at += 1
                    if length > 0x7F:
                        length, at = read_rest(update, at, length)
                    if not 0 < length <= MAX_CLOCK:
                        raise Malformed(_NOTHING)
                    kind |= COLLECTED
                else:
                    what, length, at = _read_content(update, at, ref)
                    kind |= what
                end = clock + length
                if end > MAX_CLOCK:
                    raise Malformed("clock too large")
                items.append((client, clock, end, parent, origin, right, kind))
                clock = end
            ranges[client] = (start, clock)
        untidy = False
        if update[at]:
            at, untidy = _read_deletes(update, at, needs, deletes)
        else:
            at += 1
    except IndexError:
        raise Malformed("unexpected end") from None
    if at != size:
        raise Malformed("trailing bytes")
    return Summary(ranges, needs, items, deletes, halves, untidy)


def check_gaps(summary: Summary, known: dict[int, int]) -> None:
    """Raise Gap when the update builds on operations that are neither in it nor in `known` (client → clock)."""
    for client, (start, _) in summary.ranges.items():
        if start > known.get(client, 0):
            raise Gap(f"operations {known.get(client, 0)} to {start} of a writer are missing")
    for client, clock in summary.needs.items():
        held = summary.ranges.get(client, (0, 0))[1]
        if clock > held and clock > known.get(client, 0):
            raise Gap("the update builds on operations that are missing")


def advance(summary: Summary, known: dict[int, int]) -> None:
    """Add the operations of an applied update to `known` (client → clock)."""
    for client, (_, end) in summary.ranges.items():
        if end > known.get(client, 0):
            known[client] = end


def _read_writer(data: bytes, at: int, writers: dict[bytes, int]) -> tuple[int, int]:
    """Read the id of a writer that was not met yet, or not with an id of this many bytes: (id, position after it)."""
    client, after = read_uint(data, at)
    if len(writers) < _MAX_REMEMBERED:
        writers[data[at:after]] = client
    return client, after


def _read_text(raw: bytes, client: int, clock: int, halves: list[Id]) -> int:
    """Return the length of a text that is not ASCII as Yjs counts it, in UTF-16 code units, and note its halves."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("not UTF-8") from None
    if len(raw) < 4:  # a pair takes four bytes
        return len(text)
    length = utf16_length(text)
    if length != len(text):
        # In UTF-16 a pair begins later than in `text`: by one for each pair before it.
        halves.extend((client, clock + pair.start() + i + 1) for i, pair in enumerate(_PAIR.finditer(text)))
    return length


def _read_content(data: bytes, at: int, ref: int) -> tuple[int, int, int]:
    """Read the content of an item that is no text: (what it is, how many operations it holds, position after it)."""
    if ref == _FORMAT:
        _, at = read_string(data, at)
        return FORMAT, 1, skip_json(data, at, MAX_VALUE_DEPTH)
    if ref == _TYPE:
        what, at = _read_type(data, at)
        return what, 1, at
    if ref == _EMBED:
        return EMBED, 1, skip_json(data, at, MAX_VALUE_DEPTH)
    if ref == _BINARY:
        _, at = read_bytes(data, at)
        return BYTES, 1, at
    if ref == _ANY:
        values, at = read_count(data, at, 1)
        if not values:
            raise Malformed(_NOTHING)
        for _ in range(values):
            at = skip_any(data, at, MAX_VALUE_DEPTH)
        return VALUES, values, at
    # also ContentJSON, which Yjs stopped writing in 2020: yrs encodes it so that nobody can read it
    raise Malformed("unknown or unsupported content")


def _read_type(data: bytes, at: int) -> tuple[int, int]:
    """Read what kind of shared type it is: (what it is, position after it)."""
    number, at = read_uint(data, at)
    if number > _LAST_TYPE or number == _XML_HOOK:  # yrs takes the name of a hook for what follows it
        raise Malformed("unknown or unsupported type")
    if number == _XML_ELEMENT:
        name, at = read_string(data, at)
        # ProseMirror's name for letters: it makes a node without any of an element that has it.
        return TYPE if name == "text" else ELEMENT, at
    return TEXT if number == _XML_TEXT else TYPE, at


def _read_deletes(data: bytes, at: int, needs: dict[int, int], deletes: list[tuple[int, int, int]]) -> tuple[int, bool]:
    """Read what an update deletes: (position after it, whether a writer stands twice). Flat as `read` is."""
    size = len(data)
    untidy = False
    met: set[int] = set()
    sections, at = read_count(data, at, 2)
    while sections:
        sections -= 1
        client = data[at]
        at += 1
        if client > 0x7F:
            client, at = read_rest(data, at, client)
        untidy = untidy or client in met
        met.add(client)
        runs = data[at]
        at += 1
        if runs > 0x7F:
            runs, at = read_rest(data, at, runs)
        if runs * 2 > size - at:
            raise Malformed(TOO_MANY)
        while runs:
            runs -= 1
            start = data[at]
            at += 1
            if start > 0x7F:
                start, at = read_rest(data, at, start)
            length = data[at]
            at += 1
            if length > 0x7F:
                length, at = read_rest(data, at, length)
            if not 0 < length <= MAX_CLOCK:
                raise Malformed(_NOTHING)
            end = start + length
            if end > MAX_CLOCK:
                raise Malformed("clock too large")
            deletes.append((client, start, end))
            if end > needs.get(client, 0):
                needs[client] = end
    return at, untidy
