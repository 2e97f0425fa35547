"""The ingress check: raises before the document, the queue or anybody else sees an update (traps Y1, Y2, Y4 and Y5).

Nearly every update is a letter, and is checked in a few µs where it arrives. What is large is checked beside the loop.
And what holds many operations is tried in a process of its own first: that pycrdt can read an update says nothing about
how long it takes, for operations that lie about their neighbours cost the square of their number.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import pycrdt

from rooms.canary.pool import MAX_CANARIES, Canaries, Unavailable
from rooms.canary.process import Canary, Fault, NoTime
from rooms.canary.wire import Work
from rooms.core import state, updates
from rooms.core.errors import BadFrame, Busy, TooLarge
from rooms.core.loading import is_fault
from rooms.core.outline import Outline
from rooms.live.bridge import Database
from rooms.live.open_document import OpenDocument, may_take
from rooms.live.participants import Participant
from rooms.live.writers import Unread

Result = TypeVar("Result")

# Checking more than this takes longer than anybody else's keystroke should wait. Fifty pages of text are 100 kB.
LARGE_BYTES = 65_536
# Operations and deleted ranges: a keystroke has up to three, a paragraph with marks ten. The square of this takes a few
# ms.
MANY = 256
# Seconds of work, and memory, of the process that tries. Loading the document is part of it, and is not the update's
# fault: 16 MB take half a second.
TRIAL_SECONDS = 3.0
TRIAL_BYTES = 536_870_912
# A machine that is too busy for a trial is asked again after this.
RETRY_SECONDS = 1.0


def check(update: bytes, summary: updates.Summary, participant: Participant, ground: dict[int, int]) -> None:
    """Raises BadFrame or Gap when `participant` may not send this, or its document must not take it; and Unread."""
    updates.check_gaps(summary, ground)
    check_writers(summary, participant)
    check_content(update, summary, participant.outline, ground)


def check_writers(summary: updates.Summary, participant: Participant) -> None:
    """Raises BadFrame when an update has new operations under the client_id of somebody else (trap Y5).

    Raises Unread when that is not known here.
    """
    document, unread = participant.document, []
    for client_id, (_, end) in summary.ranges.items():
        if client_id == participant.client_id or end <= document.known.get(client_id, 0):
            continue
        if document.must_ask(client_id):
            unread.append(client_id)
            continue
        # A page that was loaded again sends what the page before it wrote.
        owner, author = document.owner(client_id), participant.client.person.user_id
        if owner not in (None, author):
            raise BadFrame("operations under somebody else's client_id")
        document.belongs(client_id, author, participant.role)
    if unread:
        raise Unread(unread)


def check_content(update: bytes, summary: updates.Summary, outline: Outline, ground: dict[int, int]) -> None:
    """Raises BadFrame when pycrdt cannot read an update, or a document with this outline must not take it."""
    try:
        pycrdt.get_state(update)  # decodes all of it: what pycrdt cannot read must not get into the log
    except BaseException as error:
        if not is_fault(error):
            raise
        raise BadFrame("an update that cannot be decoded") from error
    outline.check(summary, ground)


def is_heavy(update: bytes, summary: updates.Summary) -> bool:
    """Whether an update has to be checked by `Beside`: it is long, or has much in it."""
    return len(summary.items) + len(summary.deletes) > MANY or len(update) > LARGE_BYTES


class Beside:
    """A thread for what takes long, one update after the other: however many come, they share one core with the loop.

    Python's lock goes back and forth between the two; pycrdt keeps it (trap Y8), so what pycrdt might work on for long
    is tried in a process.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, "ingress")
        self._trying = ThreadPoolExecutor(MAX_CANARIES, "trials")
        self._trials = Canaries(partial(Canary, seconds=TRIAL_SECONDS, memory_bytes=TRIAL_BYTES))

    async def read(self, update: bytes) -> updates.Summary:
        """Return the summary of an update of any size. Raises Malformed and Gap."""
        return updates.read(update) if len(update) <= LARGE_BYTES else await self._run(updates.read, update)

    async def check(self, update: bytes, summary: updates.Summary, participant: Participant) -> bool:
        """As `ingress.check`, for one of whom nothing is on its way. Raises TooLarge and Busy as well.

        Returns False when the document has moved on so that all this proves nothing. It only ever grows: the gaps are
        none, and whatever was there stays where it was, unless these very operations came from somebody else meanwhile.
        """
        document = participant.document
        ground = _ground(summary, document)
        updates.check_gaps(summary, ground)
        check_writers(summary, participant)
        await document.look_through(self._database)
        await self._run(check_content, update, summary, document.outline, ground)
        answer = await self._try(document, update)
        now = _ground(summary, document)
        if any(now[client] != ground[client] for client in summary.ranges):
            return False
        if isinstance(answer, Fault) and answer.code == "malformed":
            raise BadFrame("an update that cannot be applied")
        if isinstance(answer, Fault):
            raise TooLarge(f"applying it fails: {answer.code}")
        if not may_take(answer, len(update)):
            raise TooLarge(f"it takes {answer:.2f} s to apply")
        return True

    async def rest(self) -> None:
        """End processes that have had nothing to try for long."""
        await asyncio.to_thread(self._trials.rest)

    async def stop(self) -> None:
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._thread.shutdown(cancel_futures=True)
        self._trying.shutdown(cancel_futures=True)
        self._trials.stop()

    async def _try(self, document: OpenDocument, update: bytes) -> float | Fault:
        """Apply an update to a copy of the document in another process; return the seconds of work. Raises Busy."""
        whole = document.missing(state.EMPTY)
        try:
            answer: float | Fault = await asyncio.get_running_loop().run_in_executor(
                self._trying, self._trials.ask, Work.TRY, whole, [update]
            )
        except NoTime:
            raise Busy("the machine is too busy to try this", retry_after=RETRY_SECONDS) from None
        except Unavailable:  # its log says so
            return 0.0
        return answer

    async def _run(self, work: Callable[..., Result], *args: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)


def _ground(summary: updates.Summary, document: OpenDocument) -> dict[int, int]:
    """Return client → clock of the document as it is now, for the clients that an update refers to."""
    return {client: document.known.get(client, 0) for client in (*summary.ranges, *summary.needs)}
