"""The one bridge between the event loop and the ORM.

`sync_to_async` would run everything in one thread of the process, and nothing would look after its database connection
there (trap P4). Here one thread writes, so that commits have an order, and a few read.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

from rooms.core.errors import Busy

Params = ParamSpec("Params")
Result = TypeVar("Result")

# Loading documents and looking up rights; more would only wait for each other on two cores.
READERS = 3
# A database that does not answer is asked again by the client, not held in a queue here.
RETRY_SECONDS = 1.0


class Database:
    """Runs synchronous database work in threads whose connections it keeps and mends."""

    def __init__(self) -> None:
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="db-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="db-reader")

    async def write(self, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
        """Run `work` in the writer's thread, in the order of calls. Raises Busy when the database is away."""
        return await self._run(self._writer, work, *args, **kwargs)

    async def read(self, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
        """Run `work` in a reader's thread. Raises Busy when the database is away."""
        return await self._run(self._readers, work, *args, **kwargs)

    async def _run(
        self, pool: ThreadPoolExecutor, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result:
        def call() -> Result:
            try:
                return work(*args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                connection.close()  # a broken one would fail for ever; the next call opens another
                raise Busy("the database does not answer", retry_after=RETRY_SECONDS) from error

        return await asyncio.get_running_loop().run_in_executor(pool, call)

    async def close(self) -> None:
        """Close every thread's connection and end the threads, once what they have begun is done."""
        for pool, threads in ((self._writer, 1), (self._readers, READERS)):
            everybody = Barrier(threads)  # else one thread could close several times, and another never
            for _ in range(threads):
                pool.submit(_close, everybody)
            await asyncio.to_thread(pool.shutdown)


def _close(everybody: Barrier) -> None:
    connection.close()
    everybody.wait()
