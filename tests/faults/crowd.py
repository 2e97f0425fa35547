"""A crowd of bystanders in several documents, and what has become of their words."""

import asyncio
import string
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.bystanders import WORD, Board, Bystander
from tests.faults.places import Place, shown
from tests.fleet.browsers import Browser

# Who writes where, and how: three in the first document, which is attacked, two in the second, and one who only reads.
SEATS = (
    ("alice", 0, "websocket"),
    ("bob", 0, "websocket"),
    ("bob", 0, "polling"),
    ("alice", 1, "websocket"),
    ("bob", 1, "websocket"),
)
READER = ("vera", 0, "websocket")
PAUSE_SECONDS = 0.08
# How long it may take after a fault until everything is acknowledged, and everybody has everything.
SETTLE_SECONDS = 40.0


@dataclass
class Outcome:
    """What of all that was typed is where."""

    typed: int = 0
    acknowledged: int = 0
    # Acknowledged, and not in the database or not on somebody's page.
    lost: list[str] = field(default_factory=list)
    # Pages that do not show what the database has.
    different: list[str] = field(default_factory=list)


class Crowd:
    """`urls`: the servers over which they are spread."""

    def __init__(
        self, place: Place, urls: Sequence[str], *, documents: Sequence[str] = (), pause: float = PAUSE_SECONDS
    ) -> None:
        self.board = Board()
        self.place = place
        self.documents = documents or place.documents
        self.people: list[Bystander] = []
        for number, (name, document, transport) in enumerate((*SEATS, READER)):
            browser = Browser(urls[number % len(urls)], place.sessions[name], transport=transport)
            is_reader = number == len(SEATS)
            self.people.append(
                Bystander(
                    self.board, browser, self.documents[document], string.ascii_lowercase[number],
                    pause=None if is_reader else pause,
                )
            )  # fmt: skip

    async def start(self) -> None:
        await asyncio.gather(*(one.start() for one in self.people))

    async def settle(self) -> Outcome:
        """Have them stop typing, and return once all is acknowledged and all pages show the same, or time is up."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLE_SECONDS
        await asyncio.wait_for(asyncio.gather(*(one.stop() for one in self.people)), SETTLE_SECONDS)
        while True:
            outcome = await self.compare()
            if not (outcome.lost or outcome.different) or loop.time() > deadline:
                return outcome
            await asyncio.sleep(0.2)

    async def compare(self) -> Outcome:
        outcome = Outcome()
        stored = {key: shown(await asyncio.to_thread(self.place.doc, key)) for key in {one.key for one in self.people}}
        for one in self.people:
            outcome.typed += one.words
            outcome.acknowledged += len(one.acknowledged)
            if shown(one.page.doc) != stored[one.key]:
                outcome.different.append(one.letter)
        for key, (text, *_) in stored.items():
            inside = [one for one in self.people if one.key == key]
            expected = set().union(*(one.acknowledged for one in inside))
            for copy in (text, *(str(one.page) for one in inside)):
                outcome.lost += sorted(expected - set(WORD.findall(copy)))
        return outcome

    async def close(self) -> None:
        await asyncio.gather(*(one.close() for one in self.people))
