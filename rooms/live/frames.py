"""Straight to the wire and from it: the two short cuts through uvicorn 0.54, each with the public way as its fallback.

Out: one WebSocket frame, built once, is written to the transport of every recipient. uvicorn's `send` for each of 200
recipients costs more than all the rest of an edit. Its transport is private, so it is looked for here only, tested
when a connection opens, and done without when it is not what it was: then every packet takes the Engine.IO queue,
which is the way for long polling and for slow readers in any case.

In: a frame is heard where it was parsed. ASGI's way is a queue, a wake-up of the reading task, and a pause and a resume
of the transport, for each message. Any other WebSocket class of uvicorn does: then all messages take that way.
"""

import asyncio
import struct
from collections.abc import Callable
from typing import Any, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, apply_mask  # type: ignore[attr-defined]
from websockets.protocol import State

from rooms.core.rates import Bucket

# Who is told the end answers within a round trip. uvicorn waits ten seconds for it, with all that a connection takes.
CLOSE_SECONDS = 3.0
# With what a slow reader has still to read before it. Who reads nothing would keep it for ever.
END_SECONDS = 10.0
# A transport with more than this waits for its reader, and takes 0.8 KB more for each frame, however small. A queue
# has one for all readers.
ENOUGH_BYTES = 65_536
# A browser begins with frames once it was told that it may.
EARLY_BYTES = 4_096
# Frames of a connection that are neither a message of ours nor much of one: text, pings and pongs, small pieces. Each
# costs about as much as a letter, and none is counted elsewhere. A browser sends one a heartbeat; a library with pings
# of its own, or one that takes every message to pieces, some more.
SMALL_FRAMES_PER_SECOND = 20.0
SMALL_FRAMES_SECONDS = 20.0
# Of a message in pieces only smaller ones count: pieces of a paste are kilobytes, and what they come to has a bound.
SMALL_BYTES = 512
# Read before it is looked at what came of it. A socket gives 256 KiB at a time: 40,000 frames.
SLICE_BYTES = 4_096

_UNREADABLE = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
)


class Inbox:
    """What uvicorn uses of asyncio.Queue, for one reader: without its three deques and its event, 2.3 KB a
    connection."""

    __slots__ = ("_items", "_reader")

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._reader: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self._items

    def put_nowait(self, item: Any) -> None:
        self._items.append(item)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> Any:
        while not self._items:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        return self._items.pop(0)


