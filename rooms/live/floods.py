"""Whether somebody floods this process with lines that come to nothing.

A line that ends without a document costs as much as ten or twenty letters, and whoever opens them by the thousand pays
next to nothing. While many come to nothing, handshakes are taken one at a time (`door.py`): whoever is in already does
not notice, and whoever comes waits a little. A crowd of people is no flood, for theirs come to something.
"""

import logging
import time
from collections.abc import Callable

from rooms.core.rates import Bucket

log = logging.getLogger(__name__)

# So many a second are people: a page that is left while it loads, a session that has just ended.
PER_SECOND = 10.0
# So many seconds' worth may come together.
BURST_SECONDS = 2.0
# It is over when so long no more came than that.
OVER_SECONDS = 5.0


class Floods:
    """`clock` is in seconds."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bucket = Bucket(PER_SECOND, BURST_SECONDS)
        self._over_at = float("-inf")

    def note(self) -> None:
        """A line has come to nothing: refused, never said who it is, unreadable, or left without a document."""
        now = self._clock()
        if not self._bucket.take(1, now):
            return
        if not self.is_on:
            log.warning("many lines come to nothing: handshakes are taken one at a time")
        self._over_at = now + OVER_SECONDS

    @property
    def is_on(self) -> bool:
        return self._clock() < self._over_at
