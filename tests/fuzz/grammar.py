"""Writes updates of the right shape and any content, and damages real ones. All choices are `rng`'s."""

from random import Random
from typing import Any

from tests.core import corpus
from tests.core import encoding as e
from tests.core.encoding import uint

ROOTS = ("text", "default", "map", "array")
WRITERS = (1, 2, 3, 2**32 - 1, 2**53 - 1)
WORDS = ("a", "hello", "é", "😀", "a😀b", "東京", "\0", "\ufeff", "\ufffd", "x" * 200)
KEYS = ("a", "b", "bold", "", "__proto__", "constructor", "ключ")
NUMBERS = (0, 1, 2, 3, 7, 63, 64, 127, 128, 255, 2**14, 2**21 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**53 - 1, 2**53, 2**63)
JSON = (
    "null", "true", "{}", "[]", '"a"', "0", "-1.5e3", '{"a":1}', '{"a":[{"b":null}]}', '"\\ud83d\\ude00"', " 1 ",
    "", "undefined", "NaN", "Infinity", "{a:1}", "[1,]", '"\\ud83d"', "1e999", "01", '"\t"', "nul", "1 2", "\ufeff1",
    "[" * 60 + "]" * 60, '{"__proto__":{"a":1}}', '{"a":1,"a":2}', "123456789012345678901234567890", "-", '"',
)  # fmt: skip
STORIES = list(corpus.everything().values())

Known = dict[int, int]
Id = tuple[int, int]


def log(rng: Random) -> "Writer":
    """Return what writes one update after the other for one document."""
    return rng.choices((Grammar, Pages, Damaged), (3, 3, 4))[0](rng)


class Writer:
    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def write(self, known: Known) -> bytes:
        """Return the next update for a document that holds `known` (client → clock)."""
        raise NotImplementedError


class Damaged(Writer):
    """A real story as it goes on, with bytes changed, cut, put in, doubled, or taken from another one."""

    def __init__(self, rng: Random) -> None:
        super().__init__(rng)
        self.story = list(rng.choice(STORIES))
        self.other = rng.choice(rng.choice(STORIES))

    def write(self, known: Known) -> bytes:
        update = self.story.pop(0) if self.story else self.other
        return self._damage(update) if self.rng.random() < 0.6 else update

    def _damage(self, update: bytes) -> bytes:
        rng, damaged = self.rng, bytearray(update)
        for _ in range(rng.randint(1, 3)):
            at = rng.randint(0, len(damaged))
            way = rng.randint(0, 4)
            if way == 0 and damaged:
                at = min(at, len(damaged) - 1)
                damaged[at] = (damaged[at] + rng.choice((1, 255, 128, 64, 32, 2))) % 256
            elif way == 1:
                damaged[at : at + rng.randint(0, 2)] = bytes(
                    rng.choice((0, 1, 127, 128, 255)) for _ in range(rng.randint(0, 2))
                )
            elif way == 2:
                damaged[at:at] = uint(rng.choice(NUMBERS))
            elif way == 3:
                damaged[at:at] = damaged[at : at + rng.randint(1, 8)]
            else:
                there = rng.randint(0, len(self.other))
                damaged[at:at] = self.other[there : there + rng.randint(1, 8)]
        return bytes(damaged)


