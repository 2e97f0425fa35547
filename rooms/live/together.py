"""Questions to the database that arrive together are asked together: a thousand people who come back are a few
queries."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

# A larger batch keeps the first of it waiting for the last. It is also far below the parameters that SQL takes.
AT_ONCE = 250


class Together(Generic[Key, Value]):
    """`read(keys)` answers many keys at once. Whoever asks while it reads is answered by the next read.

    So each answer is of a moment after it was asked for, and a single question waits for nothing.
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
        try:
            answers = await self._read(list(asked))
        except Exception as error:
            for future in asked.values():
                future.set_exception(error)
                future.exception()  # whoever asked may be gone
            return
        for key, future in asked.items():
            future.set_result(answers[key])
