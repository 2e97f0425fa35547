"""Reads the structure of a Yjs update (v1) before pycrdt sees it.

One small update can kill a process that applies it unread: nesting without end overflows the native stack, a
count of 2^27 in fifteen bytes takes 282 MB, and once stored it does so at every load (trap Y4). An update that
builds on operations which the document lacks can leave a Doc stuck for ever (Y1) and its text out of the next
snapshot (Y2). So: counts are compared with the bytes that are left, values nest to a limit, trailing bytes are refused,
`check_gaps` tells what is missing, and `outline.py` what stands where.

Source of the format: yjs 13.6 `src/utils/encoding.js`, `src/structs/*.js`, lib0 `decoding.readAny`.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from rooms.core.errors import Gap
from rooms.core.lib0 import Malformed, read_bytes, read_string, read_uint, utf16_length

# Values in attributes are small: TipTap nests two or three deep.
MAX_VALUE_DEPTH = 64
# yrs keeps clocks in 32 bits; a document of two thousand million operations does not exist.
MAX_CLOCK = 2**31 - 1

_GC, _DELETED, _, _BINARY, _STRING, _EMBED, _FORMAT, _TYPE, _ANY, _, _SKIP = range(11)
_XML_ELEMENT, _XML_HOOK, _LAST_TYPE = 3, 5, 6

# Client and clock of one operation.
Id = tuple[int, int]


class Kind(IntEnum):
    """What an operation may be to others."""

    CONTENT = 0  # a letter, a value, a format: nothing stands in it
    TYPE = 1  # a text, an element, a map, a list: others stand in it
    COLLECTED = 2  # deleted, and it cannot be told any more what it was


# (client, clock, clock after it, the parent that it names, its left and its right neighbour, what it is)
Item = tuple[int, int, int, Id | None, Id | None, Id | None, Kind]

_KINDS = {_TYPE: Kind.TYPE, _DELETED: Kind.COLLECTED}


@dataclass(slots=True)
class Summary:
    """What an update holds and what it builds on."""

    # client → (first clock, clock after the last)
    ranges: dict[int, tuple[int, int]] = field(default_factory=dict)
    # client → smallest clock that the document must hold before this update can be integrated
    needs: dict[int, int] = field(default_factory=dict)
    # what it inserts, in the order of each writer's clock
    items: list[Item] = field(default_factory=list)
    # what it deletes: (client, first clock, clock after the last)
    deletes: list[tuple[int, int, int]] = field(default_factory=list)
    # operations that are the second half of a surrogate pair: nothing may come between them and the first
    halves: list[Id] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """True when it inserts nothing; it may still delete."""
        return not self.ranges


def read(update: bytes) -> Summary:
    """Return the summary of `update`. Raises Malformed for anything that Yjs would not have written."""
    return _Reader(update).read()


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


class _Reader:
    def __init__(self, update: bytes) -> None:
        self.data = update
        self.at = 0
        self.summary = Summary()

    def read(self) -> Summary:
        clients = self.count(3)
        for _ in range(clients):
            self.read_structs()
        self.read_deletes()
        if self.at != len(self.data):
            raise Malformed("trailing bytes")
        return self.summary

    def uint(self) -> int:
        # Nearly every number in an update is below 128: one byte, read without a call.
        if self.at < len(self.data) and (value := self.data[self.at]) < 0x80:
            self.at += 1
            return value
        value, self.at = read_uint(self.data, self.at)
        return value

    def count(self, least_bytes: int) -> int:
        """Read a count of things that take at least `least_bytes` each."""
        value = self.uint()
        if value * least_bytes > len(self.data) - self.at:
            raise Malformed("a count larger than the bytes that are left")
        return value

    def string(self) -> str:
        value, self.at = read_string(self.data, self.at)
        return value

    def skip_bytes(self) -> None:
        _, self.at = read_bytes(self.data, self.at)

    def byte(self) -> int:
        try:
            value = self.data[self.at]
        except IndexError:
            raise Malformed("unexpected end") from None
        self.at += 1
        return value

    def read_structs(self) -> None:
        structs = self.count(2)
        client = self.uint()
        clock = start = self.uint()
        if client in self.summary.ranges:
            raise Malformed("a writer stands twice in one update")
        for _ in range(structs):
            clock += self.read_struct(client, clock)
            if clock > MAX_CLOCK:
                raise Malformed("clock too large")
        if structs:
            self.summary.ranges[client] = (start, clock)

    def read_struct(self, client: int, clock: int) -> int:
        """Read one struct and return how many operations it holds."""
        info = self.byte()
        ref = info & 0x1F
        if info == _GC:
            length = self.length()
            self.summary.items.append((client, clock, clock + length, None, None, None, Kind.COLLECTED))
            return length
        if info == _SKIP:
            raise Gap("the update has a hole")
        origin = right = parent = None
        if info & 0x80:
            origin = self.reference(client, clock)
        if info & 0x40:
            right = self.reference(client, clock)
            if right == origin:
                raise Malformed("an operation between one other and itself")
        if not info & 0xC0:
            if self.uint() == 1:
                self.string()
            else:
                parent = self.reference(client, clock)
            if info & 0x20:
                self.string()
        length = self.read_text(client, clock) if ref == _STRING else self.read_content(ref)
        self.summary.items.append((client, clock, clock + length, parent, origin, right, _KINDS.get(ref, Kind.CONTENT)))
        return length

    def reference(self, client: int, clock: int) -> Id:
        """Read the id of another operation and note that it must be there first."""
        other, other_clock = self.uint(), self.uint()
        if other != client:
            self.need(other, other_clock + 1)
        elif other_clock >= clock:
            raise Malformed("an operation that builds on a later one")
        return other, other_clock

    def need(self, client: int, clock: int) -> None:
        if clock > self.summary.needs.get(client, 0):
            self.summary.needs[client] = clock

    def length(self) -> int:
        value = self.uint()
        if not 0 < value <= MAX_CLOCK:
            raise Malformed("a run of no operations")
        return value

    def read_text(self, client: int, clock: int) -> int:
        """Read a string and return its length as Yjs counts it, in UTF-16 code units."""
        text = self.string()
        if not text:
            raise Malformed("an empty string")
        length = utf16_length(text)
        if length != len(text):
            for character in text:
                if character > "\uffff":
                    self.summary.halves.append((client, clock + 1))
                    clock += 1
                clock += 1
        return length

    def read_content(self, ref: int) -> int:
        """Read the content of an item that is no text, and return how many operations it holds."""
        if ref == _DELETED:
            return self.length()
        if ref == _FORMAT:
            self.string()
            self.json(self.string())
        elif ref == _TYPE:
            kind = self.uint()
            if kind > _LAST_TYPE:
                raise Malformed("unknown type")
            if kind in (_XML_ELEMENT, _XML_HOOK):
                self.string()
        elif ref == _EMBED:
            self.json(self.string())
        elif ref == _BINARY:
            self.skip_bytes()
        elif ref == _ANY:
            values = self.count(1)
            for _ in range(values):
                self.skip_any(MAX_VALUE_DEPTH)
            return self.at_least_one(values)
        else:  # also ContentJSON, which Yjs stopped writing in 2020: yrs encodes it so that nobody can read it
            raise Malformed("unknown or unsupported content")
        return 1

    @staticmethod
    def at_least_one(values: int) -> int:
        if not values:
            raise Malformed("a run of no operations")
        return values

    @staticmethod
    def json(text: str) -> None:
        """Bound the nesting of a JSON value without parsing it: it cannot nest deeper than it has brackets."""
        if text.count("[") + text.count("{") > MAX_VALUE_DEPTH:
            raise Malformed("a value nested too deep")

    def skip_any(self, depth: int) -> None:
        if not depth:
            raise Malformed("a value nested too deep")
        kind = self.byte()
        if kind == 119:
            self.string()
        elif kind == 125:
            self.skip_signed()
        elif kind in (120, 121, 126, 127):  # true, false, null, undefined
            pass
        elif kind == 118:  # object
            for _ in range(self.count(2)):
                self.string()
                self.skip_any(depth - 1)
        elif kind == 117:  # array
            for _ in range(self.count(1)):
                self.skip_any(depth - 1)
        elif kind == 116:
            self.skip_bytes()
        elif kind in (122, 123, 124):  # bigint, float64, float32
            self.at += 4 if kind == 124 else 8
            if self.at > len(self.data):
                raise Malformed("unexpected end")
        else:
            raise Malformed("unknown kind of value")

    def skip_signed(self) -> None:
        """Skip a variable-length signed integer of at most 64 bits."""
        for _ in range(10):
            if self.byte() < 0x80:
                return
        raise Malformed("integer too long")

    def read_deletes(self) -> None:
        for _ in range(self.count(2)):
            client = self.uint()
            for _ in range(self.count(2)):
                start = self.uint()
                end = start + self.length()
                if end > MAX_CLOCK:
                    raise Malformed("clock too large")
                self.summary.deletes.append((client, start, end))
                self.need(client, end)
