"""A connection to Redis that breaks and is opened again, for as long as the process lives."""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any

from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# For a connection, and for any answer.
ANSWER_SECONDS = 2.0
# Between two attempts: short, for coming back is what everybody waits for, and never in step.
RETRY_SECONDS = (0.2, 0.8)
# What a connection can raise, and what ends with it.
LOST = (RedisError, OSError, TimeoutError, asyncio.IncompleteReadError)


class Kept:
    """`run(connection)` uses an open connection until it breaks; `lost()` is called after each time.

    `make()` returns a connection of redis-py that is not open yet.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], Any],
        run: Callable[[Any], Coroutine[Any, Any, None]],
        lost: Callable[[], None],
    ) -> None:
        self._name = name
        self._make = make
        self._run = run
        self._lost = lost
        # What the connection is at, as long as it is.
        self._running: asyncio.Future[None] | None = None

    def begin_anew(self) -> None:
        """Give the connection up, whatever it is at."""
        if self._running is not None:
            self._running.cancel()

    async def keep(self) -> None:
        """Open a connection for `run`, again and again."""
        told = False
        while True:
            connection = None
            began = asyncio.get_running_loop().time()
            try:
                connection = self._make()
                async with asyncio.timeout(ANSWER_SECONDS):
                    await connection.connect()
                if told:
                    log.warning("Redis is back for %s", self._name)
                told = False
                self._running = asyncio.ensure_future(self._run(connection))
                await _end_of(self._running)
            except LOST as error:
                if not told:  # once, and not once a second for an hour
                    log.warning("Redis is away for %s: %s: %s", self._name, type(error).__name__, error)
                    told = True
            except Exception:
                log.exception("%s failed", self._name)
            finally:
                self._lost()
                if connection is not None:
                    await _hang_up(connection)
            if asyncio.get_running_loop().time() - began < RETRY_SECONDS[1]:
                await asyncio.sleep(random.uniform(*RETRY_SECONDS))  # noqa: S311


async def _end_of(running: asyncio.Future[None]) -> None:
    """Return when `running` was given up, and raise what it raised."""
    try:
        await asyncio.wait({running})
    finally:
        running.cancel()
    if not running.cancelled():
        running.result()


async def _hang_up(connection: Any) -> None:
    try:
        await connection.disconnect(nowait=True)
    except Exception as error:  # of a connection that is let go of in any case
        log.debug("hanging up on Redis: %s", error)