class Writable:
    """uvicorn's event for whether more may be written, made only when it may not: 2.3 KB a connection."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event: asyncio.Event | None = None

    def set(self) -> None:
        if self._event is not None:
            self._event.set()
            self._event = None

    def clear(self) -> None:
        if self._event is None:
            self._event = asyncio.Event()

    async def wait(self) -> None:
        if self._event is not None:
            await self._event.wait()


class HearingProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, which offers each whole binary message to `hear` before it queues it.

    `hear(message)` returns False when it cannot take the message now; it is never asked while earlier ones wait in the
    queue. Frames that are all there and nothing special are read here, without a generator and a frame object
    for each. The parser of `websockets` gets all else, and then every byte until the next frame begins.
    """

    # Most of them uvicorn's: with all attributes in its dict, that is too large for the keys that instances share, and
    # 1.5 KB.
    __slots__ = (
        "_early_bytes", "_end", "_held", "_is_deaf", "_small",
        "app_state", "asgi_version", "client", "connections", "curr_msg_data_type", "default_headers",
        "initial_response", "last_ping_rtt", "pending_ping_payload", "ping_interval", "ping_sent_at", "ping_timeout",
        "ping_timer", "pong_timer", "root_path", "scheme", "server", "tasks",
    )  # fmt: skip

    hear: Callable[[bytes], bool] | None = None
    # How much of a frame that the parser has begun is still to come; None: unknown, it gets all from now on.
    _to_come: int | None = 0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.queue = Inbox()  # type: ignore[assignment]
        self.writable = Writable()  # type: ignore[assignment]
        self.close_timeout = CLOSE_SECONDS
        self._early_bytes = 0
        self._end: asyncio.TimerHandle | None = None
        # What came and is not parsed yet: the transport pauses for each message that waits, and one read has thousands.
        self._held = b""
        self._small: Bucket | None = None
        # Nothing more is read of it: there were too many small frames.
        self._is_deaf = False
        self.conn.debug = False  # else, with a talkative log, each frame would stand in it

    def end_soon(self) -> None:
        """Be closed within a while, read or not."""
        if self._end is None and not self.disconnected:
            self._end = self.loop.call_later(END_SECONDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)
        self.conn.parser.close()  # it holds what holds it: all of a connection would wait for the garbage collector

    def data_received(self, data: bytes) -> None:
        if not self.handshake_complete:
            self._read_early(data)
        elif self._to_come is None or self._held:
            self._to_come = None
            self._parse(data)
        else:
            self._read(data)

    def _read(self, data: bytes) -> None:
        if self._to_come:
            rest, data = data[: self._to_come], data[self._to_come :]
            self._to_come -= len(rest)
            super().data_received(rest)
        taken = self._hear_frames(data)
        if taken < len(data):
            rest = data[taken:]
            self._to_come = beyond(rest)
            self._parse(rest)

    def _read_early(self, data: bytes) -> None:
        """Read the head, which comes as a whole; and frames of somebody who was not told yet that they may."""
        if not self.handshake_initiated:
            if not data.endswith(b"\r\n\r\n"):
                self._to_come = None
            super().data_received(data)
            if not self.handshake_initiated:
                # The parser of `websockets` takes fewer and shorter headers than the one before it, and uvicorn does
                # not ask what became of it.
                self.handshake_complete = self.close_sent = True
                self.transport.write(_UNREADABLE)
                self.transport.close()
            return
        self._to_come = None
        self._early_bytes += len(data)
        if self._early_bytes > EARLY_BYTES:
            self.transport.abort()
        else:
            super().data_received(data)

    def _parse(self, data: bytes) -> None:
        """Give the parser as much as is wanted now, a little at a time."""
        data = self._held + data
        at = 0
        while at < len(data) and self._is_wanted():
            super().data_received(data[at : at + SLICE_BYTES])
            at += SLICE_BYTES
        self._held = data[at:]

    def _is_wanted(self) -> bool:
        """Whether to read on now. Once the end was said, nothing is kept any more."""
        return not (self._is_deaf or self.transport.is_closing() or (self.read_paused and not self.close_sent))

    async def receive(self) -> Any:
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.loop.call_soon(self._read_on)  # once the reader has begun with this one
        return message

    def _read_on(self) -> None:
        if not (self.read_paused and self.queue.empty()) or self.transport.is_closing():
            return
        self.read_paused = False
        self._parse(b"")
        if self._is_wanted():
            self.transport.resume_reading()

    def _hear_frames(self, data: bytes) -> int:
        """Have whole binary messages heard for as long as that goes well; return how many bytes they took."""
        at = 0
        while self.hear is not None and (frame := whole_frame(data, at)) is not None:
            if not self.queue.empty() or not self.hear(frame[0]):
                break
            at = frame[1]
        return at

    def handle_bytes(self, event: Frame) -> None:
        if not event.fin or self.close_sent:
            self._take_piece(event, super().handle_bytes)
        elif self.hear is None or not self.queue.empty() or not self.hear(bytes(event.data)):
            super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        self._take_piece(event, super().handle_cont)

    def handle_text(self, event: Frame) -> None:
        if self._may_be_small():
            super().handle_text(event)

    def handle_pong(self, event: Frame) -> None:
        if self._may_be_small():
            super().handle_pong(event)

    def handle_ping(self) -> None:
        if self._may_be_small() and self.transport.get_write_buffer_size() <= ENOUGH_BYTES:
            super().handle_ping()
        else:
            self.conn.data_to_send()  # nobody reads the answers

    def _take_piece(self, event: Frame, take: Callable[[Frame], None]) -> None:
        if (len(event.data) >= SMALL_BYTES and not self.close_sent) or self._may_be_small():
            take(event)

    def _may_be_small(self) -> bool:
        """Count a frame that is nearly nothing. Whoever floods with them is cut off."""
        if self._is_deaf:
            return False
        if self._small is None:
            self._small = Bucket(SMALL_FRAMES_PER_SECOND, SMALL_FRAMES_SECONDS)
        if not self._small.take(1, self.loop.time()):
            return True
        self._is_deaf = True
        if self.close_sent:
            self.transport.pause_reading()  # it was told, and has until the end of the wait to read it
        else:
            self.logger.info("too many frames of nothing, closing")
            self.transport.abort()
        return False

    def forget_handshake(self) -> None:
        """Let go of the request and the response, which nobody reads once the WebSocket is open: 7 KB a connection.

        The parser holds the request too, as long as it is the one that read it.
        """
        self.request = self.response = None  # type: ignore[assignment]
        conn = self.conn
        if conn.state is State.OPEN and self._to_come == 0 and not (conn.reader.buffer or self._held):
            # It is between two frames.
            conn.parser = conn.parse()
            next(conn.parser)


