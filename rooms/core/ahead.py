"""What a writer has sent that is not in the log yet: the ground on which its next edit stands.

A writer need not wait for one edit to be committed before it sends the next. That one is checked against the document
and what is on its way, and both are refused together if the first one is.
"""

from dataclasses import dataclass, field

from rooms.core.outline import Outline
from rooms.core.updates import Summary


@dataclass(slots=True)
class Ahead:
    """Edits of one writer, each of which passed the check, over the document's `outline` or over earlier ones."""

    outline: Outline
    # client → clock after its last operation on the way
    known: dict[int, int] = field(default_factory=dict)
    edits: int = 0

    def add(self, summary: Summary, ground: dict[int, int]) -> None:
        """Note an edit that was checked against `ground` (client → clock)."""
        self.outline.add(summary, ground)
        for client, (_, end) in summary.ranges.items():
            self.known[client] = max(end, ground.get(client, 0))
        self.edits += 1


def repeats(summary: Summary, ground: dict[int, int]) -> bool:
    """True when an edit brings operations that are there already, as one does that was sent again."""
    return any(start < ground.get(client, 0) for client, (start, _) in summary.ranges.items())
