"""The live part, put together: one object a process, made by `collab/asgi.py`."""

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

import socketio
from django.conf import settings

from rooms import access, announcements, here, quarantine
from rooms.core.access import Role
from rooms.core.errors import Refusal
from rooms.live import wire
from rooms.live.bridge import Database
from rooms.live.commits import CommitQueue
from rooms.live.documents import Documents
from rooms.live.door import Door
from rooms.live.drain import drain
from rooms.live.elsewhere import RENEW_SECONDS
from rooms.live.fleet import Fleet
from rooms.live.floods import Floods
from rooms.live.gate import Gate
from rooms.live.handlers import Handlers
from rooms.live.limits import Limits, Rates
from rooms.live.manager import document_room
from rooms.live.memory import TRIM_SECONDS, give_back
from rooms.live.open_document import OpenDocument
from rooms.live.participants import Client, Participant
from rooms.live.people import People
from rooms.live.probes import Probes
from rooms.live.readiness import Readiness
from rooms.live.revocation import Revocation
from rooms.live.together import Together
from rooms.live.transport import Server
from rooms.live.watch import Watch, every

log = logging.getLogger(__name__)

# A browser sends CONNECT in its first round trip; whoever has not after this long never will (trap S10).
CONNECT_WITHIN_SECONDS = 10.0
# Room for the packet around the largest update: "too large" is an answer then, and not a cut line (trap S15).
PACKET_OVERHEAD_BYTES = 16_384
# How often the database is looked at, at least, while Redis is away.
ALONE_SECONDS = 1.0
# How often documents are looked at for a snapshot.
COMPACT_SECONDS = 5.0
# What those at the end may take: gunicorn gives fifteen seconds to all that comes after draining, and uvicorn takes up
# to five of them.
LAST_SNAPSHOTS_SECONDS = 5.0
# How often canaries are looked at that have nothing to do.
REST_SECONDS = 60.0


