"""One document that somebody has open here: a Doc fed in the order of the log, and who receives its edits."""

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pycrdt import Doc

from rooms import store
from rooms.core import state, updates
from rooms.core.access import RIGHTS, Right, Role
from rooms.core.outline import Outline
from rooms.core.presence import Presence
from rooms.live.bridge import Database
from rooms.live.wire import Line
from rooms.live.writers import Writers

if TYPE_CHECKING:
    from rooms.live.participants import Participant

# A document whose snapshot is larger than this is looked through in a thread; a small one by its first edit, within a
# few milliseconds. A new snapshot that is larger is proven by a canary; a small one here, in half a millisecond.
LARGE_BYTES = 32_768
# Answers that are kept for others who ask the same, and their bytes with the questions. A client can ask for ever, each
# time something else. The whole document is what thousands ask for after a restart, and kept however large it is.
MAX_ANSWERS = 64
MAX_ANSWER_BYTES = 1_048_576
# An answer may take so long, in seconds of work: an ordinary one takes a fifth, and as many as a person may ask for a
# tenth of a core. Packing, framing and writing one takes its part: 16 MB take 40 ms.
ANSWERING_SECONDS = 0.005
SENDING_SECONDS_PER_BYTE = 2.5e-9
# An update may take so long to apply, in seconds of work. An ordinary one takes a tenth of this.
APPLYING_SECONDS = 0.01
APPLYING_SECONDS_PER_BYTE = 0.25e-6


class OpenDocument:
    """The content of one document as of `seq`, and its participants.

    Only ever fed by `take`, in the order of the log: pycrdt can stay stuck for ever on another order (trap Y1).
    """

    def __init__(self, loaded: store.Loaded) -> None:
        self.id = loaded.document_id
        self.room_id = loaded.room_id
        self.key = loaded.key
        self.title = loaded.title
        self.comments_version = loaded.comments_version
        self.epoch = loaded.epoch
        self.seq = 0
        self.compacted_seq = 0
        self.large = loaded.snapshot is not None and len(loaded.snapshot.payload) > LARGE_BYTES
        # Bytes of its snapshot and of the rows after it: more than the next snapshot will have.
        self.size = 0
        # Bytes on their way into the log, from people here.
        self.coming = 0
        # Somebody was told that it is too large, or made room: the next look takes a snapshot, to see how large it is.
        self.weigh = False
        self.presence = Presence()
        self.participants: dict[str, Participant] = {}  # by participant id
        # Whose its client ids are: of those who are or were here, and of those who were asked about.
        self.writers = Writers()
        # Seconds of work that the last `take` was longer than it should be.
        self.overtime = 0.0
        # And that the last answer of `missing` takes.
        self.answering_overtime = 0.0
        self.catching_up = asyncio.Lock()
        self.compacting = asyncio.Lock()
        self._doc: Doc[Any] = Doc()
        # client → clock: what the Doc should hold by what it was fed. A snapshot has to hold it too.
        self._known: dict[int, int] = {}
        # None: not made yet. A large document takes ten times as long to look through as to load, and whoever opens it
        # to read needs none of it. Until then what it is made of is kept, in order.
        self._outline: Outline | None = None
        self._unread: list[bytes | updates.Summary] = []
        # client → who has operations of that writer on their way into the log
        self.writing: dict[int, Participant] = {}
        # first row → (last row, update): heard from other instances before what comes between
        self.parked: dict[int, tuple[int, bytes]] = {}
        self._answers = _Answers()
        if loaded.snapshot:
            self.take_snapshot(loaded.snapshot)
        for row in loaded.tail:
            self.take(row.seq, row.payload)

    @property
    def known(self) -> dict[int, int]:
        return self._known

    def take(self, seq: int, update: bytes, summaries: Iterable[updates.Summary] | None = None) -> None:
        """Apply the next update of the log, which brings the document to `seq`.

        `summaries` are those of the edits that it was merged from, in their order, where they were read already.
        """
        if summaries is None:
            summaries = (updates.read(update),)
        started = time.thread_time()
        self._doc.apply_update(update)
        self.overtime = max(0.0, time.thread_time() - started - _applying_seconds(len(update)))
        self.size += len(update)
        for summary in summaries:
            if self._outline is None:
                self._unread.append(summary)
            else:
                self._outline.add(summary, self._known)
            updates.advance(summary, self._known)
        self.seq = seq
        self._answers.clear()

    def take_snapshot(self, snapshot: store.Row) -> bytes:
        """Apply a whole document and return what of it was new here."""
        before = self._doc.get_state()
        self._doc.apply_update(snapshot.payload)
        self.size = len(snapshot.payload)
        if self._outline is None:
            self._unread.append(snapshot.payload)
        else:
            self._outline.add(updates.read(snapshot.payload), self._known)
        for client, clock in state.decode(self._doc.get_state()).items():
            self._known[client] = max(clock, self._known.get(client, 0))
        self.seq = self.compacted_seq = snapshot.seq
        self._answers.clear()
        return self._doc.get_update(before)

    @property
    def outline(self) -> Outline:
        """Where the operations of this document stand."""
        if self._outline is None:
            self._outline, _ = outline_of(self._unread)
            self._unread.clear()
        return self._outline

    async def look_through(self, database: Database) -> None:
        """Make the outline in a thread, if nobody needed it so far."""
        if self._outline is not None:
            return
        parts = list(self._unread)
        outline, known = await database.read(outline_of, parts)
        if self._outline is None:
            self._outline, _ = outline_of(self._unread[len(parts) :], outline, known)
            self._unread.clear()

    def state_vector(self) -> bytes:
        return self._doc.get_state()

    def missing(self, have: bytes) -> bytes:
        """Return the update that a client with the state vector `have` lacks.

        Whoever comes back after a restart asks nearly the same question: equal ones share an answer.
        """
        started = time.thread_time()
        answer = self._answers.get(have)
        if answer is None:
            answer = self._doc.get_update(have)
            self._answers.keep(have, answer)
        seconds = time.thread_time() - started + len(answer) * SENDING_SECONDS_PER_BYTE
        self.answering_overtime = max(0.0, seconds - ANSWERING_SECONDS)
        return answer

    def whole(self) -> bytes | None:
        """Return the document's own encoding for a snapshot, or None while that would lose something.

        `get_update` leaves out what still waits for a parent (trap Y2), so what the Doc holds is compared with what
        it was fed. Before it may replace rows of the log, somebody has to load it (`Proving.is_proven`).
        """
        if state.decode(self._doc.get_state()) != self._known:
            return None
        return self._doc.get_update()

    def lines(self, *, but: "Participant | None" = None) -> list[Line]:
        """The lines that receive this document's events, without that of one participant."""
        return [participant.client.line for participant in self.participants.values() if participant is not but]

    def holder(self, client_id: int) -> "Participant | None":
        """Return who writes under that Yjs clientID now (trap Y5)."""
        for participant in self.participants.values():
            if participant.client_id == client_id:
                return participant
        return None

    def owner(self, client_id: int) -> int | None:
        """Return the id of the person who writes under that Yjs clientID, here or elsewhere, or did so (trap Y5).

        None: nobody does. Where the document has words under it, `must_ask` tells whether that is certain.
        """
        owner = self.writers.owner(client_id)
        if owner is not None:
            return owner
        faces = self.presence.faces.values()
        return next((face.person.user_id for face in faces if face.client_id == client_id), None)

    def must_ask(self, client_id: int) -> bool:
        """Whether only the database can tell whose a Yjs clientID is: some words under it are not from here."""
        return client_id in self._known and not self.writers.is_read(client_id)

    def belongs(self, client_id: int, user_id: int, role: Role) -> None:
        """Note whose a Yjs clientID is: the first one has it who may write under it."""
        if Right.EDIT in RIGHTS[role]:
            self.writers.claim(client_id, user_id)


