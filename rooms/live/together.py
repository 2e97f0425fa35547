"""Questions to the database that arrive together are asked together: a thousand people who come back are a few
queries."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from rooms.core.errors import Busy

Key = TypeVar("Key")
Value = TypeVar("Value")

# A larger batch keeps the first of it waiting for the last. It is also far below the parameters that SQL takes.
AT_ONCE = 250


class Together(Generic[Key, Value]):
    """`read(keys)` answers many keys at once. Whoever asks while it reads is answered by the next read.

    So each answer is of a moment after it was asked for, and a single question waits for nothing. What `read` raises
    for one key is told to those who asked for that one.
    """

    def __init__(self, read: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Value]]]) -> None:
        self._read = read
        self._waiting: dict[Key, asyncio.Future[Value]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def get(self, key: Key) -> Value:
        """Return the answer for `key`. Raises what `read` raises."""
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._reading is None:
            self._reading = asyncio.create_task(self._run())
        return await asyncio.shield(future)  # others may wait for the same answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                keys = list(self._waiting)[:AT_ONCE]
                await self._answer({key: self._waiting.pop(key) for key in keys})
        finally:
            self._reading = None

    async def _answer(self, asked: Mapping[Key, "asyncio.Future[Value]"]) -> None:
        keys = list(asked)
        try:
            answers = await self._read(keys)
        except Busy as away:  # for each of them, and asking again would be more of what it cannot do
            _fail(asked.values(), away)
        except Exception as error:
            if len(keys) == 1:
                _fail(asked.values(), error)
                return
            half = len(keys) // 2
            for some in (keys[:half], keys[half:]):
                await self._answer({key: asked[key] for key in some})
        else:
            for key, future in asked.items():
                future.set_result(answers[key])


def _fail(futures: "Iterable[asyncio.Future[Value]]", error: Exception) -> None:
    for future in futures:
        future.set_exception(error)
        future.exception()  # whoever asked may be gone
