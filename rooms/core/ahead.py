"""What a writer has sent that is not in the log yet: the ground on which its next edit stands.

A writer need not wait for one edit to be committed before it sends the next. That one is checked against the document
and what is on its way, and both are refused together if the first one is.
"""

from rooms.core.outline import Outline
from rooms.core.updates import Summary


class Ahead:
    """Edits of one writer, each of which passed the check, over the outline of the document or of earlier ones.

    They are looked into only when a later edit asks: most writers have their answer before they type the next letter.
    """

    __slots__ = ("_beneath", "_known", "_outline", "_unread", "clients", "edits")

    def __init__(self, beneath: Outline) -> None:
        self.edits = 0
        # Writers, as Yjs counts them, of whom operations are on the way.
        self.clients: set[int] = set()
        self._beneath = beneath
        self._outline: Outline | None = None
        self._known: dict[int, int] = {}
        self._unread: list[tuple[Summary, dict[int, int]]] = []

    def add(self, summary: Summary, ground: dict[int, int]) -> None:
        """Note an edit that was checked against `ground` (client → clock)."""
        self.edits += 1
        self.clients.update(summary.ranges)
        self._unread.append((summary, ground))

    def lay_over(self, beneath: Outline) -> None:
        """What was beneath has landed: `beneath` is the document's outline now."""
        self._beneath = beneath
        if self._outline is not None:
            self._outline.beneath = beneath

    @property
    def outline(self) -> Outline:
        self._read()
        if self._outline is None:
            self._outline = Outline(self._beneath)
        return self._outline

    @property
    def known(self) -> dict[int, int]:
        """Client → clock after its last operation on the way."""
        self._read()
        return self._known

    def _read(self) -> None:
        unread, self._unread = self._unread, []
        for summary, ground in unread:
            if self._outline is None:
                self._outline = Outline(self._beneath)
            self._outline.add(summary, ground)
            for client, (_, end) in summary.ranges.items():
                self._known[client] = max(end, ground.get(client, 0), self._known.get(client, 0))


def repeats(summary: Summary, ground: dict[int, int]) -> bool:
    """True when an edit brings operations that are there already, as one does that was sent again."""
    return any(start < ground.get(client, 0) for client, (start, _) in summary.ranges.items())
