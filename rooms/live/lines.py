"""Engine.IO sockets as this product needs them: cheap when idle, straight to the wire when nothing waits, honest when
they end.

python-engineio 4.15.1 gives every WebSocket a writing task, a task and a timer for each frame that it reads, a task
that sleeps until the next ping, and a queue. Without them, and without what `transport.py` and `frames.py` let go of,
an idle person takes 21 KB instead of 54 (`make bench ARGS="w3"`). What is overridden here is private there, and pinned;
each override names the trap or the reason that it answers.
"""

import asyncio
import logging
from typing import Any

from engineio import packet as eio_packet
from engineio.async_drivers import asgi as eio_asgi
from engineio.exceptions import EngineIOError, QueueEmpty

from rooms.live import frames, wire
from rooms.live.heartbeat import Beating

log = logging.getLogger(__name__)

# A polling client is between two polls for a round trip, and longer only if it is gone.
LAST_POLL_SECONDS = 5.0

# What somebody may send who has not said yet who they are: one CONNECT, at most with a doctor's ticket.
STRANGER_BYTES = 4_096

# A polling client that tries a WebSocket says two words on it, a round trip apart.
PROBE_SECONDS = 10.0

# Key in the ASGI scope under which `collab/asgi.py` keeps the server's own `send`, before middleware wraps it.
SEND = "collab.send"

# What a client may send on an Engine.IO line.
_FROM_CLIENTS = frozenset({eio_packet.PONG, eio_packet.MESSAGE, eio_packet.UPGRADE, eio_packet.CLOSE, eio_packet.PING})

_CLOSE = wire.Control(eio_packet.CLOSE)
_NOOP = wire.Control(eio_packet.NOOP)


