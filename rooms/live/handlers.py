"""What happens on each event of a client. Each handler is a table of contents; the chapters are beside this file."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rooms import access, writers
from rooms.core import messages, state, updates
from rooms.core.access import Right
from rooms.core.errors import BadFrame, Busy, NotFound, Refusal, TooLarge
from rooms.core.growth import may_grow
from rooms.live.bridge import Database
from rooms.live.commits import CommitQueue, Edit
from rooms.live.documents import Documents
from rooms.live.fleet import Fleet
from rooms.live.ingress import LARGE_BYTES, TRIAL_SECONDS, Beside, check, is_heavy
from rooms.live.limits import COME_AGAIN_SECONDS, OVERTIME_FACTOR, Limits
from rooms.live.open_document import OpenDocument
from rooms.live.participants import Client, Participant
from rooms.live.people import People
from rooms.live.together import Together
from rooms.live.wire import Answer, Later
from rooms.live.writers import Unread

log = logging.getLogger(__name__)

# What it takes to store whose one client id is. A page brings those of the pages before it; others could bring
# thousands.
WRITER_SECONDS = 20e-6


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
        limits: Limits,
        max_update_bytes: int,
        max_update_writers: int,
        max_document_bytes: int,
        max_people: int,
    ) -> None:
        self._openings = Together(lambda keys: database.read(access.openings, keys))
        self._owners = Together(lambda keys: database.read(writers.look_up, keys))
        self._heard = heard
        self._documents = documents
        self._commits = commits
        self._people = people
        self._fleet = fleet
        self._kick = kick
        self._limits = limits
        self.beside = Beside(database)
        self._max_update_bytes = max_update_bytes
        self._max_update_writers = max_update_writers
        self._max_document_bytes = max_document_bytes
        self._max_people = max_people
        # Together the allowlist: no other name reaches a handler (trap S2).
        self._now: dict[str, Callable[[Client, Any], Answer | Later | None]] = {
            "edit": self.on_edit,
            "cursor": self.on_cursor,
            "leave": self.on_leave,
        }
        self._slow: dict[str, Callable[[Client, Any], Awaitable[Answer | Later]]] = {
            "open": self.on_open,
            "edit": self.on_edit_that_waits,
        }

    @property
    def events(self) -> frozenset[str]:
        return frozenset({*self._now, *self._slow})

    def dispatch_now(self, client: Client, event: str, frame: Any) -> Answer | Later | None:
        """As `dispatch`, for what needs nothing to wait for; None when it does, and then nothing is counted."""
        handler = self._now.get(event)
        if handler is None:
            return None
        try:
            self._limits.spend(client, event, frame)
            answer = handler(client, frame)
            if answer is None:
                self._limits.give_back(client, frame)
            return answer
        except Refusal as refusal:
            return refusal.answer()
        except Exception:
            log.exception("handling %s failed", event)
            return Refusal().answer()

    async def dispatch(self, client: Client, event: str, frame: Any) -> Answer | Later:
        """Answer one event, always (trap S4): with `ok`, with a code, or later with either."""
        try:
            self._limits.spend(client, event, frame)
            now = self._now.get(event)
            if now is not None and (answer := now(client, frame)) is not None:
                return answer
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
        self._limits.require_room(client)
        same_lineage = message.epoch is None or message.epoch == document.epoch
        update = document.missing(message.have if same_lineage else state.EMPTY)
        if document.answering_overtime:
            self._limits.charge_open(client, document.answering_overtime)
        people, others = document.presence.seen_by(participant.id)
        return {
            "ok": True,
            "document": document.key,
            "title": document.title,
            "epoch": document.epoch,
            "role": str(participant.role),
            "seq": document.seq,
            "update": update,
            "have": document.state_vector(),
            "you": participant.id,
            "people": people,
            "others": others,
        }

    def on_edit(self, client: Client, frame: Any) -> Edit | None:
        """Check an edit and queue it. Returns None for one that waits: for what is on its way, or for its own check."""
        message = messages.Edit.parse(frame, max_bytes=self._max_update_bytes)
        if len(message.update) > LARGE_BYTES:
            return None
        summary = updates.read(message.update)
        participant = client.participant(message.document)
        participant.require(Right.EDIT)
        ground = participant.ground(summary)
        if self._commits.must_wait(participant, summary, ground) or is_heavy(message.update, summary):
            return None
        self._require_space(participant.document, message.update, summary, ground)
        try:
            check(message.update, summary, participant, ground)
        except Unread:
            return None
        return self._queue(participant, message.update, summary, ground)

    async def on_edit_that_waits(self, client: Client, frame: Any) -> Edit:
        """As `on_edit`. What this client sends next waits behind it; it may have left, or may not edit, meanwhile."""
        message = messages.Edit.parse(frame, max_bytes=self._max_update_bytes)
        client.participant(message.document).require(Right.EDIT)
        summary = await self.beside.read(message.update)
        heavy, checked = is_heavy(message.update, summary), None
        while True:
            participant = client.participant(message.document)
            participant.require(Right.EDIT)
            ground = participant.ground(summary)
            if self._commits.must_wait(participant, summary, ground) or (heavy and any(participant.ahead())):
                await self._commits.landed()
                continue
            self._require_space(participant.document, message.update, summary, ground)
            try:
                if not heavy:
                    check(message.update, summary, participant, ground)
                elif checked is not participant:
                    stands = await self.beside.check(message.update, summary, participant)
                    checked = participant if stands else None
                    continue
            except Unread as unread:
                await self._ask_whose(participant.document, unread.client_ids)
                continue
            except TooLarge:  # as much work for a core of this machine as it would have been here
                self._limits.charge(client, TRIAL_SECONDS / OVERTIME_FACTOR)
                raise
            return self._queue(participant, message.update, summary, ground)

    def _queue(self, participant: Participant, update: bytes, summary: updates.Summary, ground: dict[int, int]) -> Edit:
        edit = Edit(participant, update, summary)
        self._commits.add(edit, ground)
        if len(summary.ranges) > 1:
            self._limits.charge(participant.client, (len(summary.ranges) - 1) * WRITER_SECONDS)
        return edit

    def _require_space(
        self, document: OpenDocument, update: bytes, summary: updates.Summary, ground: dict[int, int]
    ) -> None:
        """Raises TooLarge when a document that is full would grow, or too many writers would come at once."""
        if len(summary.ranges) > self._max_update_writers:
            fresh = sum(end > ground.get(client_id, 0) for client_id, (_, end) in summary.ranges.items())
            if fresh > self._max_update_writers:
                raise TooLarge(f"new operations under {fresh} client_ids, at most {self._max_update_writers}")
        size = document.size + document.coming + len(update)
        if size <= self._max_document_bytes:
            return
        document.weigh = True
        if not may_grow(summary, ground, size=size, most=self._max_document_bytes):
            raise TooLarge(f"the document has {document.size} bytes, at most {self._max_document_bytes}")

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
            if document.presence.everybody >= self._max_people:
                raise Busy("the document is full of people", retry_after=COME_AGAIN_SECONDS, reason="crowd")
            participant = client.open[document.key] = Participant(client, document, role, client_id)
        client.came_in = True
        participant.role, participant.client_id = role, client_id
        document.belongs(client_id, client.person.user_id, role)
        self._documents.enter(document, participant)
        document.presence.join(participant.face())
        self._people.tell(document)
        return participant

    async def _take_over(self, client: Client, document: OpenDocument, client_id: int) -> None:
        """Make sure that nobody else writes under that clientID: two would diverge for ever (trap Y5).

        The holder that is the same person is this very page before its connection broke, not noticed yet.
        """
        mine = (None, client.person.user_id)
        # Somebody may hold it who only came first.
        if document.must_ask(client_id) or document.owner(client_id) not in mine:
            await self._ask_whose(document, [client_id])
        if document.owner(client_id) not in mine:
            raise BadFrame("client_id belongs to somebody else")
        self._take_over_elsewhere(client, document, client_id)
        holder = document.holder(client_id)
        if holder is None or holder.client is client:
            return
        await self._kick(holder.client)

    async def _ask_whose(self, document: OpenDocument, client_ids: list[int]) -> None:
        """Read whose client ids are, where that is not known already. Raises Busy."""
        keys = [(document.id, client_id) for client_id in client_ids if not document.writers.is_read(client_id)]
        for (_, client_id), user_id in zip(keys, await asyncio.gather(*map(self._owners.get, keys)), strict=True):
            if user_id is not None or client_id in document.known:
                document.writers.stored(client_id, user_id)

    def _take_over_elsewhere(self, client: Client, document: OpenDocument, client_id: int) -> None:
        face = self._fleet.elsewhere.holder(document, client_id) if self._fleet else None
        if face is None or self._fleet is None:
            return
        if face.person.user_id != client.person.user_id and not document.writers.is_read(client_id):
            raise BadFrame("client_id belongs to somebody else")
        self._fleet.take_over(document, face)
