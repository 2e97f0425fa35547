"""People who type throughout, whatever happens to the servers, and come back by the rules of docs/protocol.md."""

import asyncio
import random
from dataclasses import dataclass, field

import aiohttp
import socketio

from tests.fleet.browsers import Browser
from tests.harness.client import Page, Refused

LOST = (socketio.exceptions.SocketIOError, TimeoutError, Refused, aiohttp.ClientError, ConnectionError, ValueError)
# Between two attempts of somebody who lost the line without a word: as the client's, but shorter, since tests wait.
RETRY_SECONDS = (0.2, 0.6)
ANSWER_SECONDS = 4


@dataclass
class Writer:
    """Types `name`0, `name`1, … into one document, a word each `pause` seconds, until `stop`."""

    browser: Browser
    key: str
    name: str
    pause: float = 0.1
    page: Page = field(default_factory=Page)
    typed: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    # When it was back, on the loop's clock, without the first time.
    back: list[float] = field(default_factory=list)
    # When it was told to leave, in seconds from when it heard so.
    slots: list[float] = field(default_factory=list)
    # The longest between two acknowledged words, in seconds.
    longest: float = 0.0
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)
    _task: "asyncio.Task[None] | None" = None

    async def start(self) -> "Writer":
        await asyncio.wait_for(self._come(), 20)
        self.back.clear()
        self._task = asyncio.create_task(self._run())
        return self

    async def stop(self) -> None:
        """Type no more; return once all that was typed is acknowledged."""
        self._stopped.set()
        assert self._task is not None
        await self._task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while not (self._stopped.is_set() and len(self.acknowledged) == len(self.typed)):
            try:
                if self.browser.disconnected.is_set():
                    await self._come()
                elif drains := self.browser.events.pop("drain", None):
                    await self._leave(drains[0]["slot_ms"] / 1_000)
                elif len(self.acknowledged) == len(self.typed):
                    await self._type()
                    self.longest = max(self.longest, loop.time() - last)
                    last = loop.time()
            except LOST:
                await self.browser.close()
                self.browser.disconnected.set()
            if not self._stopped.is_set():
                await asyncio.sleep(self.pause * random.uniform(0.5, 1.5))

    async def _type(self) -> None:
        word = f"{self.name}-{len(self.typed)}"
        self.typed.append(word)
        await asyncio.wait_for(self.page.type(f"{word} "), ANSWER_SECONDS)
        self.acknowledged.append(word)

    async def _leave(self, seconds: float) -> None:
        """Go on until the moment that the server named, then come back."""
        self.slots.append(seconds)
        leave_at = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < leave_at and not self._stopped.is_set():
            await self._type()
            await asyncio.sleep(min(self.pause, max(0.0, leave_at - asyncio.get_running_loop().time())))
        await self.browser.close()
        self.browser.disconnected.set()

    async def _come(self) -> None:
        """Connect and open with what is on the page, until that works."""
        while True:
            try:
                self.browser.refusal = None
                await asyncio.wait_for(self.browser.connect(), ANSWER_SECONDS)
                await asyncio.wait_for(self.browser.open(self.key, self.page), ANSWER_SECONDS)
            except LOST:
                await asyncio.sleep(self._wait())
            else:
                self.acknowledged = list(self.typed)  # opening sends what was not acknowledged
                self.back.append(asyncio.get_running_loop().time())
                return

    def _wait(self) -> float:
        told = self.browser.refusal
        data = told.get("data") if isinstance(told, dict) else None
        if isinstance(data, dict) and "retry_after_ms" in data:
            return float(data["retry_after_ms"]) / 1_000 * random.uniform(1.0, 1.2)
        return random.uniform(*RETRY_SECONDS)


def most_within(times: list[float], seconds: float) -> int:
    """Return how many of `times` lie within the fullest stretch of so many seconds."""
    times = sorted(times)
    return max((sum(1 for one in times if start <= one < start + seconds) for start in times), default=0)
