"""Where the operations of a document stand: how deep, and which of them may have children.

pycrdt refuses an item whose parent is no shared type only while it integrates it. By then the edit is in the log, and
the document loads for nobody any more; nesting that grows by a level an edit ends the process in the same way (trap
Y4). So both are known before an edit is taken. Sources: yjs 13.6 `Item.getMissing`, yrs `Item::repair`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from rooms.core.errors import Gap
from rooms.core.lib0 import Malformed
from rooms.core.updates import COLLECTED, CONTENT, GONE, Id, Item, Kind, Summary

# Lists in lists in tables in quotes stay under thirty. ProseMirror's own recursion gives up in the thousands.
MAX_DEPTH = 100
# Where something stands: how deep, what it is, and what it stands in (None: a root; GONE: yjs holds nothing of it any
# more, since a neighbour of it, or what it stood in, is collected).
Place = tuple[int, Kind, Id | None]
# What the document does not have is a gap, which is found before.
_UNKNOWN: Place = (1, CONTENT, None)


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

        Raises Gap when it goes on from what is collected: yjs throws, unless it is sent from there on.
        """
        if summary.untidy or (len(summary.deletes) > 1 and _out_of_order(summary.deletes)):
            raise Malformed("deleted ranges out of order")
        fresh = Outline(self)
        fresh._note_halves(summary, known)
        if fresh._any_halves() and any(fresh._splits(cut) for cut in _cuts(summary, known)):
            raise Malformed("half a character")
        for item in in_order(summary):
            client, clock, end, parent, origin, right, kind = item
            held = known.get(client, 0)
            if end <= held:
                continue
            depth, parent_kind, inside = fresh._place(parent, origin, right)
            if depth > MAX_DEPTH:
                raise Malformed("elements nested too deep")
            if parent_kind == CONTENT:
                raise Malformed("a parent that can have no children")
            if origin is not None and right is not None and fresh._apart(origin, right):
                raise Malformed("between two that do not stand in the same")
            if clock < held:
                fresh._goes_on((client, held - 1), kind, inside)
                clock = held
            fresh._note(client, clock, (depth, kind, inside))

    def add(self, summary: Summary, known: dict[int, int]) -> None:
        """Note the operations of an update that the document takes."""
        self._note_halves(summary, known)
        for client, clock, end, parent, origin, right, kind in in_order(summary):
            held = known.get(client, 0)
            if end > held:
                depth, _, inside = self._place(parent, origin, right)
                self._note(client, clock if clock > held else held, (depth, kind, inside))

    def _place(self, parent: Id | None, origin: Id | None, right: Id | None) -> tuple[int, Kind | None, Id | None]:
        """Return how deep an item stands, what its parent is where it names one, and what it stands in."""
        if parent is GONE:
            return 1, None, GONE
        if parent is not None:
            depth, kind, outer = self._at(parent)
            return depth + 1, kind, GONE if outer is GONE else parent
        beside = origin or right
        if beside is None:
            return 1, None, None
        depth, _, inside = self._at(beside)
        if right is not None and beside is origin and self._at(right)[2] is GONE:
            inside = GONE
        return depth, None, inside

    def _apart(self, origin: Id, right: Id) -> bool:
        left, other = self._at(origin)[2], self._at(right)[2]
        return left != other and left is not GONE and other is not GONE

    def _goes_on(self, last: Id, kind: Kind, inside: Id | None) -> None:
        """Check an item whose operations up to `last` are there already. Raises Malformed and Gap."""
        _, before, where = self._at(last)
        if COLLECTED in (before, kind) or where is GONE or inside is GONE:
            raise Gap("it goes on from what is collected")
        if where != inside:
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
