"""Access that changed, acted on: reads the announcements, closes what has to be closed, and gives receipts."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from django.utils import timezone

from rooms import access, announcements
from rooms.announcements import Notice, Outcome, Reason
from rooms.core.access import Role
from rooms.core.errors import Refusal
from rooms.live.bridge import Database
from rooms.live.open_document import OpenDocument
from rooms.live.participants import Client, Participant

log = logging.getLogger(__name__)

_LETTING_IN = {Reason.JOINED, Reason.ACTIVATED, Reason.ROLE_RAISED}


class Doors(Protocol):
    """What can be done to those whose access changed."""

    def tell(self, participant: Participant, role: Role | None, code: str | None, reason: str | None) -> None: ...

    def leave(self, participant: Participant) -> None: ...

    def show(self, document: OpenDocument) -> None: ...

    async def sign_out(self, client: Client, reason: str) -> None: ...


class Revocation:
    """Acts on announcements, and reads rights again when asked to.

    `heard` counts how often announcements were acted on: whoever reads rights, awaits something and only then lets
    somebody in compares it before and after, for in between nobody was there to be put out.
    """

    def __init__(self, *, database: Database, clients: Callable[[], list[Client]], doors: Doors, instance: str) -> None:
        self.heard = 0
        self._database = database
        self._clients = clients
        self._doors = doors
        self._instance = instance
        self._started: datetime = timezone.now()
        self._seen: dict[int, datetime] = {}
        # Receipts that could not be stored yet.
        self._owed: list[Outcome] = []

    def unseen(self) -> list[Notice]:
        """Return the announcements that are new here. For a thread of the database."""
        return announcements.unseen(set(self._seen))

    async def act(self, notices: list[Notice]) -> None:
        """Act on `notices`, and give a receipt for each.

        What raises is acted on again with the next call: reading rights twice changes nothing.
        """
        if notices:
            self.heard += 1
            outcomes = await self._outcomes(notices)
            # What began before this process did may commit after it, and is acted on; nobody waits for its receipt.
            began = {notice.id for notice in notices if notice.at > self._started}
            self._owed += [outcome for outcome in outcomes if outcome.announcement_id in began]
            self._seen |= {notice.id: notice.at for notice in notices}
            old = timezone.now() - 2 * announcements.WINDOW
            self._seen = {pk: at for pk, at in self._seen.items() if at > old}
        owed, self._owed = self._owed, []
        if owed:
            try:
                await self._database.write(announcements.give_receipts, self._instance, owed)
            except Refusal:  # the database is away
                self._owed = owed
                raise

    async def _outcomes(self, notices: list[Notice]) -> list[Outcome]:
        clients = {notice: [one for one in self._clients() if _is_of(notice, one)] for notice in notices}
        closed: dict[Notice, int] = dict.fromkeys(notices, 0)
        changed: dict[Notice, int] = dict.fromkeys(notices, 0)
        of_account = {one: notice for notice in notices if notice.of_account for one in clients[notice]}
        for client in await self._signed_out(of_account):
            await self._sign_out(client, of_account[client].reason)
            for notice in notices:
                closed[notice] += client in clients[notice]
        participants = {
            participant: notice
            for notice in notices
            for client in clients[notice]
            for participant in client.open.values()
            if _concerns(notice, participant)
        }
        reasons: dict[Participant, str | None] = {
            participant: notice.reason for participant, notice in participants.items()
        }
        for participant, role in (await self.recheck(reasons)).items():
            for notice in notices:
                if participant.client in clients[notice] and _concerns(notice, participant):
                    closed[notice] += role is None
                    changed[notice] += role is not None
        now = timezone.now()
        return [
            Outcome(
                notice.id, closed[notice], changed[notice], max(0, round((now - notice.at).total_seconds() * 1_000))
            )
            for notice in notices
        ]

    async def _signed_out(self, clients: Iterable[Client]) -> list[Client]:
        """Return those of `clients` whose session is nobody's any more."""
        asked = list(clients)
        if not asked:
            return []
        people = await self._database.read(access.people_of, {client.session_key for client in asked})
        return [client for client in asked if people[client.session_key] is None]

    async def _sign_out(self, client: Client, reason: str) -> None:
        try:
            await self._doors.sign_out(client, str(reason))
        except Exception:  # one socket that cannot be closed must not keep the others open
            log.exception("closing a socket failed")

    async def sweep(self) -> None:
        """Read again, in three queries, whose sessions live and what everybody may do where they are."""
        for client in await self._signed_out(self._clients()):
            await self._sign_out(client, Reason.SESSION_ENDED)
        everybody = [participant for client in self._clients() for participant in client.open.values()]
        await self.recheck(dict.fromkeys(everybody))

    async def recheck(self, participants: dict[Participant, str | None]) -> dict[Participant, Role | None]:
        """Read again what these may do, act on what changed, and say why, where it is known.

        Returns participant → role now, for those whose role changed.
        """
        if not participants:
            return {}
        pairs = {(one.person.user_id, one.document.id) for one in participants}
        grants = await self._database.read(access.grants, pairs)
        changed: dict[Participant, Role | None] = {}
        for participant, reason in participants.items():
            document = participant.document
            role = grants[participant.person.user_id, document.id].role
            if participant.client.open.get(document.key) is not participant or role == participant.role:
                continue
            changed[participant] = role
            if role is None:
                # Somebody who was let in just now can be out already, for a reason that another row has.
                reason = None if reason in _LETTING_IN else reason
                self._doors.tell(participant, None, "not_found", reason)
                self._doors.leave(participant)
            else:
                participant.role = role
                document.presence.join(participant.face())
                self._doors.show(document)
                self._doors.tell(participant, role, None, reason)
        return changed


def _is_of(notice: Notice, client: Client) -> bool:
    if notice.session_hash:
        return announcements.session_hash(client.session_key) == notice.session_hash
    return notice.user_id is None or client.person.user_id == notice.user_id


def _concerns(notice: Notice, participant: Participant) -> bool:
    if notice.document_id is not None:
        return participant.document.id == notice.document_id
    return notice.room_id is None or participant.document.room_id == notice.room_id