class Grammar(Writer):
    """Structs whose references point anywhere in the document, or a little beyond."""

    def write(self, known: Known) -> bytes:
        rng, ends = self.rng, dict(known)
        writers = list(WRITERS)
        sections = []
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
            writer = writers.pop(rng.randrange(len(writers)))
            sections.append(self._section(writer, known, ends))
        deletes = [self._deleted(ends) for _ in range(rng.choice((0, 0, 0, 1, 2)))]
        return e.update(*sections, deletes=uint(len(deletes)) + b"".join(deletes))

    def _section(self, client: int, known: Known, ends: Known) -> bytes:
        rng = self.rng
        start = clock = max(0, known.get(client, 0) - rng.choice((0, 0, 0, 0, 1, 3)))
        structs = []
        for _ in range(rng.randint(1, 6)):
            encoded, length = self._struct(ends)
            structs.append(encoded)
            clock += length
            ends[client] = max(ends.get(client, 0), clock)
        return e.section(client, start, *structs)

    def _struct(self, ends: Known) -> tuple[bytes, int]:
        rng = self.rng
        if rng.random() < 0.04:
            length = rng.choice((1, 2, 5))
            return bytes([rng.choice((e.GC, e.GC, e.GC, e.SKIP))]) + uint(length), length
        kind, content, length = self._content()
        flags = rng.choice((0, 0, e.ORIGIN, e.ORIGIN, e.RIGHT, e.ORIGIN | e.RIGHT, e.ORIGIN | e.RIGHT))
        head = b"".join(self._place(ends) for flag in (e.ORIGIN, e.RIGHT) if flags & flag)
        if rng.random() < 0.2:
            flags |= e.SUB
        if not flags & (e.ORIGIN | e.RIGHT):
            head = uint(1) + e.string(rng.choice(ROOTS)) if rng.random() < 0.5 else uint(0) + self._place(ends)
            if flags & e.SUB:
                head += e.string(rng.choice(KEYS))
        return bytes([kind | flags]) + head + content, length

    def _place(self, ends: Known) -> bytes:
        client = self.rng.choice(sorted(ends) or [1])
        return e.reference(client, self.rng.randrange(max(1, ends.get(client, 1))))

    def _deleted(self, ends: Known) -> bytes:
        rng = self.rng
        client = rng.choice(sorted(ends) or [1])
        ranges = [
            (rng.randrange(max(1, ends.get(client, 1))), rng.choice((1, 1, 2, 5))) for _ in range(rng.randint(1, 3))
        ]
        return uint(client) + uint(len(ranges)) + b"".join(uint(clock) + uint(length) for clock, length in ranges)

    def _content(self) -> tuple[int, bytes, int]:
        rng = self.rng
        kind = rng.choice(
            (
                e.STRING,
                e.STRING,
                e.STRING,
                e.TYPE,
                e.TYPE,
                e.TYPE,
                e.ANY,
                e.ANY,
                e.FORMAT,
                e.EMBED,
                e.BINARY,
                e.DELETED,
                e.DOC,
                e.JSON,
            )
        )
        if kind == e.STRING:
            words = rng.choice(WORDS)
            return kind, e.string(words), len(words.encode("utf-16-le")) // 2
        if kind == e.TYPE:
            of = rng.choice((0, 1, 2, 3, 3, 3, 4, 5, 6, 6, 7, 8))
            return kind, uint(of) + (e.string(rng.choice(("p", "paragraph", "", "x y"))) if of in (3, 5) else b""), 1
        if kind == e.ANY:
            values = [self._any(3) for _ in range(rng.randint(1, 3))]
            return kind, uint(len(values)) + b"".join(values), len(values)
        if kind == e.FORMAT:
            return kind, e.string(rng.choice(KEYS)) + e.string(rng.choice(JSON)), 1
        if kind == e.EMBED:
            return kind, e.string(rng.choice(JSON)), 1
        if kind == e.DELETED:
            length = rng.choice((1, 2, 5))
            return kind, uint(length), length
        if kind == e.DOC:
            return kind, e.string("guid") + self._any(1), 1
        if kind == e.JSON:
            return kind, uint(1) + e.string(rng.choice(JSON)), 1
        return kind, uint(2) + b"\x00\xff", 1

    def _any(self, depth: int) -> bytes:
        rng = self.rng
        kind: Any = rng.choice((127, 126, 121, 120, 125, 125, 124, 123, 122, 119, 116, 118, 117))
        if kind in (117, 118) and not depth:
            kind = 126
        if kind == 125:
            body = self._signed(rng.choice(NUMBERS))
        elif kind == 124:
            body = rng.choice((b"\x7f\xc0\0\0", b"\x3f\x80\0\0", b"\xff\x80\0\0"))
        elif kind in (123, 122):
            body = rng.choice(
                (b"\x7f\xf8" + bytes(6), b"\x3f\xf0" + bytes(6), b"\xff" * 8, bytes(8), b"\x80" + bytes(7))
            )
        elif kind == 119:
            body = e.string(rng.choice(WORDS))
        elif kind == 116:
            body = uint(3) + b"\0\1\2"
        elif kind == 118:
            count = rng.randint(0, 3)
            body = uint(count) + b"".join(e.string(rng.choice(KEYS)) + self._any(depth - 1) for _ in range(count))
        elif kind == 117:
            count = rng.randint(0, 3)
            body = uint(count) + b"".join(self._any(depth - 1) for _ in range(count))
        else:
            body = b""
        return bytes([kind]) + body

    def _signed(self, number: int) -> bytes:
        """lib0's writeVarInt: six bits and a sign in the first byte."""
        sign = 0x40 if self.rng.random() < 0.5 else 0
        rest = number >> 6
        first = number & 0x3F | sign | (0x80 if rest else 0)
        return bytes([first]) + (uint(rest) if rest else b"")


