"""Where the operations of a document stand: how deep, and which of them may have children.

pycrdt refuses an item whose parent is no shared type only while it integrates it. By then the edit is in the log, and
the document loads for nobody any more; nesting that grows by a level an edit ends the process in the same way (trap
Y4). So both are known before an edit is taken. Sources: yjs 13.6 `Item.getMissing`, yrs `Item::repair`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from rooms.core.lib0 import Malformed
from rooms.core.updates import Id, Item, Kind, Summary

# Lists in lists in tables in quotes stay under thirty. ProseMirror's own recursion gives up in the thousands.
MAX_DEPTH = 100
# What the document does not have is a gap, which is found before.
_UNKNOWN = (1, Kind.CONTENT)


class Outline:
    """The outline of one document. `known` (client → clock) is what the document held before the update at hand.

    An outline may lie over another one, which it adds to without changing it.
    """

    def __init__(self, beneath: "Outline | None" = None) -> None:
        self.beneath = beneath
        # client → the clocks at which something changes, and what holds from there on: (depth, kind)
        self._runs: dict[int, tuple[list[int], list[tuple[int, Kind]]]] = {}
        # second halves of surrogate pairs
        self._halves: set[Id] = set()

    def check(self, summary: Summary, known: dict[int, int]) -> None:
        """Raise Malformed when the document must not take this update.

        That is: elements nested too deep, references in a circle, a letter as the parent of something, and what would
        split a surrogate pair: yrs keeps the pair whole, and counts the rest of that writer's operations wrong.
        """
        fresh = Outline(self)
        fresh._note_halves(summary, known)
        if fresh._any_halves() and any(fresh._splits(cut) for cut in _cuts(summary, known)):
            raise Malformed("half a character")
        for item in in_order(summary):
            client, clock, end, parent, origin, right, kind = item
            held = known.get(client, 0)
            if end <= held:
                continue
            depth, parent_kind = fresh._place(parent, origin, right)
            if depth > MAX_DEPTH:
                raise Malformed("elements nested too deep")
            if parent_kind is Kind.CONTENT:
                raise Malformed("a parent that can have no children")
            fresh._note(client, clock if clock > held else held, depth, kind)

    def add(self, summary: Summary, known: dict[int, int]) -> None:
        """Note the operations of an update that the document takes."""
        self._note_halves(summary, known)
        for client, clock, end, parent, origin, right, kind in in_order(summary):
            held = known.get(client, 0)
            if end > held:
                depth, _ = self._place(parent, origin, right)
                self._note(client, clock if clock > held else held, depth, kind)

    def _place(self, parent: Id | None, origin: Id | None, right: Id | None) -> tuple[int, Kind | None]:
        """Return how deep an item stands, and what its parent is where it names one."""
        if parent is not None:
            depth, kind = self._at(parent)
            return depth + 1, kind
        beside = origin or right
        return (self._at(beside)[0] if beside is not None else 1), None

    def _at(self, reference: Id) -> tuple[int, Kind]:
        client, clock = reference
        outline: Outline | None = self
        while outline is not None:
            runs = outline._runs.get(client)
            if runs is not None and (place := bisect_right(runs[0], clock)):
                return runs[1][place - 1]
            outline = outline.beneath
        return _UNKNOWN

    def _any_halves(self) -> bool:
        return bool(self._halves) or (self.beneath is not None and self.beneath._any_halves())

    def _splits(self, cut: Id) -> bool:
        return cut in self._halves or (self.beneath is not None and self.beneath._splits(cut))

    def _note_halves(self, summary: Summary, known: dict[int, int]) -> None:
        if summary.halves:
            self._halves.update(half for half in summary.halves if half[1] >= known.get(half[0], 0))

    def _note(self, client: int, clock: int, depth: int, kind: Kind) -> None:
        runs = self._runs.get(client)
        if runs is None:
            self._runs[client] = ([clock], [(depth, kind)])
        elif runs[1][-1] != (depth, kind):
            runs[0].append(clock)
            runs[1].append((depth, kind))


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
    sections: dict[int, list[Item]] = {client: [] for client in summary.ranges}
    for item in summary.items:
        sections[item[0]].append(item)
    # How far each writer is: clocks below it are there, or are collected and refer to nothing.
    reached = {client: items[0][1] if items else summary.ranges[client][1] for client, items in sections.items()}
    places = dict.fromkeys(sections, 0)
    waiting: dict[int, list[tuple[int, int]]] = {client: [] for client in sections}
    ready = list(sections)
    while ready:
        client = ready.pop()
        items = sections[client]
        while places[client] < len(items):
            item = items[places[client]]
            blocker = _blocker(item, reached, summary.ranges)
            if blocker is not None:
                heappush(waiting[blocker[0]], (blocker[1], client))
                break
            yield item
            places[client] += 1
            place = places[client]
            reached[client] = items[place][1] if place < len(items) else summary.ranges[client][1]
            while waiting[client] and waiting[client][0][0] < reached[client]:
                ready.append(heappop(waiting[client])[1])
    if any(places[client] < len(items) for client, items in sections.items()):
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
