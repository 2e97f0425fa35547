"""Ordinary people who type the whole time, whatever is done to the server beside them.

Each is a client as docs/protocol.md tells their authors to write one: one batch in flight, what is written meanwhile
goes with the next; refused as `busy` or `slow_down` it comes again when it was told to; after an interruption `open`
comes first, and what the server lacks is sent.
"""

import asyncio
import random
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import socketio
from pycrdt import Text, merge_updates

from rooms.core import state
from tests.faults.places import WORDS
from tests.fleet.browsers import Browser
from tests.harness.client import Page, Refused, eventually

# One word, and who wrote it: a letter, a number, a blank.
WORD = re.compile(r"([a-z]\d+) ")
LOST = (socketio.exceptions.SocketIOError, TimeoutError, aiohttp.ClientError, ConnectionError, ValueError)
# Between two attempts of somebody who lost the line without a word. Shorter than the client's: tests wait.
RETRY_SECONDS = (0.1, 0.4)
CONNECT_SECONDS = 10


@dataclass
class Board:
    """What the outside world knows: which word was sent when, answered, and seen by others, by phase of the trial.

    Seconds in `answered` run from the first sending of a word to its answer, in `seen` to the screen of each other.
    """

    phase: str = "quiet"
    sent: dict[str, tuple[float, str]] = field(default_factory=dict)
    answered: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    seen: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    # Code → how often somebody was refused with it.
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    # What nobody may ever be told, or find on coming back.
    wrong: list[str] = field(default_factory=list)
    lines_lost: int = 0


class Sheet(Page):
    """A page that tells of each word that others wrote, when it appears.

    What is told while it opens waits for the answer: pycrdt takes updates in the order of the log only (trap Y1).
    """

    def __init__(self, appeared: Callable[[str], None]) -> None:
        super().__init__()
        self.text = self.doc.get(WORDS, type=Text)
        self._appeared = appeared
        self._early: list[bytes] | None = None
        self._watching: Any = self.text.observe(self._changed)

    def begin(self) -> None:
        self._early = []

    def opened(self, update: bytes) -> None:
        early, self._early = self._early or [], None
        for one in (update, *early):
            self.take(one)

    def take(self, update: bytes) -> None:
        if self._early is not None:
            self._early.append(update)
        else:
            super().take(update)

    def _changed(self, event: Any) -> None:
        for part in event.delta:
            if isinstance(inserted := part.get("insert"), str):
                for word in WORD.findall(inserted):
                    self._appeared(word)

    def close(self) -> None:
        if self._watching is not None:
            self.text.unobserve(self._watching)
            self._watching = None