class Pages(Grammar):
    """Structs of which nearly all stand where a page can show them, and whose neighbours stand in the same."""

    def __init__(self, rng: Random) -> None:
        super().__init__(rng)
        # What something may stand in (None: the page; with True: under a key) → what that is, and what stands there.
        self._holders: dict[tuple[Id | None, bool], tuple[str, list[Id]]] = {(None, False): ("page", [])}

    def _section(self, client: int, known: Known, ends: Known) -> bytes:
        rng = self.rng
        start = clock = known.get(client, 0)
        structs = []
        for _ in range(rng.randint(1, 6)):
            holder = rng.choice([held for held in self._holders if held[0] is None or self._is_there(held[0], ends)])
            place, siblings = self._holders[holder]
            ref, content, length, opens = self._fitting(place, clock)
            structs.append(self._beside(holder, [one for one in siblings if self._is_there(one, ends)], ref) + content)
            siblings.append((client, clock))
            for what in opens:
                self._holders[(client, clock), what == "attribute"] = (what, [])
            clock += length
            ends[client] = max(ends.get(client, 0), clock)
        return e.section(client, start, *structs)

    def _is_there(self, one: Id, ends: Known) -> bool:
        """An update that was refused brought nothing."""
        return one[1] < ends.get(one[0], 0)

    def _fitting(self, place: str, clock: int) -> tuple[int, bytes, int, tuple[str, ...]]:
        """Return the ref, the content and the length of what fits in a place, and what may stand in it in turn."""
        rng = self.rng
        if rng.random() < 0.03:
            return (*self._content(), ())
        if place == "text":
            if rng.random() < 0.3:
                # Of two by one name yjs deletes one that changes nothing, which it sees when it is told in that order.
                name, value = f"mark{clock}", rng.choice(("null", "true", "{}", '{"a":1}'))
                return e.FORMAT, e.string(name) + e.string(value), 1, ()
            words = rng.choice(WORDS)
            return e.STRING, e.string(words), len(words.encode("utf-16-le")) // 2, ()
        if place == "attribute":
            return e.ANY, uint(1) + self._any(3), 1, ()
        if place == "element" and rng.random() < 0.6:
            return e.TYPE, uint(6), 1, ("text",)
        name = rng.choice(("p", "paragraph", "", "x y"))
        return e.TYPE, uint(3) + e.string(name), 1, ("element", "attribute")

    def _signed(self, number: int) -> bytes:
        """A larger one is read by JavaScript as one that is near it."""
        return super()._signed(min(number, 2**53 - 1))

    def _beside(self, holder: tuple[Id | None, bool], siblings: list[Id], ref: int) -> bytes:
        """Return the head of an item that stands in `holder`."""
        rng, (parent, is_keyed) = self.rng, holder
        # Whoever sees that others are there says beside which it stands.
        flags = rng.choice((e.ORIGIN, e.RIGHT, e.ORIGIN | e.RIGHT)) if siblings else 0
        places = rng.sample(siblings, 2) if len(siblings) > 1 else siblings
        if flags == e.RIGHT:
            places = siblings[:1]
        if is_keyed:
            flags, places = flags & e.ORIGIN, siblings[-1:]
        if flags:
            wanted = [flag for flag in (e.ORIGIN, e.RIGHT) if flags & flag][: len(places)]
            head = b"".join(e.reference(*place) for place in places[: len(wanted)])
            return bytes([ref | sum(wanted)]) + head
        within = uint(1) + e.string("default") if parent is None else uint(0) + e.reference(*parent)
        return bytes([ref | (e.SUB if is_keyed else 0)]) + within + (e.string(rng.choice(KEYS)) if is_keyed else b"")