def whole_frame(data: bytes, at: int) -> tuple[bytes, int] | None:
    """Return the message of the frame at `at`, and the position after it (RFC 6455, section 5.2).

    None unless it is all there, masked, unfragmented, binary, without extensions, and shorter than 64 KiB.
    """
    if len(data) < at + 6 or data[at] != 0x82 or data[at + 1] < 0x80:
        return None
    size = data[at + 1] & 0x7F
    start = at + 6
    if size == 126:
        start = at + 8
        size = data[at + 2] << 8 | data[at + 3]
    elif size == 127:
        return None
    end = start + size
    return (apply_mask(data[start:end], data[start - 4 : start]), end) if end <= len(data) else None


def beyond(data: bytes) -> int | None:
    """Return how many bytes are still to come of the last frame that begins in `data`.

    None where that cannot be said: within the first bytes of a frame, and once a message comes in fragments.
    """
    at = 0
    while at < len(data):
        head = data[at : at + 10]
        if len(head) < 2 or not head[0] & 0x80:
            return None
        size = head[1] & 0x7F
        start = at + (6 if head[1] & 0x80 else 2)
        if size >= 126:
            length = head[2:4] if size == 126 else head[2:10]
            if len(length) < (2 if size == 126 else 8):
                return None
            start += len(length)
            size = int.from_bytes(length, "big")
        at = start + size
    return at - len(data)


def bound(send: Any, most: int | None) -> None:
    """Have messages of more than `most` bytes refused on the connection behind `send`; None: what uvicorn refuses."""
    protocol = getattr(send, "__self__", None)
    if isinstance(protocol, HearingProtocol):
        protocol.conn.max_message_size = protocol.config.ws_max_size if most is None else most


def end_soon(send: Any) -> None:
    """Have the connection behind `send` closed within a while, even if nobody reads what waits before its end."""
    protocol = getattr(send, "__self__", None)
    if isinstance(protocol, HearingProtocol):
        protocol.end_soon()


class Transport(Protocol):
    """What is used of an asyncio or uvloop transport."""

    def write(self, data: bytes) -> None: ...
    def get_write_buffer_size(self) -> int: ...
    def is_closing(self) -> bool: ...
    def abort(self) -> None: ...


def listen(send: Any, hear: Callable[[bytes], bool] | None) -> None:
    """Have `hear` offered what comes in on the connection behind an ASGI `send`, where its protocol can do that."""
    protocol = getattr(send, "__self__", None)
    if isinstance(protocol, HearingProtocol):
        protocol.hear = hear
        protocol.forget_handshake()


def transport_of(send: Any) -> Transport | None:
    """Return the transport behind an ASGI `send` of uvicorn, or None when there is none to be found."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    wanted = ("write", "get_write_buffer_size", "is_closing", "abort")
    return transport if all(callable(getattr(transport, name, None)) for name in wanted) else None


def may_write(send: Any) -> bool:
    """Whether frames of ours may stand between uvicorn's own: only where no extension keeps state over frames."""
    config = getattr(getattr(send, "__self__", None), "config", None)
    return getattr(config, "ws_per_message_deflate", True) is False


def binary(payload: bytes) -> bytes:
    """Return `payload` as one unmasked binary WebSocket frame (RFC 6455, section 5.2)."""
    return _head(0x82, len(payload)) + payload


def text(words: str) -> bytes:
    """Return `words` as one unmasked text frame."""
    payload = words.encode()
    return _head(0x81, len(payload)) + payload


def _head(first: int, size: int) -> bytes:
    if size < 126:
        return bytes((first, size))
    if size < 65_536:
        return struct.pack("!BBH", first, 126, size)
    return struct.pack("!BBQ", first, 127, size)
