"""The only place, with `lines.py` and `heartbeat.py`, that touches the insides of python-socketio 5.18.1 and
python-engineio 4.15.1.

Both are pinned exactly. Each override names the trap that it answers; docs/traps.md says which test fails without it.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgpack
import socketio
from engineio import async_socket as eio_socket
from engineio.exceptions import EngineIOError
from engineio.payload import Payload
from socketio import packet
from socketio.msgpack_packet import MsgPackPacket

from rooms.live import requests, wire
from rooms.live.lines import Line, WebSocket

log = logging.getLogger(__name__)

# A polling client posts what gathered since its last post. python-engineio refuses more than 16 packets, answers 200
# all the same and loses every one of them (trap S7).
Payload.max_decode_packets = 256

# A flood of strangers must not be one of log lines.
SAY_AGAIN_SECONDS = 60.0

# Those who never say who they are are let go of so many at a time as came in this time.
REAP_SECONDS = 0.05

# Of lines without a session so many wait: for the answer that they have none, which a page can read, or with a doctor's
# ticket (trap S10).
MAX_STRANGERS = 50

# No answers: nobody here asks a client, and what is no event no share would count.
_KNOWN_PACKETS = frozenset({packet.CONNECT, packet.DISCONNECT, packet.EVENT})


class BadPacket(ValueError):
    """Bytes that are no Socket.IO packet of ours."""


class StrictPacket(MsgPackPacket):
    """A packet as docs/protocol.md has it: one map, no extension types (trap B9), no attachments (trap S11)."""

    def decode(self, encoded_packet: bytes) -> None:
        self.packet_type, self.data, self.id = _fields(encoded_packet)
        self.namespace = "/"


def _fields(encoded_packet: bytes) -> tuple[int, Any, int | None]:
    """Return type, data and id of a packet. Raises BadPacket."""
    try:
        fields = msgpack.unpackb(encoded_packet, ext_hook=_refuse_extension)
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise BadPacket("not MessagePack") from error
    if not isinstance(fields, dict) or fields.get("type") not in _KNOWN_PACKETS or fields.get("nsp") != "/":
        raise BadPacket("not a packet of this protocol")
    ack_id = fields.get("id")
    if ack_id is not None and (not isinstance(ack_id, int) or isinstance(ack_id, bool)):
        raise BadPacket("the id of a packet is a number")
    return fields["type"], fields.get("data"), ack_id


def _event(data: Any) -> tuple[str, Any]:
    """Return an event's name and its payload, or None when it has not exactly one. Raises BadPacket."""
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        raise BadPacket("an event is a name and its payload")
    return data[0], data[1] if len(data) == 2 else None


def _refuse_extension(code: int, data: bytes) -> None:
    raise BadPacket("extension types are refused")


eio_socket.AsyncSocket = Line