class Bystander:
    """Writes `letter`0, `letter`1, … a word each `pause` seconds; with no pause, only reads."""

    def __init__(self, board: Board, browser: Browser, key: str, letter: str, *, pause: float | None) -> None:
        self.board, self.browser, self.key, self.letter = board, browser, key, letter
        self.page = Sheet(self._appeared)
        self.words = 0
        self.acknowledged: set[str] = set()
        self._pause = pause
        # What was written and is not acknowledged: the words, and the updates that hold them.
        self._words: list[str] = []
        self._updates: list[bytes] = []
        # The clock of this page's own operations, as of the last answer.
        self._durable = 0
        # Whether this line is in the document.
        self._inside = False
        self._stopped = asyncio.Event()
        self._written = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Return once this one is in the document."""
        self.browser.disconnected.set()  # there is no line yet
        self._tasks = [asyncio.create_task(self._keep())]
        await eventually(lambda: self._inside, seconds=30, what=f"{self.letter} is in; refused: {self.board.refused}")
        self.board.lines_lost = 0
        if self._pause is not None:
            self._tasks.append(asyncio.create_task(self._type(self._pause)))

    async def stop(self) -> None:
        """Write no more; return once all that was written is acknowledged, and the line stands."""
        self._stopped.set()
        self._written.set()
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.browser.close()
        self.page.close()

    @property
    def _is_done(self) -> bool:
        is_there = self._inside and not self.browser.disconnected.is_set()
        return self._stopped.is_set() and is_there and not self._words

    async def _type(self, pause: float) -> None:
        while not self._stopped.is_set():
            word = f"{self.letter}{self.words}"
            self.words += 1
            self._updates.append(self.page.write(len(self.page.text), f"{word} "))
            self._words.append(word)
            self._written.set()
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))

    async def _keep(self) -> None:
        """Keep the line and send what was written, until there is no more."""
        while not self._is_done:
            try:
                if self.browser.disconnected.is_set():
                    await self._come()
                elif not self._inside:
                    await self._open()
                elif self._words:
                    await self._send()
                else:
                    await self._something()
            except Refused as refused:
                await self._answer(refused)
            except LOST:
                self.board.lines_lost += 1
                await self.browser.close()
                self.browser.disconnected.set()
                await asyncio.sleep(self._patience())

    async def _something(self) -> None:
        """Return when something was written, the line broke, or all is over."""
        self._written.clear()
        if self._words or self._stopped.is_set():
            return
        waiting = [asyncio.ensure_future(one.wait()) for one in (self._written, self.browser.disconnected)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    async def _send(self) -> None:
        words, count = list(self._words), len(self._updates)
        update = self._updates[0] if count == 1 else merge_updates(*self._updates)
        clock = self._clock(self.page.doc.get_state())
        loop = asyncio.get_running_loop()
        for word in words:
            self.board.sent.setdefault(word, (loop.time(), self.board.phase))
        await self._ask("edit", {"document": self.key, "update": update})
        del self._words[: len(words)], self._updates[:count]
        self._durable = clock
        self.acknowledged.update(words)
        for word in words:
            began, phase = self.board.sent[word]
            self.board.answered[phase].append(loop.time() - began)

    async def _come(self) -> None:
        """Connect, and open with what is on the page."""
        self._inside = False
        self.browser.refusal = None
        await asyncio.wait_for(self.browser.connect(), CONNECT_SECONDS)
        await self._open()

    async def _open(self) -> None:
        page = self.page
        page.begin()
        self.browser.pages[self.key] = page
        held = state.decode(page.doc.get_state())
        opening = {"document": self.key, "have": page.doc.get_state(), "client_id": page.doc.client_id}
        answer = await self._ask("open", {**opening, "epoch": page.epoch})
        self._compare(held, state.decode(answer["have"]))
        page.epoch, page.you = answer["epoch"], answer["you"]
        page.opened(answer["update"])
        self._inside = True
        if self._words:
            self._updates = [page.doc.get_update(answer["have"])]

    def _compare(self, held: dict[int, int], stored: dict[int, int]) -> None:
        """What was acknowledged, and what anybody else has seen, is durable: a page would hide it by sending it again.

        Of its own words this page may hold some that nobody has confirmed.
        """
        own = self.page.doc.client_id
        for client, clock in {**held, own: self._durable}.items():
            if stored.get(client, 0) < clock:
                self.board.wrong.append(f"{self.letter} held {clock} of {client}, stored {stored.get(client, 0)}")

    async def _answer(self, refused: Refused) -> None:
        """Do what docs/protocol.md says about a code."""
        self.board.refused[refused.code] += 1
        if refused.code in {"busy", "slow_down"}:
            await asyncio.sleep(refused.answer["retry_after_ms"] / 1_000 * random.uniform(1.0, 1.2))
        elif refused.code == "internal":
            await asyncio.sleep(random.uniform(0.5, 1.0))
        elif refused.code == "gap":
            self._inside = False
        else:
            self.board.wrong.append(f"{self.letter} was refused: {refused}")
            self._words.clear()
            self._updates.clear()

    async def _ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """As Client.call, and end at once when the line does."""
        asking = asyncio.ensure_future(self.browser.call(event, payload))
        broken = asyncio.ensure_future(self.browser.disconnected.wait())
        try:
            await asyncio.wait([asking, broken], return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise ConnectionError("the line ended before the answer")
            return asking.result()
        finally:
            broken.cancel()
            if asking.cancel():
                await asyncio.gather(asking, return_exceptions=True)

    def _clock(self, vector: bytes) -> int:
        return state.decode(vector).get(self.page.doc.client_id, 0)

    def _appeared(self, word: str) -> None:
        if word[0] != self.letter and word in self.board.sent:
            began, phase = self.board.sent[word]
            self.board.seen[phase].append(asyncio.get_running_loop().time() - began)

    def _patience(self) -> float:
        told = self.browser.refusal
        data = told.get("data") if isinstance(told, dict) else None
        if isinstance(data, dict) and "retry_after_ms" in data:
            return float(data["retry_after_ms"]) / 1_000 * random.uniform(1.0, 1.2)
        return random.uniform(*RETRY_SECONDS)
