"""A log that a flood cannot fill: of lines of one kind it has so many, and then their number.

Whoever sends a thousand bad frames a second would write a thousand lines a second; a database that is away, a traceback
for each request. The first of them say what there is to know.
"""

import logging
import threading
import time
from collections.abc import Callable

# In so many seconds a kind of line may come as often as the setting says.
SECONDS = 10.0
# Kinds that are remembered. They are in the source, so there are not many; a library may make up its own.
MOST_KINDS = 1_000


class Sparing(logging.Filter):
    """Lets `lines` records of a kind pass within SECONDS: of one logger, level and wording before its values."""

    def __init__(self, lines: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._lines = lines
        self._clock = clock
        # kind → (since when it is counted, how many there were)
        self._kinds: dict[tuple[str, int, str], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        kind = (record.name, record.levelno, str(record.msg))
        now = self._clock()
        with self._lock:
            since, count = self._kinds.get(kind, (now, 0))
            left_out = 0
            if now - since >= SECONDS:
                since, count, left_out = now, 0, max(0, count - self._lines)
            if len(self._kinds) >= MOST_KINDS:
                self._kinds.clear()
            count += 1
            self._kinds[kind] = (since, count)
        if left_out:
            _add(record, f"{left_out} more like this were left out")
        if count == self._lines:
            _add(record, f"more like this are left out for {SECONDS - (now - since):.0f} s")
        return count <= self._lines


def _add(record: logging.LogRecord, words: str) -> None:
    record.msg, record.args = f"{record.getMessage()} ({words})", ()