class Line(Beating):
    """engineio's socket, which ends when it is sent what it cannot read.

    Of a polling body that it cannot read engineio answers 200, and loses all of it (traps S7 and S8); of a packet
    that it does not know it logs a traceback. Whoever sends either has lost something, and has to begin anew.

    On a WebSocket, packets go straight to the transport (`straight`) while none waits in the queue. Where that is not
    possible they take the queue, and a task writes it empty.
    """

    def __init__(self, server: Any, sid: str) -> None:
        self._queue: wire.Queue | None = None
        super().__init__(server, sid)
        self.connected: bool = False
        self.transport: frames.Transport | None = None
        # Where a whole frame may be written now: None on long polling, where frames of ours are not safe, and while
        # earlier packets wait in the queue.
        self.straight: frames.Transport | None = None
        self._may_write = False
        # The Socket.IO id of the client that connected over this line.
        self.client_sid: str | None = None
        # While an event is handled that has to wait for something, the next one waits behind it (trap S3).
        self._hearing = False
        self._send: Any = None
        self._websocket: WebSocket | None = None
        # For how long a WebSocket may still be tried.
        self._probe: asyncio.Timeout | None = None
        self._writer: asyncio.Task[None] | None = None

    def attach(self, send: Any) -> None:
        """Look for the transport behind the ASGI server's `send`, now that a WebSocket begins."""
        self._bound(send)
        self.transport = frames.transport_of(send)
        self._may_write = self.transport is not None and frames.may_write(send)

    def detach(self) -> None:
        """Let go of what holds this line too, now that its WebSocket has ended."""
        self._websocket = self._send = self.straight = None

    def connect_as(self, client_sid: str) -> None:
        """Somebody known is at the other end: from here on they may send what the limits of the product allow."""
        self.client_sid = client_sid
        frames.bound(self._send, None)

    def _bound(self, send: Any) -> None:
        """Bound what comes in by the connection behind `send`, until somebody known is at the other end."""
        self._send = send
        frames.bound(send, STRANGER_BYTES if self.client_sid is None else None)

    @property
    def queue(self) -> wire.Queue:
        """What waits for this client. Made when first needed: three deques and an event are 2.5 KB."""
        if self._queue is None:
            self._queue = wire.Queue()
        return self._queue

    @queue.setter
    def queue(self, queue: Any) -> None:
        """engineio's constructor brings one; it is not needed yet."""

    # --- Out ------------------------------------------------------------------------------------------------------

    def push(self, packet: eio_packet.Packet | None) -> None:
        """Send a packet after all that was sent before; None ends the line once they are out."""
        straight = self.straight
        if straight is not None and isinstance(packet, wire.Shared):
            if not straight.is_closing():
                straight.write(packet.frame)
            return
        if packet is None and self._queue is None and not self.upgraded:
            return  # no poll waits for it
        self.queue.put_nowait(packet)
        if self.upgraded:
            self._write_soon()

    async def send(self, pkt: eio_packet.Packet) -> None:
        if await self.check_ping_timeout():
            self.push(wire.shared(pkt))

    def drop_queued(self) -> None:
        """Forget what waits: for a reader that does not read."""
        while self._queue is not None and not self._queue.empty():
            self._queue.get_nowait()

    def _write_soon(self) -> None:
        if self._writer is None and self._websocket is not None:
            self.straight = None
            self._writer = asyncio.ensure_future(self._write(self._websocket))

    async def _write(self, websocket: "WebSocket") -> None:
        """Write the queue empty by the public way: one awaited `send` a packet."""
        try:
            while not self.queue.empty():
                packet = self.queue.get_nowait()
                if packet is None:
                    self._queue = None
                    await websocket.close()
                    return
                await websocket.send(packet.encode())
            self._queue = None
            if self._may_write:
                self.straight = self.transport
        except Exception as error:  # whatever the server raises for a connection that is gone
            log.debug("writing ended: %s", type(error).__name__)
            await websocket.close()
        finally:
            self._writer = None

    async def poll(self) -> list[eio_packet.Packet]:
        """Return what waits for a polling client, once something does. Raises QueueEmpty when nothing does for long.

        engineio makes a task for each poll, and keeps the queue.
        """
        queue = self.queue
        try:
            async with asyncio.timeout(self.server.ping_interval + self.server.ping_timeout):
                packet = await queue.get()
        except (TimeoutError, asyncio.CancelledError):
            raise QueueEmpty from None
        packets = []
        while packet is not None:
            packets.append(packet)
            if queue.empty():
                self._all_is_polled(queue)
                return packets
            packet = queue.get_nowait()
        queue.put_nowait(None)  # for the next poll: this line has ended
        return packets

    def _all_is_polled(self, queue: wire.Queue) -> None:
        if self.closing and not self.closed:
            self._poll_no_more()
        elif not self.closing and not queue._getters:  # type: ignore[attr-defined]
            self._queue = None

    # --- In -------------------------------------------------------------------------------------------------------

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        try:
            if self.client_sid is None and int(environ.get("CONTENT_LENGTH") or 0) > STRANGER_BYTES:
                raise ValueError("a long body before CONNECT")
            await super().handle_post_request(environ)
        except (EngineIOError, ValueError, KeyError, IndexError) as error:
            log.info("unreadable body, closing: %s", type(error).__name__)
            await self.end()
            # engineio has no answer for a line that ended meanwhile, and raises UnboundLocalError.
            self.server.sockets.setdefault(self.sid, self)
            raise EngineIOError from error  # answered 400

    async def receive(self, pkt: eio_packet.Packet) -> None:
        if pkt.packet_type == eio_packet.MESSAGE:
            await self.server.deliver(self, pkt.data)
        elif pkt.packet_type in _FROM_CLIENTS:
            await super().receive(pkt)
        else:
            log.info("unknown packet, closing")
            await self.end()

    async def _websocket_handler(self, ws: "WebSocket") -> None:
        """Read until the line ends. Whoever stops answering pings is closed by engineio's check of all sockets."""
        self.connected = self.upgraded = True
        self._websocket = ws
        if self._queue is not None and not self._queue.empty():
            self._write_soon()
        elif self._may_write:
            self.straight = self.transport
        frames.listen(self._send, self.hear_now)
        try:
            while not self.closed:
                await self._hear(await self._read(ws))
        except OSError:
            pass  # the client is gone
        finally:
            frames.listen(self._send, None)
        self.straight = None
        self.push(None)
        await self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    async def _read(self, ws: "WebSocket") -> bytes | str:
        data: bytes | str = await ws.wait()
        if len(data) > self.server.max_http_buffer_size:
            raise ValueError("packet is too large")
        return data

    def hear_now(self, data: bytes) -> bool:
        """Handle a message at once if it can be, without a task of its own: nearly all can."""
        return (
            not (self._hearing or self.closing or self.closed)
            and len(data) <= self.server.max_http_buffer_size
            and self.server.deliver_now(self, data)
        )

    async def _hear(self, data: bytes | str) -> None:
        self._hearing = True
        try:
            if isinstance(data, bytes):
                await self.server.deliver(self, data)
            else:
                await self.receive(eio_packet.Packet(encoded_packet=data))
        finally:
            self._hearing = False

    def may_move_over(self) -> bool:
        return not (self.upgrading or self.upgraded or self.closing or self.closed)

    async def move_over(self, ws: "WebSocket", send: Any) -> bool:
        """Let a polling client prove that WebSocket works (Engine.IO 4, "Upgrade"). The poll that waits is ended
        first.

        One at a time, and not for ever: none of the bounds on lines counts a WebSocket that is only tried.
        """
        self.upgrading: bool = True
        self._bound(send)
        is_proven = False
        try:
            async with asyncio.timeout(PROBE_SECONDS) as self._probe:
                is_proven = await self._is_proven(ws)
        except (OSError, ValueError, TimeoutError):
            pass
        finally:
            self.upgrading = False
            self._probe = None
            if not is_proven:
                self.detach()
        return is_proven

    async def _is_proven(self, ws: "WebSocket") -> bool:
        await ws.accept()
        if await self._read(ws) != "2probe":
            return False
        await ws.send("3probe")
        if self._queue is not None and self._queue._getters:  # type: ignore[attr-defined]
            self.push(_NOOP)
        return await self._read(ws) == "5" and not (self.closing or self.closed)

    # --- The end --------------------------------------------------------------------------------------------------

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """Close. A polling client that is between two polls still gets what is queued: why it is refused, above all.

        engineio answers its next poll with 400, and the client would come back for ever (trap B10).
        """
        if self.closed or self.closing:
            return
        self.closing: bool = True  # nothing that it still sends is heard from here on
        self.stop_beating()
        frames.end_soon(self._send)
        if self._probe is not None and not self._probe.expired():
            self._probe.reschedule(0)
        await self.server._trigger_event(
            "disconnect", self.sid, reason or self.server.reason.SERVER_DISCONNECT, run_async=False
        )
        if not abort:
            self.push(_CLOSE)
        if abort or self.upgraded or not self.connected:
            self.closed: bool = True
            self.push(None)
            if not self.upgraded and self.connected:
                self.server.sockets.pop(self.sid, None)  # no poll may come that would
            if reason == self.server.reason.PING_TIMEOUT and self.transport is not None:
                self.transport.abort()  # half open: nothing would ever be read from it, nor its buffer written empty
        else:
            self._timer = asyncio.get_running_loop().call_later(LAST_POLL_SECONDS, self._poll_no_more)

    def _poll_no_more(self) -> None:
        """Nobody came for what was left."""
        self.stop_beating()
        self.closed = True
        self.queue.put_nowait(None)
        self.server.sockets.pop(self.sid, None)

    async def let_go(self) -> None:
        """End a line on which nothing was ever said. It keeps no word for a poll that may never come."""
        if self.upgraded or self._queue is not None:
            self.push(_CLOSE)
        await self.close(wait=False, abort=True)

    async def end(self) -> None:
        """Send what is queued, and close."""
        await self.close(wait=False, reason=self.server.reason.TRANSPORT_ERROR)