class _Answers:
    """What was answered since the last edit, by the question."""

    def __init__(self) -> None:
        self._whole: bytes | None = None
        self._others: dict[bytes, bytes] = {}
        self._held = 0

    def get(self, have: bytes) -> bytes | None:
        return self._whole if have == state.EMPTY else self._others.get(have)

    def keep(self, have: bytes, answer: bytes) -> None:
        if have == state.EMPTY:
            self._whole = answer
            return
        size = len(have) + len(answer)
        if size > MAX_ANSWER_BYTES:
            return
        if self._held + size > MAX_ANSWER_BYTES or len(self._others) >= MAX_ANSWERS:
            self._others.clear()
            self._held = 0
        self._others[have] = answer
        self._held += size

    def clear(self) -> None:
        self._whole = None
        self._others.clear()
        self._held = 0


def may_take(seconds: float, size: int) -> bool:
    """Whether an update of `size` bytes may take `seconds` of work to apply."""
    return seconds <= _applying_seconds(size)


def _applying_seconds(size: int) -> float:
    return APPLYING_SECONDS + size * APPLYING_SECONDS_PER_BYTE


def outline_of(
    parts: Iterable[bytes | updates.Summary], outline: Outline | None = None, known: dict[int, int] | None = None
) -> tuple[Outline, dict[int, int]]:
    """Return the outline of updates in the order of the log, after those of `outline`, and what is known then."""
    outline, known = outline or Outline(), known or {}
    for part in parts:
        summary = updates.read(part) if isinstance(part, bytes) else part
        outline.add(summary, known)
        updates.advance(summary, known)
    return outline, known
