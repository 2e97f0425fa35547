"""The one bridge between the event loop and the ORM.

`sync_to_async` would run everything in one thread of the process, and nothing would look after its database connection
there (trap P4). Here one thread writes, so that commits have an order, and a few read.
"""

import asyncio
import logging
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple, ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection

from rooms.core.errors import Busy

log = logging.getLogger(__name__)

Params = ParamSpec("Params")
Result = TypeVar("Result")

# Loading documents and looking up rights; more would only wait for each other on two cores.
READERS = 3
# A database that does not answer is asked again by the client, not held in a queue here.
RETRY_SECONDS = 1.0
# PostgreSQL takes no writes: a replica before it is promoted, or one that was told so. Not an OperationalError.
_READ_ONLY = "25006"


class Database:
    """Runs synchronous database work in threads whose connections it keeps and mends."""

    def __init__(self) -> None:
        self._writer = _Threads("db-writer", 1)
        self._readers = _Threads("db-reader", READERS)

    async def write(self, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
        """Run `work` in the writer's thread, in the order of calls. Raises Busy when the database is away."""
        result: Result = await self._writer.run(work, args, kwargs)
        return result

    async def read(self, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
        """Run `work` in a reader's thread. Raises Busy when the database is away."""
        result: Result = await self._readers.run(work, args, kwargs)
        return result

    async def close(self) -> None:
        """Close every thread's connection and end the threads, once what was asked of them is done."""
        await asyncio.to_thread(self._writer.end)
        await asyncio.to_thread(self._readers.end)


class _Call(NamedTuple):
    work: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    future: asyncio.Future[Any]


class _Threads:
    """Threads that take calls from one queue, and give each answer to the loop that asked.

    What `run_in_executor` does with two futures, two locks and a chain between them, this does with one of each: a
    commit of a few edits is handed over and back in a third of the time.
    """

    def __init__(self, name: str, count: int) -> None:
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._threads = [Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def run(self, work: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> asyncio.Future[Any]:
        future = asyncio.get_running_loop().create_future()
        self._calls.put(_Call(work, args, kwargs, future))
        return future

    def end(self) -> None:
        """Return once everything asked so far is done, and every thread's connection closed."""
        for _ in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            result: Any = None
            error: BaseException | None = None
            try:
                result = call.work(*call.args, **call.kwargs)
            except (DatabaseError, InterfaceError) as broken:
                error = _busy(broken) if _is_away(broken) else broken
            except BaseException as raised:  # whatever it is, it belongs to whoever asked
                error = raised
            try:
                call.future.get_loop().call_soon_threadsafe(_answer, call.future, result, error)
            except RuntimeError:  # the loop is closed
                log.warning("nobody waits for an answer of the database any more")
            del call, result, error  # else the last one would be kept until the next
        connection.close()


def _is_away(broken: Exception) -> bool:
    """Whether the database cannot do anything now, and may later."""
    if isinstance(broken, InternalError):
        return getattr(broken.__cause__, "sqlstate", None) == _READ_ONLY
    return isinstance(broken, OperationalError | InterfaceError)


def _busy(broken: Exception) -> Busy:
    """Let go of this thread's connection where it may be broken, and return what whoever asked is told.

    What SQLite cannot do now (a full disk, another's lock) it can do later over the same connection. A new one for each
    try would leave a file open for each: SQLite closes none while others of this process hold locks on it. One that was
    opened while the file was read-only stays so, and has to go.
    """
    log.warning("the database does not answer: %s", str(broken).partition("\n")[0])
    if connection.vendor != "sqlite" or "readonly" in str(broken):
        connection.close()
    told: BaseException | None = broken
    while told is not None:  # the frames of a traceback hold cursors, and those their connection
        told.__traceback__, told = None, told.__cause__
    busy = Busy("the database does not answer", retry_after=RETRY_SECONDS)
    busy.__cause__ = broken
    return busy


def _answer(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