class WebSocket(eio_asgi.WebSocket):
    """engineio's WebSocket, whose Engine.IO socket ends when the connection does, whatever ended it.

    A frame that Engine.IO cannot read raises out of its handler: TCP is gone, but nobody tells the application for a
    minute (trap S8).
    """

    async def __call__(self, environ: dict[str, Any]) -> str:
        line: Line = self.handler.__self__
        send = environ["asgi.scope"].get(SEND)
        self.asgi_receive, self.asgi_send = environ["asgi.receive"], environ["asgi.send"]
        # Both are read, and would be held for as long as this lasts: 2.5 KB a person.
        environ["asgi.scope"]["headers"].clear()
        environ.clear()
        if not line.connected:
            await self._serve(line, send)
        elif not line.may_move_over():
            await self.asgi_send({"type": "websocket.close"})
        elif await line.move_over(self, send):
            await self._serve(line, send)
        return ""

    async def accept(self) -> None:
        await self.asgi_send({"type": "websocket.accept"})

    async def _serve(self, line: Line, send: Any) -> None:
        line.attach(send)
        try:
            if not line.connected:
                await self.accept()
            await self.handler(self)
        except (ValueError, KeyError, IndexError) as error:
            log.info("unreadable frame, closing: %s", type(error).__name__)
        finally:
            if not line.closed:
                line.push(None)
                await line.close(wait=False, abort=True, reason=line.server.reason.TRANSPORT_ERROR)
            line.detach()