class Server(socketio.AsyncServer):
    """python-socketio's server with one door for events, answers that may come later, and kicks that close.

    `dispatch(sid, event, frame)` gets every event of a connected client, in the order in which the client sent
    them, and returns the answer, or a `Later` that `reply` answers. `dispatch_now` is asked before it where that is
    possible, and returns None for what has to wait. `wasted()` is told of each line that came to nothing.
    """

    def __init__(
        self,
        *,
        dispatch: Callable[[str, str, Any], Awaitable[wire.Answer | wire.Later]],
        dispatch_now: Callable[[str, str, Any], wire.Answer | wire.Later | None],
        connect_within: float,
        max_queued: int,
        max_waiting: int,
        wasted: Callable[[], None] = lambda: None,
        **options: Any,
    ):
        super().__init__(
            async_mode="asgi",
            serializer=StrictPacket,
            async_handlers=False,  # events of one client run in order (trap S3)
            always_connect=False,
            # Lines end by themselves (heartbeat.py); engineio's check would hold those that have ended for ten seconds.
            monitor_clients=False,
            http_compression=False,  # frames are small and often; deflate costs more than it saves
            logger=False,
            engineio_logger=False,
            **options,
        )
        self._dispatch = dispatch
        self._dispatch_now = dispatch_now
        self._connect_within = connect_within
        self._max_queued = max_queued
        self._max_waiting = max_waiting
        self._wasted = wasted
        self._connected_once: set[str] = set()
        # Lines that have not sent CONNECT yet, the oldest first, and until when they may.
        self._waiting: dict[str, float] = {}
        # Those of them that have no session, in the same order.
        self._strangers: dict[str, None] = {}
        self._reaper: asyncio.TimerHandle | None = None
        self._said_full = -SAY_AGAIN_SECONDS
        self._tasks: set[asyncio.Task[None]] = set()
        self.eio._async = {**self.eio._async, "websocket": WebSocket, "translate_request": requests.translate}
        self.eio.deliver = self._deliver
        self.eio.deliver_now = self._deliver_now

    def start_manager(self) -> None:
        """Begin to hear other instances now, and not with the first client (python-socketio's way)."""
        if not self.manager_initialized:
            self.manager_initialized: bool = True
            self.manager.initialize()

    async def handle_request(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            await super().handle_request(scope, receive, send)
        except requests.Gone:
            log.info("the client left before its request was read")

    def line_of(self, sid: str) -> Line:
        """Return the Engine.IO socket behind a connected client."""
        line: Line = self.eio.sockets[self.manager.eio_sid_from_sid(sid, "/")]
        return line

    def hand_out(self, shared: wire.Shared, lines: Iterable[wire.Line]) -> None:
        """Send a packet to each of these lines; whoever does not keep up is closed (trap S9)."""
        wire.hand_out(shared, lines, max_queued=self._max_queued, too_slow=self._too_slow)

    def reply(self, asked: Iterable[wire.Later], answer: wire.Answer) -> None:
        """Give the same answer to all of these events, encoded once."""
        wire.answer_all(asked, answer, max_queued=self._max_queued, too_slow=self._too_slow)

    def _too_slow(self, line: wire.Line) -> None:
        log.warning("a reader does not keep up, closing its socket")
        self.soon(self.kick(line, abort=True))

    async def kick(self, line: wire.Line, *, abort: bool = False) -> None:
        """End a connection so that it stays ended: `disconnect` runs, and the transport closes.

        `sio.disconnect` alone leaves the transport open for another CONNECT with the old handshake (trap S1). What is
        queued is still sent, unless `abort`, which is for a reader that does not read.
        """
        if abort:
            line.drop_queued()
        await line.close(wait=False, abort=abort, reason=self.reason.SERVER_DISCONNECT)
        if abort and line.transport is not None:
            line.transport.abort()

    def soon(self, work: Awaitable[None]) -> None:
        """Run `work` as a task of this server, and keep hold of it until it is done."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background work failed", exc_info=error)

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> str | None:
        """Take a line in. Anybody can open one, so there is a bound: of more, those that wait longest go (trap S10).

        A page says who it is within a round trip, and whoever floods this never does: to refuse the newest would be to
        refuse the page.
        """
        is_stranger = not requests.has_session(environ)
        if is_stranger and len(self._strangers) >= MAX_STRANGERS:
            self._make_room(self._strangers)
        elif len(self._waiting) >= self._max_waiting:
            self._make_room(self._waiting)
        await super()._handle_eio_connect(eio_sid, requests.kept(environ))
        loop = asyncio.get_running_loop()
        if is_stranger:
            self._strangers[eio_sid] = None
        self._waiting[eio_sid] = loop.time() + self._connect_within
        if self._reaper is None:
            self._reaper = loop.call_later(self._connect_within, self._reap)
        return None

    def _make_room(self, those: Iterable[str]) -> None:
        """Let go of the first. Log that this is so, not each time."""
        oldest = next(iter(those))
        self._waits_no_more(oldest)
        self._wasted()
        self.soon(self._let_go([oldest]))
        now = time.monotonic()
        if now - self._said_full > SAY_AGAIN_SECONDS:
            self._said_full = now
            log.warning("too many lines wait without CONNECT: the oldest are let go of")

    def _reap(self) -> None:
        """Close those who have not sent CONNECT in time (trap S10). One timer for all of them: a flood has no tasks."""
        loop = asyncio.get_running_loop()
        late = [eio_sid for eio_sid, until in self._waiting.items() if until <= loop.time()]
        for eio_sid in late:
            self._waits_no_more(eio_sid)
            self._wasted()
        self.soon(self._let_go(late))
        self._reaper = None
        if self._waiting:
            until = next(iter(self._waiting.values()))
            self._reaper = loop.call_at(max(until, loop.time() + REAP_SECONDS), self._reap)

    def _waits_no_more(self, eio_sid: str) -> bool:
        """Return whether it waited."""
        self._strangers.pop(eio_sid, None)
        return self._waiting.pop(eio_sid, None) is not None

    async def _let_go(self, late: Iterable[str]) -> None:
        """End lines on which nothing was ever said: nobody is told more than that, or waited for."""
        for eio_sid in late:
            line = self.eio.sockets.pop(eio_sid, None)
            if line is not None:
                await line.let_go()

    def _deliver_now(self, line: Line, data: bytes) -> bool:
        """Handle an event that needs nothing to wait for. Returns False for all else, which `_deliver` then takes."""
        if line.client_sid is None:
            return False
        try:
            packet_type, data_of_event, ack_id = _fields(data)
            if packet_type != packet.EVENT:
                return False
            name, frame = _event(data_of_event)
        except BadPacket:
            return False
        answer = self._dispatch_now(line.client_sid, name, frame)
        if answer is None:
            return False
        if ack_id is not None:
            self._answer(line, ack_id, answer)
        return True

    async def _deliver(self, line: Line, data: Any) -> None:
        """Take a message of a line: straight from it, past the handlers that engineio would look up for each."""
        if line.closed or line.closing:
            return  # kicked: whatever it still sends is not heard (trap S1)
        try:
            await super()._handle_eio_message(line.sid, data)
        except BadPacket as error:
            log.info("bad packet, closing: %s", error)
            self._wasted()
            await self.kick(line)  # (trap S8)
        except EngineIOError as error:  # it was closed while this was handled
            log.info("the line ended: %s", type(error).__name__)

    async def _handle_connect(self, eio_sid: str, namespace: str, data: Any) -> None:
        if eio_sid in self._connected_once:
            raise BadPacket("a second CONNECT on one transport")
        self._connected_once.add(eio_sid)
        self._waits_no_more(eio_sid)
        await super()._handle_connect(eio_sid, namespace, data)
        line = self.eio.sockets.get(eio_sid)
        if line is None:
            return
        client_sid = self.manager.sid_from_eio_sid(eio_sid, "/")
        if client_sid is None:
            await self.kick(line)  # refused: the answer goes out, then the transport closes
            return
        line.connect_as(client_sid)

    async def _handle_event(self, eio_sid: str, namespace: str, id: int | None, data: Any) -> None:
        """Answer one event. Reserved names never reach a handler of theirs (trap S2), see `dispatch`."""
        sid = self.manager.sid_from_eio_sid(eio_sid, "/")
        if sid is None or not self.manager.is_connected(sid, "/"):
            raise BadPacket("an event before CONNECT")
        name, frame = _event(data)
        answer = await self._dispatch(sid, name, frame)
        line = self.eio.sockets.get(eio_sid)
        if id is not None and line is not None:
            self._answer(line, id, answer)

    def _answer(self, line: Line, ack_id: int, answer: wire.Answer | wire.Later) -> None:
        if isinstance(answer, wire.Later):
            answer.line, answer.ack_id = line, ack_id
        else:
            self.hand_out(wire.answer(ack_id, answer), (line,))

    async def _handle_disconnect(self, eio_sid: str, namespace: str, reason: str | None = None) -> None:
        """Let somebody go, and the line with them: more of these cost something, and no share would count them."""
        await super()._handle_disconnect(eio_sid, namespace, reason)
        line = self.eio.sockets.get(eio_sid)
        if line is not None:
            await self.kick(line)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self._connected_once.discard(eio_sid)
        if self._waits_no_more(eio_sid) or reason == self.reason.TRANSPORT_ERROR:
            self._wasted()
        await super()._handle_eio_disconnect(eio_sid, reason)
