"""Who may connect now: everybody, unless this process is cold, lags, or is about to end.

A client that comes back costs about a hundred times what an edit of hers costs, and thousands come back at once when an
instance ends. Here they are let in at a rate that this process can carry, the rest are told when to come again, and
whoever is in already does not notice.
"""

import asyncio
import time

from rooms.core.admission import Admission
from rooms.core.errors import Busy

TICK_SECONDS = 0.1
# The loop came so much too late to a timer: somebody who types notices.
LAGGING_SECONDS = 0.25
# So little late for so long: it has caught up.
CALM_SECONDS = 0.05
CALM_FOR_SECONDS = 2.0
# What connecting may take of the core. The rest is for those who are in.
SHARE = 0.5
# A rate below this helps nobody.
LEAST_PER_SECOND = 10.0
# Connects from which a cost is taken.
SAMPLE = 10
# Somebody who is refused at the end finds the others.
LEAVING_SECONDS = 1.0


class Gate:
    """`per_second` is the most that is let in while the gate is not wide open; what connects really cost lowers it."""

    def __init__(self, *, per_second: float, warmup_seconds: float) -> None:
        self._most = per_second
        self._admission = Admission(per_second)
        self._cold_until = time.monotonic() + warmup_seconds if warmup_seconds else 0.0
        self._lagging_until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._let_in = 0
        self._cpu = 0.0
        self.refused = 0
        self.is_closed = False

    def start(self) -> None:
        self._tick()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def close(self) -> None:
        """Let nobody in any more."""
        self.is_closed = True

    @property
    def is_wide_open(self) -> bool:
        now = time.monotonic()
        return not self.is_closed and now >= self._cold_until and now >= self._lagging_until

    @property
    def per_second(self) -> float:
        return self._admission.per_second

    def enter(self) -> None:
        """Return for whoever may come in. Raises Busy with the time after which to come again."""
        if self.is_closed:
            self.refused += 1
            raise Busy("this instance is about to end", retry_after=LEAVING_SECONDS)
        if not self.is_wide_open:
            wait = self._admission.ask(time.monotonic())
            if wait is not None:
                self.refused += 1
                raise Busy("this instance lets people in one after the other", retry_after=wait)
        self._let_in += 1

    def _tick(self) -> None:
        now = time.monotonic()
        late = now - self._due if self._due else 0.0
        if late > LAGGING_SECONDS or (late > CALM_SECONDS and now < self._lagging_until):
            self._lagging_until = now + CALM_FOR_SECONDS
        if self.is_wide_open:
            self._admission.open()
            self._let_in, self._cpu = 0, time.process_time()
        elif self._let_in >= SAMPLE:
            self._measure()
        self._due = now + TICK_SECONDS
        self._timer = asyncio.get_running_loop().call_later(TICK_SECONDS, self._tick)

    def _measure(self) -> None:
        """Take what this process has spent since the last time for the cost of those who came in."""
        spent = time.process_time() - self._cpu
        able = SHARE * self._let_in / spent if spent > 0 else self._most
        smooth = 0.5 * self._admission.per_second + 0.5 * able
        self._admission.per_second = min(self._most, max(LEAST_PER_SECOND, smooth))
        self._let_in, self._cpu = 0, time.process_time()
