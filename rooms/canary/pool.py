"""The canaries of one process: one as a rule, more while it is busy, none after a while without work."""

import logging
import time
from collections.abc import Callable, Sequence
from threading import Condition
from typing import Any

from rooms.canary.process import Canary, CannotStart, Died, NoTime
from rooms.canary.wire import Work

log = logging.getLogger(__name__)

# While one canary works for longer than this on a document, whoever waits for it gets another.
PATIENCE_SECONDS = 0.05
# So many at most: on two cores more would only wait for each other.
MAX_CANARIES = 3
# One without work ends after this: it holds some 20 MB. The next document waits a tenth of a second longer.
IDLE_SECONDS = 600.0
# Where none could be started, it is tried again after this.
AGAIN_SECONDS = 60.0


class Unavailable(Exception):
    """No canary can be started here."""


class Canaries:
    """For any thread. `make` starts a canary, or raises CannotStart."""

    def __init__(self, make: Callable[[], Canary]) -> None:
        self._make = make
        self._changed = Condition()
        # (since when on the monotonic clock, canary), the one that worked last at the end
        self._idle: list[tuple[float, Canary]] = []
        self._working: set[Canary] = set()
        self._count = 0
        self._not_before = 0.0
        self._said = False
        self._stopped = False

    def ask(self, work: Work, snapshot: bytes | None, rows: Sequence[bytes]) -> Any:
        """Return the Fault of a document, or else what was asked for: None, or its content.

        One that dies is not believed at once, unless its time was up: anybody may have ended it. Raises Unavailable,
        and NoTime.
        """
        try:
            return self._ask(work, snapshot, rows)
        except Died as died:
            if died.fault.code == "timed_out":
                return died.fault
            log.warning("a canary died, and another one tries the same document")
        try:
            return self._ask(work, snapshot, rows)
        except Died as died:
            return died.fault

    def warm(self) -> None:
        """Have one ready, if there can be one."""
        try:
            self._put_back(self._take())
        except Unavailable:
            return  # it was said in the log

    def rest(self) -> None:
        """End those that have had no work for long."""
        until = time.monotonic() - IDLE_SECONDS
        with self._changed:
            over = [canary for since, canary in self._idle if since <= until]
            self._idle = [(since, canary) for since, canary in self._idle if since > until]
            self._count -= len(over)
        for canary in over:
            canary.close()

    def stop(self) -> None:
        """End all of them. Whoever waits for an answer, or asks for one from now on, gets NoTime."""
        with self._changed:
            self._stopped = True
            idle, self._idle = self._idle, []
            self._count -= len(idle)
            for canary in self._working:
                canary.kill()
        for _, canary in idle:
            canary.close()

    @property
    def pids(self) -> list[int]:
        """The processes that wait for work."""
        with self._changed:
            return [canary.pid for _, canary in self._idle]

    def _ask(self, work: Work, snapshot: bytes | None, rows: Sequence[bytes]) -> Any:
        canary = self._take()
        try:
            self._set_to_work(canary)
            answer = canary.ask(work, snapshot, rows)
        except BaseException as error:
            canary.close()
            self._forget(canary)
            if self._stopped and isinstance(error, Died):
                raise NoTime from None
            raise
        self._put_back(canary)
        return answer

    def _take(self) -> Canary:
        with self._changed:
            patience = time.monotonic() + PATIENCE_SECONDS
            while not self._idle:
                rest = patience - time.monotonic()
                if self._count == 0 or (rest <= 0 and self._count < MAX_CANARIES):
                    break
                self._changed.wait(rest if rest > 0 else None)
            while self._idle:
                _, canary = self._idle.pop()
                if canary.is_alive:
                    return canary
                canary.close()  # somebody ended it while it had nothing to do
                self._count -= 1
            self._count += 1
        try:
            return self._start()
        except BaseException:
            self._forget()
            raise

    def _start(self) -> Canary:
        if time.monotonic() < self._not_before:
            raise Unavailable
        try:
            canary = self._make()
        except CannotStart as error:
            self._not_before = time.monotonic() + AGAIN_SECONDS
            if not self._said:
                log.error("no canary can be started (%s): documents are loaded without one", error)
            self._said = True
            raise Unavailable from error
        self._said = False
        return canary

    def _set_to_work(self, canary: Canary) -> None:
        with self._changed:
            if self._stopped:
                raise NoTime
            self._working.add(canary)

    def _put_back(self, canary: Canary) -> None:
        with self._changed:
            self._working.discard(canary)
            if not self._stopped:
                self._idle.append((time.monotonic(), canary))
                self._changed.notify()
                return
            self._count -= 1
        canary.close()

    def _forget(self, canary: Canary | None = None) -> None:
        with self._changed:
            if canary is not None:
                self._working.discard(canary)
            self._count -= 1
            self._changed.notify()
