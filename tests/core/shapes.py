"""Every kind of content in every place of a page, by every way of saying where it stands (trap Y10)."""

from collections.abc import Iterator

from tests.core import encoding as e
from tests.core.encoding import uint

# A paragraph with an alignment and a word, and one with two line breaks.
PAGE = e.update(
    e.section(
        7,
        0,
        e.element("paragraph"),  # 0
        e.item(e.TYPE, uint(6), parent=(7, 0)),  # 1
        e.text("hello", parent=(7, 1)),  # 2 to 6
        e.element("paragraph", origin=(7, 0)),  # 7
        e.entry(e.ANY, uint(1) + b"\x77" + e.string("center"), "textAlign", parent=(7, 0)),  # 8
        e.element("hardBreak", parent=(7, 7)),  # 9
        e.element("hardBreak", origin=(7, 9)),  # 10
    )
)

Content = tuple[int, bytes]
LETTERS: Content = (e.STRING, e.string("EVIL"))
VALUES: Content = (e.ANY, uint(1) + b"\x7d\x01")
ELEMENT: Content = (e.TYPE, uint(3) + e.string("paragraph"))

CONTENTS: dict[str, Content] = {
    "letters": LETTERS,
    "a value": VALUES,
    "two values": (e.ANY, uint(2) + b"\x7d\x01\x7d\x02"),
    "an object": (e.ANY, uint(1) + b"\x76\x01" + e.string("a") + b"\x7e"),
    "nothing, as a value": (e.ANY, uint(1) + b"\x7f"),
    "bytes": (e.BINARY, uint(2) + b"ab"),
    "an embed": (e.EMBED, e.string('{"image":"x"}')),
    "a format": (e.FORMAT, e.string("bold") + e.string("{}")),
    "a list": (e.TYPE, uint(0)),
    "a map": (e.TYPE, uint(1)),
    "a text of no element": (e.TYPE, uint(2)),
    "an element": ELEMENT,
    "an element by the name of text": (e.TYPE, uint(3) + e.string("text")),
    "a fragment": (e.TYPE, uint(4)),
    "a text": (e.TYPE, uint(6)),
    "what is deleted": (e.DELETED, uint(2)),
}

# place → what may stand there
FITS: dict[str, set[str]] = {
    "the page": {"an element"},
    "an element": {"an element", "a text"},
    "a text": {"letters", "a format"},
    "an attribute": {"a value", "an object", "nothing, as a value", "bytes"},
    "an entry of the page": set(),
    "an entry of a text": set(),
}
SHAPES = [(content, place) for place in FITS for content in CONTENTS]


def fits(content: str, place: str) -> bool:
    return content in FITS[place] or content == "what is deleted"


# place → (client 7's clock of one that stands there and of the next one, what somebody else may put there)
_NEIGHBOURS: dict[str, tuple[int, int | None, Content]] = {
    "the page": (0, 7, ELEMENT),
    "an element": (9, 10, ELEMENT),
    "a text": (3, 4, LETTERS),
    "an attribute": (8, None, VALUES),
}


def named(place: str, content: Content) -> bytes:
    """Return `content` as an item that names what it stands in."""
    ref, body = content
    match place:
        case "the page":
            return e.item(ref, body, root="default")
        case "an element":
            return e.item(ref, body, parent=(7, 7))
        case "a text":
            return e.item(ref, body, parent=(7, 1))
        case "an attribute":
            return e.entry(ref, body, "textAlign", parent=(7, 7))
        case "an entry of the page":
            return e.entry(ref, body, "key", root="default")
    return e.entry(ref, body, "key", parent=(7, 1))


def ways(content: str, place: str) -> Iterator[tuple[str, list[bytes]]]:
    """Yield each way of writing `content` there, after PAGE: its name, and the updates, of which the last one does."""
    ref, body = CONTENTS[content]
    yield "named", [e.update(e.section(8, 0, named(place, (ref, body))))]
    if place not in _NEIGHBOURS:
        return
    left, right, other = _NEIGHBOURS[place]
    behind = e.item(ref, body, origin=(8, 0))
    size = 4 if other is LETTERS else 1
    yield "behind another", [e.update(e.section(8, 0, e.item(ref, body, origin=(7, left))))]
    yield "before another", [e.update(e.section(8, 0, e.item(ref, body, right=(7, left))))]
    if right is not None:
        yield "between two", [e.update(e.section(8, 0, e.item(ref, body, origin=(7, left), right=(7, right))))]
    first = named(place, other)
    yield "behind one of the same update", [e.update(e.section(8, 0, first, behind))]
    yield "behind another writer's of the same update", [e.update(e.section(9, 0, behind), e.section(8, 0, first))]
    brought = e.update(e.section(8, 0, first))
    yield "behind one of an update before", [brought, e.update(e.section(8, size, behind))]
    yield (
        "behind what was deleted",
        [brought, e.update(deletes=e.deleted(8, (0, size))), e.update(e.section(8, size, behind))],
    )
    if place == "the page":
        return
    # In a paragraph of one's own.
    outer = [e.element("paragraph"), e.item(e.TYPE, uint(6), parent=(8, 0))]
    parent = (8, 1 if place == "a text" else 0)
    within = (
        e.entry(ref, body, "textAlign", parent=parent) if place == "an attribute" else e.item(ref, body, parent=parent)
    )
    yield "in one of the same update", [e.update(e.section(8, 0, *outer, within))]
    yield "in one of an update before", [e.update(e.section(8, 0, *outer)), e.update(e.section(8, 2, within))]
    yield "in another writer's of the same update", [e.update(e.section(9, 0, within), e.section(8, 0, *outer))]
