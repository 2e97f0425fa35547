"""What happens on each event of a client. Each handler is a table of contents; the chapters are beside this file."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pycrdt

from rooms import access
from rooms.core import messages, state, updates
from rooms.core.access import Right
from rooms.core.errors import BadFrame, NotFound, Refusal
from rooms.live.bridge import Database
from rooms.live.commits import CommitQueue, Edit
from rooms.live.documents import Documents
from rooms.live.fleet import Fleet
from rooms.live.open_document import OpenDocument
from rooms.live.participants import Client, Participant
from rooms.live.people import People
from rooms.live.together import Together
from rooms.live.wire import Answer, Later

log = logging.getLogger(__name__)


class Handlers:
    """The events of docs/protocol.md. `kick` ends a client's connection for good.

    `heard` counts how often this process acted on changes of access.
    """

    def __init__(
        self,
        *,
        database: Database,
        heard: Callable[[], int],
        documents: Documents,
        commits: CommitQueue,
        people: People,
        fleet: Fleet | None,
        kick: Callable[[Client], Awaitable[None]],
        max_update_bytes: int,
    ) -> None:
        self._openings = Together(lambda keys: database.read(access.openings, keys))
        self._heard = heard
        self._documents = documents
        self._commits = commits
        self._people = people
        self._fleet = fleet
        self._kick = kick
        self._max_update_bytes = max_update_bytes
        # Together the allowlist: no other name reaches a handler (trap S2).
        self._now: dict[str, Callable[[Client, Any], Answer | Later | None]] = {
            "edit": self.on_edit,
            "cursor": self.on_cursor,
            "leave": self.on_leave,
        }
        self._slow: dict[str, Callable[[Client, Any], Awaitable[Answer]]] = {"open": self.on_open}

    @property
    def events(self) -> frozenset[str]:
        return frozenset({*self._now, *self._slow})

    def dispatch_now(self, client: Client, event: str, frame: Any) -> Answer | Later | None:
        """As `dispatch`, for what needs nothing to wait for; None when it does."""
        handler = self._now.get(event)
        if handler is None:
            return None
        try:
            return handler(client, frame)
        except Refusal as refusal:
            return refusal.answer()
        except Exception:
            log.exception("handling %s failed", event)
            return Refusal().answer()

    async def dispatch(self, client: Client, event: str, frame: Any) -> Answer | Later:
        """Answer one event, always (trap S4): with `ok`, with a code, or later with either."""
        while event in self._now:
            if (answer := self.dispatch_now(client, event, frame)) is not None:
                return answer
            await self._commits.landed()
        try:
            handler = self._slow.get(event)
            if handler is None:
                raise BadFrame("no such event")
            return await handler(client, frame)
        except Refusal as refusal:
            return refusal.answer()
        except Exception:
            log.exception("handling %s failed", event)
            return Refusal().answer()

    async def on_open(self, client: Client, frame: Any) -> Answer:
        message = messages.Open.parse(frame)
        participant, head = await self._come_in(client, message)
        document = participant.document
        if head > document.seq:
            await self._documents.catch_up(document)
        same_lineage = message.epoch is None or message.epoch == document.epoch
        people, others = document.presence.seen_by(participant.id)
        return {
            "ok": True,
            "document": document.key,
            "title": document.title,
            "epoch": document.epoch,
            "role": str(participant.role),
            "seq": document.seq,
            "update": document.missing(message.have if same_lineage else state.EMPTY),
            "have": document.state_vector(),
            "you": participant.id,
            "people": people,
            "others": others,
        }

    def on_edit(self, client: Client, frame: Any) -> Edit | None:
        """Check an edit and queue it. Returns None while something on its way could contradict it."""
        message = messages.Edit.parse(frame, max_bytes=self._max_update_bytes)
        summary = updates.read(message.update)
        participant = client.participant(message.document)
        participant.require(Right.EDIT)
        ground = participant.ground(summary)
        if self._commits.must_wait(participant, summary, ground):
            return None
        check(message.update, summary, participant, ground)
        edit = Edit(participant, message.update, summary)
        self._commits.add(edit, ground)
        return edit

    def on_cursor(self, client: Client, frame: Any) -> Answer:
        message = messages.CursorMove.parse(frame)
        participant = client.participant(message.document)
        participant.document.presence.move(participant.id, message.cursor)
        self._people.tell(participant.document)
        return {"ok": True}

    def on_leave(self, client: Client, frame: Any) -> Answer:
        message = messages.Leave.parse(frame)
        self.leave(client.participant(message.document))
        return {"ok": True}

    def leave(self, participant: Participant) -> None:
        """Take a participant out of its document, for whatever reason."""
        participant.client.open.pop(participant.document.key, None)
        participant.document.presence.leave(participant.id)
        self._documents.leave(participant.document, participant)
        self._people.tell(participant.document)

    async def _come_in(self, client: Client, message: messages.Open) -> tuple[Participant, int]:
        """Let a client into a document. Returns its part in it, and the head of the log as it was then.

        Rights are read again when access changed while something was waited for: nobody was here yet to be put out.
        """
        while True:
            heard = self._heard()
            opening = await self._openings.get((client.person.user_id, message.document))
            if opening is None:
                raise NotFound
            role = opening.grant.require(Right.VIEW)
            document = await self._documents.get(opening.document_id)
            await self._take_over(client, document, message.client_id)
            if heard == self._heard():
                return self._enter(client, document, role, message.client_id), opening.head

    def _enter(self, client: Client, document: OpenDocument, role: Any, client_id: int) -> Participant:
        """Let a client into a document before anything is read for it: a duplicate is harmless, a hole is not.

        A client that opens again, to resync, keeps its part; what it is told then supersedes what it had.
        """
        participant = client.open.get(document.key)
        if participant is not None and participant.document is not document:
            self.leave(participant)
            participant = None
        if participant is None:
            participant = client.open[document.key] = Participant(client, document, role, client_id)
        participant.role, participant.client_id = role, client_id
        self._documents.enter(document, participant)
        document.presence.join(participant.face())
        self._people.tell(document)
        return participant

    async def _take_over(self, client: Client, document: OpenDocument, client_id: int) -> None:
        """Make sure that nobody else writes under that clientID: two would diverge for ever (trap Y5).

        The holder that is the same person is this very page before its connection broke, not noticed yet.
        """
        self._take_over_elsewhere(client, document, client_id)
        holder = document.holder(client_id)
        if holder is None or holder.client is client:
            return
        if holder.person.user_id != client.person.user_id:
            raise BadFrame("client_id belongs to somebody else")
        await self._kick(holder.client)

    def _take_over_elsewhere(self, client: Client, document: OpenDocument, client_id: int) -> None:
        face = self._fleet.elsewhere.holder(document, client_id) if self._fleet else None
        if face is None or self._fleet is None:
            return
        if face.person.user_id != client.person.user_id:
            raise BadFrame("client_id belongs to somebody else")
        self._fleet.take_over(document, face)


def check(update: bytes, summary: updates.Summary, participant: Participant, ground: dict[int, int]) -> None:
    """The ingress check: raises BadFrame or Gap before the document, the queue or anybody else sees the update."""
    document = participant.document
    updates.check_gaps(summary, ground)
    for client_id, (_, end) in summary.ranges.items():
        if client_id == participant.client_id or end <= document.known.get(client_id, 0):
            continue
        # A page that was loaded again sends what the page before it wrote, which may not be noticed to be gone yet.
        holder = document.holder(client_id)
        if holder is not None and holder.client.person.user_id != participant.client.person.user_id:
            raise BadFrame("operations under somebody else's client_id")
    try:
        pycrdt.get_state(update)  # decodes all of it: what pycrdt cannot read must not get into the log
    except (ValueError, RuntimeError) as error:  # either (trap Y6)
        raise BadFrame("an update that cannot be decoded") from error
    participant.outline.check(summary, ground)
