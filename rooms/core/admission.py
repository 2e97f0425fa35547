"""How many may come in a second: whoever is too many is given a time at which there is room, and keeps it."""

from collections import deque

# What may come at once after a quiet while, in seconds of the rate.
BURST_SECONDS = 0.25
# A longer wait than this is asked for again: nobody plans further ahead.
LONGEST_SECONDS = 30.0
# Clients come up to a fifth later than they were told (docs/protocol.md), and have a way to go. A place that nobody
# took until then is given away.
LATE_SHARE = 0.2
LATE_SECONDS = 2.0


class Admission:
    """Places at a steady rate, in connects per second. `ask(now)` takes seconds of any clock that never goes back."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        # When the next place is free that nobody has.
        self._next = 0.0
        # Places that were promised: (from when, until when).
        self._promised: deque[tuple[float, float]] = deque()

    def ask(self, now: float) -> float | None:
        """Return None for whoever may come in now, else seconds after which to ask again."""
        while self._promised and self._promised[0][1] < now:
            self._promised.popleft()
        if self._promised and self._promised[0][0] <= now:
            self._promised.popleft()
            return None
        at = max(self._next, now)
        wait = at - now
        if wait > LONGEST_SECONDS:
            return LONGEST_SECONDS
        self._next = at + 1 / self.per_second
        if wait <= BURST_SECONDS:
            return None
        self._promised.append((at, at + LATE_SHARE * wait + LATE_SECONDS))
        return wait

    def open(self) -> None:
        """Everybody may come: forget what was promised."""
        self._next = 0.0
        self._promised.clear()
