"""One trial: people type in peace, something is done to the server, they type on, and everything is compared."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Self

from tests.faults.crowd import Crowd, Outcome
from tests.faults.places import Place
from tests.faults.table import Row, milliseconds
from tests.faults.watch import Look, Watch
from tests.harness.client import eventually
from tests.harness.server import Server

# The long forms, for `make soak`.
LONG = bool(os.environ.get("COLLAB_SOAK"))
WARM_SECONDS = 0.7
QUIET_SECONDS = 1.5
AFTER_SECONDS = 0.5
CALM_SECONDS = 25.0
# What a process may hold more than before when all is over: caches, and connections that are kept.
MORE_MB = 20.0
MORE_TASKS = 4
MORE_FILES = 6
# What the server may log, whatever is done to it: some lines and a few a second. Not one for each edit or frame.
MOST_LINES, LINES_A_SECOND = 150, 10


class Trial:
    """`async with Trial("a name", place, servers) as trial`: the servers run already; a crowd types.

    `more_mb`: what a process may hold more than before. `note` is for what a trial counts besides.
    """

    def __init__(self, name: str, place: Place, servers: Sequence[Server], *, more_mb: float = MORE_MB) -> None:
        self._more_mb = more_mb
        self.name, self.place, self.servers = name, place, servers
        self.crowd = Crowd(place, [server.url for server in servers])
        self.board = self.crowd.board
        self.watch = Watch(servers)
        self.notes: dict[str, object] = {}
        self._before: list[Look] = []
        self._after: list[Look] = []
        self._began = 0.0
        self._stack = AsyncExitStack()

    @property
    def server(self) -> Server:
        return self.servers[0]

    async def __aenter__(self) -> Self:
        self._stack.push_async_callback(self.crowd.close)
        await self.crowd.start()
        await self._stack.enter_async_context(self.watch)
        self.board.phase = "warm"
        await asyncio.sleep(WARM_SECONDS)
        self.board.phase = "quiet"
        await asyncio.sleep(QUIET_SECONDS)
        self._before = await self.watch.look()
        self.watch.begin()
        self._began = asyncio.get_running_loop().time()
        self.board.phase = "during"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def note(self, name: str, value: object) -> None:
        self.notes[name] = value

    async def answered(self, words: int = 3, *, seconds: float = 30.0) -> None:
        """Return once everybody who types has had so many more words acknowledged."""
        writers = [one for one in self.crowd.people if one.words]
        wanted = {one: len(one.acknowledged) + words for one in writers}
        try:
            await eventually(
                lambda: all(len(one.acknowledged) >= count for one, count in wanted.items()), seconds=seconds
            )
        except AssertionError:
            late = [one.letter for one, count in wanted.items() if len(one.acknowledged) < count]
            told = (dict(self.board.refused), self.board.lines_lost, self.board.wrong, self.watch.said()[-20:])
            raise AssertionError(f"not answered within {seconds} s: {late}; {told}") from None

    async def end(self) -> tuple[Row, list[str]]:
        """Have people type a little longer, compare, and return the row and what is wrong, if anything is."""
        self.board.phase = "after"
        await self.answered(1)
        await asyncio.sleep(AFTER_SECONDS)
        outcome = await self.crowd.settle()
        after = await self._calm()
        row = self._row(outcome, after)
        return row, self._faults(row)

    async def _calm(self) -> list[Look]:
        """Return what the processes hold once that is hardly more than before, or after CALM_SECONDS."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CALM_SECONDS
        while True:
            now = await self.watch.look()
            if not self._too_much(now) or loop.time() > deadline:
                return now
            await asyncio.sleep(2)  # each look leaves a task for ten seconds, which waits for a CONNECT that came

    def _too_much(self, now: Sequence[Look]) -> list[str]:
        found = []
        for name, most in (("memory_mb", self._more_mb), ("tasks", MORE_TASKS), ("files", MORE_FILES)):
            for then, one in zip(self._before, now, strict=True):
                if getattr(one, name) > getattr(then, name) + most:
                    found.append(f"{name}: {getattr(then, name)} before, {getattr(one, name)} after")
        return found

    def _row(self, outcome: Outcome, after: Sequence[Look]) -> Row:
        board, before, self._after = self.board, self._before, list(after)
        return Row(
            name=self.name,
            typed=outcome.typed,
            acknowledged=outcome.acknowledged,
            lost=len(outcome.lost) + len(board.wrong),
            different=len(outcome.different),
            same_process=[look.pid for look in before] == [look.pid for look in after],
            memory_mb=(
                sum(look.memory_mb for look in before),
                self.watch.most_mb,
                sum(look.memory_mb for look in after),
            ),
            files=(sum(look.files for look in before), sum(look.files for look in after)),
            tasks=(sum(look.tasks for look in before), sum(look.tasks for look in after)),
            log_lines=len(self.watch.said()),
            seconds=round(asyncio.get_running_loop().time() - self._began, 1),
            lines_lost=board.lines_lost,
            answered_ms=milliseconds(board.answered["quiet"], board.answered["during"]),
            seen_ms=milliseconds(board.seen["quiet"], board.seen["during"]),
            longest_seconds=max((one for values in board.answered.values() for one in values), default=0.0),
            refused=dict(board.refused),
            notes=dict(self.notes),
        )

    def _faults(self, row: Row) -> list[str]:
        """Return what must not be after any trial."""
        found = [*self.board.wrong, *self._too_much(self._after)]
        if row.lost or row.different:
            found.append(f"{row.lost} words lost, {row.different} pages differ from the database")
        if row.typed != row.acknowledged:
            found.append(f"{row.typed} words typed, {row.acknowledged} acknowledged")
        if row.log_lines > MOST_LINES + LINES_A_SECOND * row.seconds:
            found.append(f"{row.log_lines} lines logged")
        return found


Fault = Callable[[Trial], Awaitable[None]]
