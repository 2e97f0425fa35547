"""Updates that were made to do harm, and what they are aimed at. Each is refused before pycrdt sees it (trap Y4)."""

from tests.core import encoding as e
from tests.core.encoding import uint


def value(encoded: bytes, count: int = 1) -> bytes:
    return e.update(e.section(7, 0, e.item(e.ANY, uint(count) + encoded, root="array")))


# For `read` alone.
BOMBS = {
    "nothing at all": b"",
    "trailing bytes": e.update(e.section(7, 0, e.text("a"))) + b"\x00",
    "2^27 writers in five bytes": uint(2**27) + b"\x00",
    "2^27 structs": e.update(e.section(7, 0, e.text("a"), count=2**27)),
    "fewer structs than said": e.update(e.section(7, 0, e.text("a"), count=2)),
    "2^27 values": value(bytes([126]), count=2**27),
    "2^27 entries in a list": value(bytes([117]) + uint(2**27)),
    "2^27 entries in an object": value(bytes([118]) + uint(2**27)),
    "2^27 ranges deleted": e.update(deletes=uint(1) + uint(7) + uint(2**27)),
    "2^27 writers deleted": e.update(deletes=uint(2**27)),
    "a list in a list, 65 deep": value(bytes([117, 1]) * 65 + bytes([126])),
    "a list in a list, 20,000 deep": value(bytes([117, 1]) * 20_000 + bytes([126])),
    "an object in an object, 20,000 deep": value((bytes([118, 1]) + e.string("a")) * 20_000 + bytes([126])),
    "deep JSON in a format": e.update(
        e.section(7, 0, e.item(e.FORMAT, e.string("bold") + e.string("[" * 9000 + "]" * 9000), root="text"))
    ),
    "deep JSON in an embed": e.update(e.section(7, 0, e.item(e.EMBED, e.string('{"a":' * 9000), root="text"))),
    "values of no kind": value(bytes([99])),
    "no values": value(b"", count=0),
    "half a number": value(bytes([123, 0, 0])),
    "a number without end": value(bytes([125]) + b"\xff" * 12),
    "a type of no kind": e.update(e.section(7, 0, e.item(e.TYPE, uint(9), root="array"))),
    "a document in the document": e.update(e.section(7, 0, e.item(e.DOC, e.string("guid") + bytes([126]), root="map"))),
    "JSON content, which yrs cannot encode": e.update(
        e.section(7, 0, e.item(e.JSON, uint(1) + e.string("1"), root="array"))
    ),
    "an empty string": e.update(e.section(7, 0, e.text(""))),
    "text that is no UTF-8": e.update(e.section(7, 0, e.item(e.STRING, b"\x02\xff\xfe", root="text"))),
    "half a surrogate pair": e.update(e.section(7, 0, e.item(e.STRING, b"\x03\xed\xa0\x80", root="text"))),
    "no operations collected": e.update(e.section(7, 0, bytes([e.GC]) + uint(0))),
    "more operations than clocks": e.update(e.section(7, 0, bytes([e.GC]) + uint(2**40))),
    "a clock near the end": e.update(e.section(7, 2**31 - 2, e.text("abc"))),
    "no operations deleted": e.update(deletes=e.deleted(7, (0, 0))),
    "a collected run with flags": e.update(e.section(7, 0, bytes([e.GC | e.ORIGIN]) + uint(1))),
    "an integer of eighty bits": b"\xff" * 11 + b"\x01",
    "an integer that JavaScript cannot hold": uint(2**53) + b"\x00",
    "a writer twice": e.update(e.section(7, 0, e.text("a")), e.section(7, 1, e.text("b"))),
    "an operation beside itself": e.update(e.section(7, 0, e.text("a", origin=(7, 0)))),
    "an operation in its own child": e.update(e.section(7, 0, e.element(parent=(7, 1)), e.element(parent=(7, 0)))),
    "an operation beside itself, to its left": e.update(e.section(7, 3, e.text("a", right=(7, 3)))),
    "an operation in itself": e.update(e.section(7, 3, e.element(parent=(7, 3)))),
    "an operation beside itself, by another spelling": e.update(
        e.section(7, 3, bytes([e.STRING | e.ORIGIN]) + b"\x87\x00\x83\x00" + e.string("a"))
    ),
    "an operation between another and itself": e.update(
        e.section(7, 0, e.text("ab"), e.text("c", origin=(7, 0), right=(7, 0)))
    ),
}


# --- what does harm only in a document that holds something ------------------------------------------------------

LETTERS = e.update(e.section(7, 0, e.text("ab")))
PAIR = e.update(e.section(7, 0, e.text("a😀b")))

# yrs deletes only some of the five letters; yjs deletes all.
OUT_OF_ORDER = e.update(
    e.section(2, 0, e.text("hello")),
    deletes=uint(2) + uint(2) + uint(1) + uint(1) + uint(4) + uint(2) + uint(1) + uint(0) + uint(3),
)

