"""How long it took until somebody whose access ended knew of it: a table at the end of the test run."""

from collections import defaultdict
from dataclasses import dataclass, field

from tests.bench.percentiles import median


@dataclass
class Latencies:
    """(way, transport) → seconds, and what came through after it: events received, edits accepted."""

    seconds: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    late: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def note(self, way: str, transport: str, seconds: float) -> None:
        self.seconds[way, transport].append(seconds)

    def too_late(self, way: str, transport: str, events: int, edits: int) -> None:
        counts = self.late[way, transport]
        counts[0] += events
        counts[1] += edits

    def lines(self) -> list[str]:
        """Return the table, a line each."""
        found = ["heard by  transport   ended  p50, ms  max, ms  events after  edits after"]
        for (way, transport), seconds in sorted(self.seconds.items()):
            events, edits = self.late[way, transport]
            found.append(
                f"{way:<9} {transport:<10} {len(seconds):>6} {1000 * median(seconds):>8.0f} "
                f"{1000 * max(seconds):>8.0f} {events:>13} {edits:>12}"
            )
        return found
