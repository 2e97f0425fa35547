"""Where the operations of a document stand: how deep, in what, and which of them may have children.

pycrdt refuses an item whose parent is no shared type only while it integrates it. By then the edit is in the log, and
the document loads for nobody any more; nesting that grows by a level an edit ends the process in the same way (trap
Y4). And pycrdt takes any content in any shared type, where a page that finds letters beside its paragraphs throws,
shows nothing, and goes on writing from what it had shown before (trap Y10). So all of it is known before an edit is
taken.
Sources: yjs 13.6 `Item.getMissing`, yrs `Item::repair`, y-tiptap 3.0 `createNodeFromYElement`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from rooms.core.errors import Gap
from rooms.core.lib0 import Malformed
from rooms.core.updates import (
    BYTES,
    COLLECTED,
    ELEMENT,
    FORMAT,
    GONE,
    KEYED,
    LETTERS,
    PAGE,
    TEXT,
    TYPE,
    VALUES,
    Id,
    Item,
    Summary,
)

# Lists in lists in tables in quotes stay under thirty. ProseMirror's own recursion gives up in the thousands.
MAX_DEPTH = 100
# What an operation stands in: anything that no page shows; the page itself; an element of it; the text of an element.
# With KEYED, it is no child of that but an entry.
_ELSEWHERE, _PAGE, _ELEMENT, _TEXT = range(4)
_IN = 0b111
# The parent is a letter, or something else that nothing can stand in.
_NOTHING = 0x80

# What y-tiptap writes, and can read. An attribute is a value, or bytes, which it takes for one.
_FITS = {
    _PAGE: {ELEMENT},
    _PAGE | KEYED: set[int](),
    _ELEMENT: {ELEMENT, TEXT},
    _ELEMENT | KEYED: {VALUES, BYTES},
    _TEXT: {LETTERS, FORMAT},
    _TEXT | KEYED: set[int](),
}
# What an operation is and what it stands in, where the two do not go together.
_MISPLACED = frozenset(
    {what | place for place, fit in _FITS.items() for what in range(0, COLLECTED, 8) if what not in fit}
    | {what | place | _NOTHING for place in range(_IN + 1) for what in range(0, COLLECTED + 1, 8)}
)
# What a parent is, and stands in → what that makes of those who stand in it. Anything else is no part of a page.
_INSIDE = {ELEMENT | _PAGE: _ELEMENT, ELEMENT | _ELEMENT: _ELEMENT, TEXT | _ELEMENT: _TEXT}

# Where something stands: how deep; what it is and what that stands in, in one number (of what nothing can stand in:
# only the latter); and in which (None: a root that is not the page; GONE: yjs holds nothing of it any more, since a
# neighbour of it, or what it stood in, is collected).
Place = tuple[int, int, Id | None]
# Client → the first clock of each run of operations, and the clock after it.
Runs = dict[int, tuple[list[int], list[int]]]
# What the document does not have is a gap, which is found before.
_UNKNOWN: Place = (1, LETTERS, None)


@dataclass(slots=True)
class _Changes:
    """The clocks at which something changes, and what holds from each on."""

    clocks: list[int]
    places: list[Place]


class Outline:
    """The outline of one document. `known` (client → clock) is what the document held before the update at hand.

    An outline may lie over another one, which it adds to without changing it.
    """

    def __init__(self, beneath: "Outline | None" = None) -> None:
        self.beneath = beneath
        # client → what holds from a clock on, and the changes after it once there are any
        self._runs: dict[int, tuple[int, Place] | _Changes] = {}
        # second halves of surrogate pairs
        self._halves: set[Id] = set()

    def check(self, summary: Summary, known: dict[int, int]) -> None:
        """Raise Malformed when the document must not take this update.

        That is: elements nested too deep, references in a circle, a letter as the parent of something, and what would
        split a surrogate pair: yrs keeps the pair whole, and counts the rest of that writer's operations wrong. Then
        what no program sends, and of which yrs and yjs make different things: deleted ranges out of order, something
        between two that do not stand in the same, and something that is said to go on elsewhere than where it began.
        And what no page can show: anything but elements and text, and text with anything but letters and formats. And
        several values at once under one key, which Yjs writes only once they are deleted: yjs forgets the first of
        them, and throws when what they belong to is deleted.

        Raises Gap when it goes on from what is collected: yjs throws, unless it is sent from there on.
        """
        if summary.untidy or (len(summary.deletes) > 1 and _out_of_order(summary.deletes)):
            raise Malformed("deleted ranges out of order")
        fresh = Outline(self)
        fresh._note_halves(summary, known)
        if fresh._any_halves() and any(fresh._splits(cut) for cut in _cuts(summary, known)):
            raise Malformed("half a character")
        deleted: Runs | None = None
        for item in in_order(summary):
            client, clock, end, parent, origin, right, kind = item
            held = known.get(client, 0)
            if end <= held:
                continue
            depth, place, inside = fresh._place(parent, origin, right, kind)
            if depth > MAX_DEPTH:
                raise Malformed("elements nested too deep")
            code = kind | place
            if code in _MISPLACED:
                raise Malformed("a parent that can have no children" if code & _NOTHING else "what no page can show")
            if origin is not None and right is not None and fresh._apart(origin, right):
                raise Malformed("between two that do not stand in the same")
            if place & KEYED and end - clock > 1 and kind < TYPE:
                deleted = _deleted(summary) if deleted is None else deleted
                if not _covers(deleted, item):
                    raise Malformed("several values under one key")
            if clock < held:
                fresh._goes_on((client, held - 1), code, inside)
                clock = held
            fresh._note(client, clock, (depth, place if kind < TYPE else code, inside))

    def add(self, summary: Summary, known: dict[int, int]) -> None:
        """Note the operations of an update that the document takes."""
        self._note_halves(summary, known)
        for client, clock, end, parent, origin, right, kind in in_order(summary):
            held = known.get(client, 0)
            if end > held:
                depth, place, inside = self._place(parent, origin, right, kind)
                self._note(
                    client, clock if clock > held else held, (depth, place if kind < TYPE else kind | place, inside)
                )

    def _place(self, parent: Id | None, origin: Id | None, right: Id | None, kind: int) -> tuple[int, int, Id | None]:
        """Return how deep an item stands, what kind of place that is, and what it stands in."""
        beside = origin or right
        if beside is not None:
            depth, code, inside = self._at(beside)
            if right is not None and beside is origin and self._at(right)[2] is GONE:
                inside = GONE
            return depth, code & _IN, inside
        if parent is None or parent is GONE:
            return 1, _ELSEWHERE | kind & KEYED, parent
        if parent is PAGE:
            return 1, _PAGE | kind & KEYED, PAGE
        depth, code, outer = self._at(parent)
        place = _INSIDE.get(code, _ELSEWHERE) if code >= TYPE else _NOTHING
        return depth + 1, place | kind & KEYED, GONE if outer is GONE else parent

    def _apart(self, origin: Id, right: Id) -> bool:
        left, other = self._at(origin)[2], self._at(right)[2]
        return left != other and left is not GONE and other is not GONE

    def _goes_on(self, last: Id, code: int, inside: Id | None) -> None:
        """Check an item whose operations up to `last` are there already. Raises Malformed and Gap."""
        _, before, where = self._at(last)
        if before >= COLLECTED or code >= COLLECTED or where is GONE or inside is GONE:
            raise Gap("it goes on from what is collected")
        if where != inside or (before ^ code) & _IN:
            raise Malformed("it goes on elsewhere than where it began")

    def _at(self, reference: Id) -> Place:
        client, clock = reference
        outline: Outline | None = self
        while outline is not None:
            runs = outline._runs.get(client)
            if isinstance(runs, tuple):
                if runs[0] <= clock:
                    return runs[1]
            elif runs is not None and (place := bisect_right(runs.clocks, clock)):
                return runs.places[place - 1]
            outline = outline.beneath
        return _UNKNOWN

    def _any_halves(self) -> bool:
        return bool(self._halves) or (self.beneath is not None and self.beneath._any_halves())

    def _splits(self, cut: Id) -> bool:
        return cut in self._halves or (self.beneath is not None and self.beneath._splits(cut))

    def _note_halves(self, summary: Summary, known: dict[int, int]) -> None:
        if summary.halves:
            self._halves.update(half for half in summary.halves if half[1] >= known.get(half[0], 0))

    def _note(self, client: int, clock: int, place: Place) -> None:
        runs = self._runs.get(client)
        if runs is None:
            self._runs[client] = (clock, place)
        elif isinstance(runs, tuple):
            if runs[1] != place:
                self._runs[client] = _Changes([runs[0], clock], [runs[1], place])
        elif runs.places[-1] != place:
            runs.clocks.append(clock)
            runs.places.append(place)


def _deleted(summary: Summary) -> Runs:
    runs: Runs = {}
    for client, start, end in summary.deletes:
        starts, ends = runs.setdefault(client, ([], []))
        starts.append(start)
        ends.append(end)
    return runs


def _covers(runs: Runs, item: Item) -> bool:
    """Whether all of an item is in one of the runs."""
    starts, ends = runs.get(item[0], ([], []))
    place = bisect_right(starts, item[1]) - 1
    return place >= 0 and item[2] <= ends[place]


def _out_of_order(deletes: list[tuple[int, int, int]]) -> bool:
    last, reached = -1, 0
    for client, start, end in deletes:
        if client == last and start < reached:
            return True
        last, reached = client, end
    return False


def _cuts(summary: Summary, known: dict[int, int]) -> Iterator[Id]:
    """Yield what has to be the first half of a character, or a whole one: something begins or ends before it."""
    for client in summary.ranges:
        yield client, known.get(client, 0)  # what is known of an item already is cut off
    for _, _, _, _, origin, right, _ in summary.items:
        if origin is not None:
            yield origin[0], origin[1] + 1
        if right is not None:
            yield right
    for client, start, end in summary.deletes:
        yield client, start
        yield client, end


def in_order(summary: Summary) -> Iterable[Item]:
    """Return the items so that each comes after all that it refers to. Raises Malformed when they go in a circle.

    Yjs integrates in this order. What goes in a circle would wait for ever, and keep the document from ever
    having a snapshot again (trap Y2).
    """
    # One writer's items refer to earlier ones only: `updates.read` has seen to it.
    return summary.items if len(summary.ranges) <= 1 else _sorted(summary)


def _sorted(summary: Summary) -> Iterator[Item]:
    # No list for each writer: there may be a hundred thousand of them, and the collector looks through every list.
    items = summary.items
    # How far each writer is: clocks below it are there, or are collected and refer to nothing.
    reached = {client: start for client, (start, _) in summary.ranges.items()}
    # client → where its next item is among all of them, and where its last one ends: they stand writer by writer
    places: dict[int, int] = {}
    ends: dict[int, int] = {}
    for place, item in enumerate(items):
        places.setdefault(item[0], place)
        ends[item[0]] = place + 1
    waiting: dict[int, list[tuple[int, int]]] = {}
    ready = list(places)
    while ready:
        client = ready.pop()
        for place in range(places[client], ends[client]):
            item = items[place]
            blocker = _blocker(item, reached, summary.ranges)
            if blocker is not None:
                heappush(waiting.setdefault(blocker[0], []), (blocker[1], client))
                places[client] = place
                break
            yield item
            reached[client] = item[2]
            if waiting:
                blocked = waiting.get(client)
                while blocked and blocked[0][0] < item[2]:
                    ready.append(heappop(blocked)[1])
        else:
            places[client] = ends[client]
    if places != ends:
        raise Malformed("references in a circle")


def _blocker(item: Item, reached: dict[int, int], ranges: dict[int, tuple[int, int]]) -> Id | None:
    """Return what `item` refers to that is in this update too and not yet there."""
    client = item[0]
    for reference in item[3:6]:
        if reference and reference[0] != client and reference[0] in reached:
            other, clock = reference
            if reached[other] <= clock < ranges[other][1]:
                return reference
    return None