# name → (the log of the document, the update)
IN_A_DOCUMENT: dict[str, tuple[list[bytes], bytes]] = {
    "elements, 101 deep": ([], e.nested(101)),
    "elements, 40,000 deep": ([], e.nested(40_000)),
    "elements, 100,000 deep": ([], e.nested(100_000)),
    "lists, 400,000 deep": ([], value(bytes([117, 1]) * 400_000 + bytes([126]))),
    "ninety levels more": ([e.nested(90)], e.nested(90, clock=90, inside=(7, 89))),
    "a letter inside a letter": ([LETTERS], e.update(e.section(8, 0, e.text("c", parent=(7, 1))))),
    "a letter inside a letter of the same update": (
        [],
        e.update(e.section(8, 0, e.text("ab"), e.text("c", parent=(8, 1)))),
    ),
    "two that wait for each other": (
        [],
        e.update(e.section(8, 0, e.text("a", origin=(9, 0))), e.section(9, 0, e.text("b", origin=(8, 0)))),
    ),
    "an element in itself, by way of another": (
        [],
        e.update(e.section(8, 0, e.element(parent=(9, 0))), e.section(9, 0, e.element(parent=(8, 0)))),
    ),
    "a letter between the halves of a character": ([PAIR], e.update(e.section(8, 0, e.text("x", origin=(7, 1))))),
    "deleted ranges out of order": ([], OUT_OF_ORDER),
    "deleted ranges that overlap": ([LETTERS], e.update(deletes=e.deleted(7, (0, 2), (1, 1)))),
    "between two that do not stand in the same": (
        [e.update(e.section(7, 0, e.element(), e.text("a", parent=(7, 0)), e.text("b")))],
        e.update(e.section(8, 0, e.text("x", origin=(7, 1), right=(7, 2)))),
    ),
    "going on from what is collected, which yjs does not survive": (
        [e.update(e.section(7, 0, bytes([e.GC]) + uint(2)))],
        e.update(e.section(7, 1, e.text("hello"))),
    ),
    "going on elsewhere": (
        [e.update(e.section(7, 0, e.element(), e.text("ab", parent=(7, 0))))],
        e.update(e.section(7, 2, e.text("bcd"))),
    ),
    # Found by damaging real updates. yrs looks for the first operation, finds none, and panics: that is no Exception,
    # and decoding the update tells nothing of it.
    "a writer without operations": ([e.update(e.section(1, 0, e.text("word")))], bytes.fromhex("0100017200")),
    "half a character deleted": ([PAIR], e.update(deletes=e.deleted(7, (2, 1)))),
}

# name → (the log of the document, the update): they build on what is not there.
GAPS: dict[str, tuple[list[bytes], bytes]] = {
    "later operations of a writer": ([], e.update(e.section(7, 2**31 - 10, e.text("a")))),
    "a parent that nobody has": ([], e.update(e.section(7, 0, e.text("a", parent=(8, 4))))),
    "deleted without end": ([LETTERS], e.update(deletes=e.deleted(7, (0, 2**31 - 1)))),
    "deletes of a writer who is not there": ([], e.update(deletes=e.deleted(9, *((n * 2, 1) for n in range(10_000))))),
    "a hole": ([], e.update(e.section(7, 0, e.text("a"), bytes([e.SKIP]) + uint(2**30), e.text("b")))),
}

# For the `have` of `open`.
STATE_VECTORS = {
    "nothing at all": b"",
    "2^27 writers in four bytes": uint(2**27),
    "2^27 writers": uint(2**27) + b"\x01" * 100,
    "fewer writers than said": uint(3) + uint(7) + uint(1),
    "an integer without end": b"\x01" + b"\xff" * 12,
    "a clock that JavaScript cannot hold": uint(1) + uint(7) + uint(2**60),
    "trailing bytes": b"\x00\x00",
}

# Of the right shape throughout: pycrdt takes them, in the square of the time or the memory that others take.
SLOW = {
    # Each says that it was written right behind the same letter, and before one ever further away.
    "neighbours that are far apart": e.update(
        e.section(1, 0, e.text("a" + "r" * 9000)),
        e.section(2, 0, *(e.text("x", origin=(1, 0), right=(1, n + 1)) for n in range(9000))),
    ),
    "one key, again and again": e.update(
        e.section(
            1, 0, *(bytes([e.ANY | e.SUB, 1]) + e.string("map") + e.string("k") + b"\x01\x7e" for _ in range(30_000))
        )
    ),
    "a long text, cut everywhere": e.update(
        e.section(1, 0, e.text("a" * 100_000)),
        e.section(2, 0, *(e.text("x", origin=(1, n * 4)) for n in range(25_000))),
    ),
    "many values, every other one deleted": e.update(
        e.section(1, 0, e.item(e.ANY, uint(100_000) + bytes([126]) * 100_000, root="array")),
        deletes=e.deleted(1, *((2 * n, 1) for n in range(50_000))),
    ),
}
