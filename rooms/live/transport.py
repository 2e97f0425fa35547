"""The only place that touches the insides of python-socketio 5.18.1 and python-engineio 4.15.1.

Both are pinned exactly. Each override names the trap that it answers; docs/traps.md says which test fails without it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgpack
import socketio
from engineio import async_socket as eio_socket
from engineio import packet as eio_packet
from engineio.async_drivers import asgi as eio_asgi
from engineio.async_socket import AsyncSocket
from engineio.exceptions import EngineIOError
from engineio.payload import Payload
from socketio import packet
from socketio.msgpack_packet import MsgPackPacket

from rooms.live import frames, wire

log = logging.getLogger(__name__)

# A polling client posts what gathered since its last post. python-engineio refuses more than 16 packets, answers 200
# all the same and loses every one of them (trap S7).
Payload.max_decode_packets = 256

# A polling client is between two polls for a round trip, and longer only if it is gone.
LAST_POLL_SECONDS = 5.0

# Key in the ASGI scope under which `collab/asgi.py` keeps the server's own `send`, before middleware wraps it.
SEND = "collab.send"

# What a client may send on an Engine.IO line.
_FROM_CLIENTS = frozenset({eio_packet.PONG, eio_packet.MESSAGE, eio_packet.UPGRADE, eio_packet.CLOSE, eio_packet.PING})

_KNOWN_PACKETS = frozenset({packet.CONNECT, packet.DISCONNECT, packet.EVENT, packet.ACK})


class BadPacket(ValueError):
    """Bytes that are no Socket.IO packet of ours."""


class StrictPacket(MsgPackPacket):
    """A packet as docs/protocol.md has it: one map, no extension types (trap B9), no attachments (trap S11)."""

    def decode(self, encoded_packet: bytes) -> None:
        try:
            fields = msgpack.unpackb(encoded_packet, ext_hook=_refuse_extension)
        except (ValueError, TypeError, msgpack.UnpackException) as error:
            raise BadPacket("not MessagePack") from error
        if not isinstance(fields, dict) or fields.get("type") not in _KNOWN_PACKETS or fields.get("nsp") != "/":
            raise BadPacket("not a packet of this protocol")
        ack_id = fields.get("id")
        if ack_id is not None and (not isinstance(ack_id, int) or isinstance(ack_id, bool)):
            raise BadPacket("the id of a packet is a number")
        self.packet_type = fields["type"]
        self.data = fields.get("data")
        self.id = ack_id
        self.namespace = "/"


def _refuse_extension(code: int, data: bytes) -> None:
    raise BadPacket("extension types are refused")


class StrictSocket(AsyncSocket):
    """engineio's socket, which ends when it is sent what it cannot read.

    Of a polling body that it cannot read it answers 200, and loses all of it (traps S7 and S8); of a packet that it
    does not know it logs a traceback. Whoever sends either has lost something, and has to begin anew.
    """

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        try:
            await super().handle_post_request(environ)
        except (EngineIOError, ValueError, KeyError, IndexError) as error:
            log.info("unreadable body, closing: %s", type(error).__name__)
            await self.end()
            raise EngineIOError from error  # answered 400

    async def receive(self, pkt: eio_packet.Packet) -> None:
        if pkt.packet_type not in _FROM_CLIENTS:
            log.info("unknown packet, closing")
            await self.end()
            return
        await super().receive(pkt)

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """Close. A polling client that is between two polls still gets what is queued: why it is refused, above all.

        engineio answers its next poll with 400, and the client would come back for ever (trap B10).
        """
        if abort or self.upgraded or not self.connected:
            await super().close(wait=wait, abort=abort, reason=reason)
        elif not (self.closed or self.closing):
            self.closing: bool = True  # nothing that it still sends is heard from here on
            await self.server._trigger_event(
                "disconnect", self.sid, reason or self.server.reason.SERVER_DISCONNECT, run_async=False
            )
            self.queue.put_nowait(eio_packet.Packet(eio_packet.CLOSE))
            loop = asyncio.get_running_loop()
            self._close_after_last_poll(loop, loop.time() + LAST_POLL_SECONDS)

    def _close_after_last_poll(self, loop: asyncio.AbstractEventLoop, latest: float) -> None:
        if self.queue.empty() or loop.time() > latest:
            self.closed = True
            self.queue.put_nowait(None)
        else:
            loop.call_later(0.02, self._close_after_last_poll, loop, latest)

    async def end(self) -> None:
        """Send what is queued, and close."""
        await self.close(wait=False, reason=self.server.reason.TRANSPORT_ERROR)
        if self.upgraded:
            await self.queue.put(None)


eio_socket.AsyncSocket = StrictSocket


class WebSocket(eio_asgi.WebSocket):
    """engineio's WebSocket, whose Engine.IO socket ends when the connection does, whatever ended it.

    A frame that Engine.IO cannot read raises out of its handler: TCP is gone, but nobody tells the application for a
    minute (trap S8).
    """

    async def __call__(self, environ: dict[str, Any]) -> str:
        socket: AsyncSocket = self.handler.__self__
        send = environ["asgi.scope"].get(SEND)
        socket.collab_transport = frames.transport_of(send)
        if frames.may_write(send):
            setattr(socket, wire.DIRECT, socket.collab_transport)
        try:
            await super().__call__(environ)
        except (ValueError, KeyError, IndexError) as error:
            log.info("unreadable frame, closing: %s", type(error).__name__)
        finally:
            if not socket.closed:
                socket.queue.put_nowait(None)  # its writer is still waiting for packets
                await socket.close(wait=False, abort=True, reason=socket.server.reason.TRANSPORT_ERROR)
        return ""


class Gone(Exception):
    """The client hung up before its request was read."""


async def _translate(scope: dict[str, Any], receive: Any, send: Any) -> dict[str, Any]:
    environ: dict[str, Any] = await eio_asgi.translate_request(scope, receive, send)
    if not environ:  # engineio goes on without its method, and raises KeyError
        raise Gone
    return environ


class Server(socketio.AsyncServer):
    """python-socketio's server with one door for events, answers that may come later, and kicks that close.

    `dispatch(sid, event, frame)` gets every event of a connected client, in the order in which the client sent
    them, and returns the answer, a future of it, or None.
    """

    def __init__(
        self,
        *,
        dispatch: Callable[[str, str, Any], Awaitable[Any]],
        connect_within: float,
        max_queued: int,
        **options: Any,
    ):
        super().__init__(
            async_mode="asgi",
            serializer=StrictPacket,
            async_handlers=False,  # events of one client run in order (trap S3)
            always_connect=False,
            http_compression=False,  # frames are small and often; deflate costs more than it saves
            logger=False,
            engineio_logger=False,
            **options,
        )
        self._dispatch = dispatch
        self._connect_within = connect_within
        self._max_queued = max_queued
        self._connected_once: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.eio._async = {**self.eio._async, "websocket": WebSocket, "translate_request": _translate}

    async def handle_request(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            await super().handle_request(scope, receive, send)
        except Gone:
            log.info("the client left before its request was read")

    def socket_of(self, sid: str) -> AsyncSocket:
        """Return the Engine.IO socket behind a connected client."""
        return self.eio.sockets[self.manager.eio_sid_from_sid(sid, "/")]

    def hand_out(self, shared: wire.Shared, sockets: Iterable[AsyncSocket]) -> None:
        """Queue a packet for each of these sockets; whoever does not keep up is closed (trap S9)."""
        wire.hand_out(shared, sockets, max_queued=self._max_queued, too_slow=self._too_slow)

    def _too_slow(self, socket: AsyncSocket) -> None:
        log.warning("a reader does not keep up, closing its socket")
        self.soon(self.kick(socket, abort=True))

    async def kick(self, socket: AsyncSocket, *, abort: bool = False) -> None:
        """End a connection so that it stays ended: `disconnect` runs, and the transport closes.

        `sio.disconnect` alone leaves the transport open for another CONNECT with the old handshake (trap S1). What is
        queued is still sent, unless `abort`, which is for a reader that does not read.
        """
        if abort:
            while not socket.queue.empty():
                socket.queue.get_nowait()
        await socket.close(wait=False, abort=abort, reason=self.reason.SERVER_DISCONNECT)
        if abort or socket.upgraded:
            await socket.queue.put(None)
        transport = getattr(socket, "collab_transport", None)
        if abort and transport is not None:
            transport.abort()

    def soon(self, work: Awaitable[None]) -> None:
        """Run `work` as a task of this server, and keep hold of it until it is done."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background work failed", exc_info=error)

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        self.soon(self._reap(eio_sid))

    async def _reap(self, eio_sid: str) -> None:
        """Close a socket that never sends CONNECT (trap S10)."""
        await asyncio.sleep(self._connect_within)
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and eio_sid not in self._connected_once:
            await self.kick(socket)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        socket = self.eio.sockets.get(eio_sid)
        if socket is None or socket.closed or socket.closing:
            return  # kicked: whatever it still sends is not heard (trap S1)
        try:
            await super()._handle_eio_message(eio_sid, data)
        except BadPacket as error:
            log.info("bad packet, closing: %s", error)
            await self.kick(socket)  # (trap S8)

    async def _handle_connect(self, eio_sid: str, namespace: str, data: Any) -> None:
        if eio_sid in self._connected_once:
            raise BadPacket("a second CONNECT on one transport")
        self._connected_once.add(eio_sid)
        await super()._handle_connect(eio_sid, namespace, data)
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and self.manager.sid_from_eio_sid(eio_sid, "/") is None:
            await self.kick(socket)  # refused: the answer goes out, then the transport closes

    async def _handle_event(self, eio_sid: str, namespace: str, id: int | None, data: Any) -> None:
        """Answer one event. Reserved names never reach a handler of theirs (trap S2), see `dispatch`."""
        sid = self.manager.sid_from_eio_sid(eio_sid, "/")
        if sid is None or not self.manager.is_connected(sid, "/"):
            raise BadPacket("an event before CONNECT")
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            raise BadPacket("an event is a name and its payload")
        frame = data[1] if len(data) == 2 else None
        answer = await self._dispatch(sid, data[0], frame)
        if id is None:
            return
        socket = self.eio.sockets.get(eio_sid)
        if socket is None:
            return
        if isinstance(answer, asyncio.Future):
            answer.add_done_callback(lambda done: self._reply(socket, id, done.result()))
        else:
            self._reply(socket, id, answer)

    def _reply(self, socket: AsyncSocket, id: int, answer: dict[str, Any]) -> None:
        self.hand_out(wire.answer(id, answer), [socket])

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self._connected_once.discard(eio_sid)
        await super()._handle_eio_disconnect(eio_sid, reason)
