"""The live part, put together: one object a process, made by `collab/asgi.py`."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import socketio
from django.conf import settings

from rooms import access, announcements, here
from rooms.core.access import Role
from rooms.core.errors import Refusal
from rooms.live import wire
from rooms.live.bridge import Database
from rooms.live.commits import CommitQueue
from rooms.live.documents import Documents
from rooms.live.handlers import Handlers
from rooms.live.open_document import OpenDocument
from rooms.live.participants import Client, Participant
from rooms.live.people import People
from rooms.live.revocation import Revocation
from rooms.live.together import Together
from rooms.live.transport import Server
from rooms.live.watch import Watch, every

log = logging.getLogger(__name__)

# A browser sends CONNECT in its first round trip; whoever has not after this long never will (trap S10).
CONNECT_WITHIN_SECONDS = 10.0
# Room for the packet around the largest update: "too large" is an answer then, and not a cut line (trap S15).
PACKET_OVERHEAD_BYTES = 16_384
# How often documents are looked at for a snapshot.
COMPACT_SECONDS = 5.0


class Live:
    """Who is connected, what they have open, and the way of an edit between them."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.database = Database()
        self._people_of = Together(lambda keys: self.database.read(access.people_of, keys))
        self.sio = Server(
            dispatch=self._dispatch,
            dispatch_now=self._dispatch_now,
            connect_within=CONNECT_WITHIN_SECONDS,
            max_queued=settings.COLLAB_MAX_QUEUED_BYTES,
            cors_allowed_origins=settings.COLLAB_ORIGINS,
            ping_interval=settings.COLLAB_HEARTBEAT_SECONDS,
            ping_timeout=max(1, settings.COLLAB_HEARTBEAT_SECONDS // 2),
            max_http_buffer_size=_http_bytes(settings.COLLAB_MAX_UPDATE_BYTES),
        )
        self.documents = Documents(self.database, self._relay)
        self.people = People(self._emit)
        self.commits = CommitQueue(
            self.database,
            self.documents,
            check_rights=settings.COLLAB_EMIT_CHECK == "database",
            reply=self.sio.reply,
            refused=self._edit_refused,
        )
        self.revocation = Revocation(
            database=self.database,
            clients=lambda: list(self.clients.values()),
            doors=self,
            instance=settings.COLLAB_INSTANCE,
        )
        self.handlers = Handlers(
            database=self.database,
            heard=lambda: self.revocation.heard,
            documents=self.documents,
            commits=self.commits,
            people=self.people,
            kick=self._kick,
            max_update_bytes=settings.COLLAB_MAX_UPDATE_BYTES,
        )
        self.watch = Watch(
            database=self.database,
            documents=self.documents,
            revocation=self.revocation,
            emit=self._emit,
            doors=self,
            instance=settings.COLLAB_INSTANCE,
        )
        self.sio.on("connect", self._on_connect)
        self.sio.on("disconnect", self._on_disconnect)
        self._watching: list[asyncio.Task[None]] = []
        self._leave_the_pages: list[Callable[[], None]] = []

    async def start(self) -> None:
        """Begin to heal, to act on changes of access, to sweep and to compact."""
        loop = asyncio.get_running_loop()
        self._leave_the_pages = [
            announcements.listen(lambda: loop.call_soon_threadsafe(self.watch.nudge)),
            here.answer_with(self.documents.sockets),
        ]
        self._watching = [
            asyncio.create_task(every(settings.COLLAB_HEAL_SECONDS, self.watch.look)),
            asyncio.create_task(every(settings.COLLAB_SWEEP_SECONDS, self.watch.sweep)),
            asyncio.create_task(every(COMPACT_SECONDS, self.watch.compact)),
            asyncio.create_task(every(announcements.BEAT_SECONDS, self.watch.beat, at_once=True)),
        ]

    async def stop(self) -> None:
        """Commit what waits, take snapshots of what is open, and let go of the database."""
        for leave in self._leave_the_pages:
            leave()
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        await self.commits.drain()
        self.documents.stop()
        for document in self.documents.all():
            try:
                await self.documents.compact(document)
            except Refusal as refusal:  # the log has it all; the next process takes the snapshot
                log.warning("no snapshot at the end: %s", refusal)
        await self.sio.shutdown()
        try:
            await self.database.write(announcements.leave, settings.COLLAB_INSTANCE)
        except Refusal as refusal:  # its beats end, which says the same a little later
            log.warning("could not say goodbye: %s", refusal)
        await self.database.close()

    async def _on_connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        """Read who this is, now: a handshake may be old, and its session ended since (trap S1)."""
        scope = environ["asgi.scope"]
        session_key = scope["session"].session_key
        person = None
        heard = None
        # Read again when access changed while it was read: nobody was here yet to be put out.
        while session_key and heard != self.revocation.heard:
            heard = self.revocation.heard
            try:
                person = await self._people_of.get(session_key)
            except Refusal as refusal:
                raise _refused(refusal.answer()) from refusal
        if person is None:
            raise _refused({"code": "signed_out"})
        self.clients[sid] = Client(sid, self.sio.line_of(sid), session_key, person)

    async def _on_disconnect(self, sid: str, reason: str) -> None:
        client = self.clients.pop(sid, None)
        if client is not None:
            for participant in list(client.open.values()):
                self.handlers.leave(participant)

    async def _dispatch(self, sid: str, event: str, frame: Any) -> Any:
        client = self.clients.get(sid)
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

    def _edit_refused(self, participant: Participant, refusal: Refusal) -> None:
        """The database refused what the grant allowed: act on the change now and not at the next sweep."""
        log.info("edit refused: %s", refusal.code)
        self.sio.soon(self._recheck(participant))

    async def _kick(self, client: Client) -> None:
        await self.sio.kick(client.line)

    async def _recheck(self, participant: Participant) -> None:
        await self.watch.hear()
        await self.revocation.recheck({participant: None})


def _refused(answer: dict[str, Any]) -> socketio.exceptions.ConnectionRefusedError:
    """The code as the message and in the data: with a dict alone, a browser sees neither (trap B10)."""
    return socketio.exceptions.ConnectionRefusedError(answer["code"], answer)


def _http_bytes(update_bytes: int) -> int:
    """Return how large a frame or a polling body may be: long polling carries it in base64, a third larger."""
    return update_bytes * 4 // 3 + PACKET_OVERHEAD_BYTES