class Live:
    """Who is connected, what they have open, and the way of an edit between them."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.database = Database()
        self._people_of = Together(lambda keys: self.database.read(access.people_of, keys))
        self.gate = Gate(per_second=settings.COLLAB_CONNECTS_PER_SECOND, warmup_seconds=settings.COLLAB_WARMUP_SECONDS)
        self.floods = Floods()
        # Nobody has to be protected from a flood where nobody is.
        self.door = Door(is_flooded=lambda: self.floods.is_on and bool(self.clients))
        self.fleet = self._make_fleet() if settings.REDIS_URL else None
        self.sio = Server(
            dispatch=self._dispatch,
            dispatch_now=self._dispatch_now,
            connect_within=CONNECT_WITHIN_SECONDS,
            max_queued=settings.COLLAB_MAX_QUEUED_BYTES,
            max_waiting=settings.COLLAB_MAX_WAITING_SOCKETS,
            wasted=self.floods.note,
            cors_allowed_origins=settings.COLLAB_ORIGINS,
            ping_interval=settings.COLLAB_HEARTBEAT_SECONDS,
            ping_timeout=max(1, settings.COLLAB_HEARTBEAT_SECONDS // 2),
            max_http_buffer_size=_http_bytes(settings.COLLAB_MAX_UPDATE_BYTES),
            client_manager=self.fleet.manager if self.fleet else None,
        )
        self.documents = Documents(self.database, self._relay, instance=settings.COLLAB_INSTANCE)
        self.documents.room = self._room
        self.documents.costly = self._costly
        self.people = People(self._emit)
        self.commits = CommitQueue(
            self.database,
            self.documents,
            check_rights=settings.COLLAB_EMIT_CHECK == "database",
            max_pending=settings.COLLAB_MAX_PENDING_EDITS,
            max_pending_bytes=settings.COLLAB_MAX_PENDING_BYTES,
            reply=self.sio.reply,
            refused=self._edit_refused,
        )
        self.revocation = Revocation(
            database=self.database,
            clients=lambda: list(self.clients.values()),
            doors=self,
            instance=settings.COLLAB_INSTANCE,
        )
        self.limits = Limits(
            rates=Rates.of(settings), max_sockets=settings.COLLAB_MAX_SOCKETS_PER_PERSON, deaf=self._deaf
        )
        self.handlers = Handlers(
            database=self.database,
            heard=lambda: self.revocation.heard,
            documents=self.documents,
            commits=self.commits,
            people=self.people,
            fleet=self.fleet,
            kick=self._kick,
            limits=self.limits,
            max_update_bytes=settings.COLLAB_MAX_UPDATE_BYTES,
            max_update_writers=settings.COLLAB_MAX_UPDATE_WRITERS,
            max_document_bytes=settings.COLLAB_MAX_DOCUMENT_BYTES,
            max_people=settings.COLLAB_MAX_PEOPLE_PER_DOCUMENT,
        )
        self.watch = Watch(
            database=self.database,
            documents=self.documents,
            revocation=self.revocation,
            emit=self._emit,
            doors=self,
            instance=settings.COLLAB_INSTANCE,
            hears=self._hears,
        )
        self.documents.condemned = self.watch.condemned
        self.readiness = Readiness(
            database=self.database,
            gate=self.gate,
            instance=settings.COLLAB_INSTANCE,
            version=settings.COLLAB_VERSION,
            hears=self._hears,
        )
        self.probes = Probes(
            self.sio,
            instance=settings.COLLAB_INSTANCE,
            version=settings.COLLAB_VERSION,
            heartbeat=settings.COLLAB_HEARTBEAT_SECONDS,
            proxies=settings.COLLAB_PROXY_COUNT,
            hears=self._hears,
        )
        if self.fleet:
            self.fleet.join(documents=self.documents, people=self.people, watch=self.watch)
            self.documents.spread = self.fleet.edited
            self.people.spread = self.fleet.elsewhere.tell
        self.sio.on("connect", self._on_connect)
        self.sio.on("disconnect", self._on_disconnect)
        self._watching: list[asyncio.Task[None]] = []
        self._looked_at = time.monotonic()
        self._leave_the_pages: list[Callable[[], None]] = []

    async def start(self) -> None:
        """Begin to heal, to act on changes of access, to sweep and to compact, and to hear other instances."""
        loop = asyncio.get_running_loop()
        self._leave_the_pages = [
            announcements.listen(lambda: loop.call_soon_threadsafe(self._access_changed)),
            here.answer_with(self.documents.sockets),
            here.listen(lambda document_id: loop.call_soon_threadsafe(self._document_changed, document_id)),
        ]
        self._watching = [
            asyncio.create_task(every(min(settings.COLLAB_HEAL_SECONDS, ALONE_SECONDS), self._look)),
            asyncio.create_task(every(settings.COLLAB_SWEEP_SECONDS, self.watch.sweep)),
            asyncio.create_task(every(COMPACT_SECONDS, self.watch.compact)),
            asyncio.create_task(every(TRIM_SECONDS, give_back)),
            asyncio.create_task(every(REST_SECONDS, self.documents.proving.rest)),
            asyncio.create_task(every(REST_SECONDS, self.handlers.beside.rest)),
            asyncio.create_task(every(announcements.BEAT_SECONDS, self.watch.beat, at_once=True)),
        ]
        await self.documents.proving.warm()
        self.gate.start()
        self.sio.start_manager()
        if self.fleet:
            self._watching.append(asyncio.create_task(every(RENEW_SECONDS, self.fleet.renew)))
        # What was imported is there for good: looking through it again and again would stop everybody for 100 ms.
        gc.collect()
        gc.freeze()
        self.readiness.is_started = True

    async def drain(self) -> None:
        """Let everybody leave, in the time that the settings give."""
        await drain(
            self,
            notice=settings.COLLAB_DRAIN_NOTICE_SECONDS,
            seconds=settings.COLLAB_DRAIN_SECONDS,
            per_second=settings.COLLAB_DRAIN_PER_SECOND,
        )

    async def stop(self) -> None:
        """Commit what waits, take snapshots of what is open, and let go of the database."""
        self.readiness.is_started = False
        self.gate.stop()
        for leave in self._leave_the_pages:
            leave()
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        await self.commits.drain()
        await self.handlers.beside.stop()
        await self._take_last_snapshots()
        self.documents.stop()
        await asyncio.to_thread(quarantine.canaries().stop)
        if self.fleet:
            await self.fleet.stop()
        await self.sio.shutdown()
        try:
            await self.database.write(announcements.leave, settings.COLLAB_INSTANCE)
        except Refusal as refusal:  # its beats end, which says the same a little later
            log.warning("could not say goodbye: %s", refusal)
        await self.database.close()

    async def _take_last_snapshots(self) -> None:
        """Take snapshots of what is open, the small ones first, while there is time.

        The log has all of it: the next process takes the others.
        """
        try:
            async with asyncio.timeout(LAST_SNAPSHOTS_SECONDS):
                for document in sorted(self.documents.all(), key=lambda one: one.size):
                    try:
                        await self.documents.compact(document)
                    except Refusal as refusal:
                        log.warning("no snapshot at the end: %s", refusal)
        except TimeoutError:
            log.warning("no time for all snapshots at the end")

    async def _on_connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        """Answer each CONNECT: python-socketio would answer nothing when this fails, and the client would wait."""
        try:
            await self._let_in(sid, environ["asgi.scope"], auth)
        except Refusal as refusal:
            raise _refused(refusal.answer()) from refusal
        except socketio.exceptions.ConnectionRefusedError:
            raise
        except Exception as error:
            log.exception("handling CONNECT failed")
            raise _refused(Refusal().answer()) from error

    async def _let_in(self, sid: str, scope: dict[str, Any], auth: Any) -> None:
        """Read who this is, now: a handshake may be old, and its session ended since (trap S1)."""
        if isinstance(auth, dict) and "ticket" in auth:
            if await self.probes.let_in(sid, scope, auth["ticket"]):
                return
            raise _refused({"code": "signed_out"})
        self.gate.enter()
        session_key = scope["session"].session_key
        person = None
        heard = None
        # Read again when access changed while it was read: nobody was here yet to be put out.
        while session_key and heard != self.revocation.heard:
            heard = self.revocation.heard
            person = await self._people_of.get(session_key)
        if person is None:
            self.floods.note()
            raise _refused({"code": "signed_out"})
        self.enter(Client(sid, self.sio.line_of(sid), session_key, person))

    def enter(self, client: Client) -> None:
        """Let somebody in whose session was just read."""
        try:
            self.limits.enter(client)
        except Refusal as refusal:
            raise _refused(refusal.answer()) from refusal
        self.clients[client.sid] = client

    async def _on_disconnect(self, sid: str, reason: str) -> None:
        self.probes.leave(sid)
        client = self.clients.pop(sid, None)
        if client is not None:
            if not client.came_in:
                self.floods.note()
            for participant in list(client.open.values()):
                self.handlers.leave(participant)
            self.limits.leave(client)

    async def _dispatch(self, sid: str, event: str, frame: Any) -> Any:
        client = self.clients.get(sid)
        if sid in self.probes:
            try:
                return await self.probes.dispatch(sid, event, frame)
            except Refusal as refusal:
                return refusal.answer()
        if client is None:
            return Refusal("not connected").answer()
        return await self.handlers.dispatch(client, event, frame)

    def _dispatch_now(self, sid: str, event: str, frame: Any) -> Any:
        client = self.clients.get(sid)
        return None if client is None else self.handlers.dispatch_now(client, event, frame)

    def _relay(self, document: OpenDocument, update: bytes, but: Participant | None) -> None:
        payload = {"document": document.key, "update": update, "seq": document.seq}
        self.sio.hand_out(wire.event("edited", payload), document.lines(but=but))

    def _emit(self, document: OpenDocument, name: str, payload: dict[str, Any]) -> None:
        self.sio.hand_out(wire.event(name, payload), document.lines())

    def _room(self, document: OpenDocument, participant: Participant, inside: bool) -> None:
        """Enter and leave the document's Socket.IO room: with a fleet, its channel is heard while somebody is in it."""
        client, room = participant.client, document_room(document.id)
        if inside:
            self.sio.manager.basic_enter_room(client.sid, "/", room, eio_sid=client.line.sid)
            return
        self.sio.manager.basic_leave_room(client.sid, "/", room)
        if self.fleet and not document.participants:
            self.fleet.elsewhere.left(document)

    # --- Doors: what happens to those whose access changed ---------------------------------------------------------

    def tell(self, participant: Participant, role: Role | None, code: str | None, reason: str | None) -> None:
        payload = {"document": participant.document.key, "role": role and str(role), "code": code, "reason": reason}
        self.sio.hand_out(wire.event("access", payload), [participant.line])

    def leave(self, participant: Participant) -> None:
        self.handlers.leave(participant)

    def show(self, document: OpenDocument) -> None:
        self.people.tell(document)

    async def sign_out(self, client: Client, reason: str) -> None:
        self.sio.hand_out(wire.event("signed_out", {"code": "signed_out", "reason": reason}), [client.line])
        await self._kick(client)

    def _costly(self, participants: Iterable[Participant], seconds: float) -> None:
        """What they wrote kept everybody waiting: they wait ten times as long before they write on."""
        for client in {participant.client for participant in participants}:
            self.limits.charge(client, seconds)

    def _edit_refused(self, participant: Participant, refusal: Refusal) -> None:
        """The database refused what the grant allowed: act on the change now and not at the next sweep."""
        log.info("edit refused: %s", refusal.code)
        self.sio.soon(self._recheck(participant))

    def _deaf(self, client: Client) -> None:
        log.warning("a client goes on and on beyond its share, closing its socket")
        self.sio.soon(self._kick(client))

    async def _kick(self, client: Client) -> None:
        await self.sio.kick(client.line)

    def _make_fleet(self) -> Fleet:
        return Fleet(
            url=settings.REDIS_URL,
            prefix=settings.COLLAB_REDIS_PREFIX,
            key=settings.SECRET_KEY.encode(),
            instance=settings.COLLAB_INSTANCE,
            version=settings.COLLAB_VERSION,
            kick=self._moved_away,
            soon=lambda work: self.sio.soon(work),
        )

    def _hears(self) -> bool | None:
        return self.fleet.is_up if self.fleet else None

    async def _look(self) -> None:
        """Look for what is new, each time while Redis is known to be away: then there is no other way."""
        now = time.monotonic()
        if self._hears() is False or now - self._looked_at >= settings.COLLAB_HEAL_SECONDS - ALONE_SECONDS / 2:
            self._looked_at = now
            await self.watch.look()

    def _access_changed(self) -> None:
        self.watch.nudge()
        if self.fleet:
            self.fleet.access_changed()

    def _document_changed(self, document_id: int) -> None:
        self.watch.changed(document_id)
        if self.fleet:
            self.fleet.changed(document_id)

    def _moved_away(self, document_id: int, participant_id: str) -> None:
        """The page of a participant is on another instance now: what it left here was not noticed to be gone."""
        document = self.documents.open_one(document_id)
        participant = document.participants.get(participant_id) if document else None
        if participant is not None:
            self.sio.soon(self._kick(participant.client))

    async def _recheck(self, participant: Participant) -> None:
        await self.watch.hear()
        await self.revocation.recheck({participant: None})


def _refused(answer: dict[str, Any]) -> socketio.exceptions.ConnectionRefusedError:
    """The code as the message and in the data: with a dict alone, a browser sees neither (trap B10)."""
    return socketio.exceptions.ConnectionRefusedError(answer["code"], answer)


def _http_bytes(update_bytes: int) -> int:
    """Return how large a frame or a polling body may be: long polling carries it in base64, a third larger."""
    return update_bytes * 4 // 3 + PACKET_OVERHEAD_BYTES
