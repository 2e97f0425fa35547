"""Packets on their way out: encoded once, handed to every recipient's line, with a bound on what may wait."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgpack
from engineio import packet as eio_packet
from socketio import packet

from rooms.live import frames

# A polling client is between two polls while an answer of any size waits for it, and a few frames more.
_FRAMES_UNCOUNTED = 4

# What a packet in a queue takes beside its bytes.
PACKET_BYTES = 512

Answer = dict[str, Any]

# One packer for the loop's thread: a new one for each packet costs more than packing it.
pack: Callable[[Any], bytes] = msgpack.Packer().pack


class Line(Protocol):
    """What is used here of the socket of a client (`lines.Line`)."""

    sid: str
    closed: bool
    closing: bool
    # Where a whole frame may be written now, or None: then it takes the queue.
    straight: frames.Transport | None
    transport: frames.Transport | None

    @property
    def queue(self) -> "Queue": ...
    def push(self, packet: eio_packet.Packet | None) -> None: ...
    def drop_queued(self) -> None: ...
    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None: ...


class Queue(asyncio.Queue["eio_packet.Packet | None"]):
    """Packets that wait for one client; `held` is how many bytes they take."""

    def __init__(self) -> None:
        super().__init__()
        self.held = 0

    def _put(self, item: eio_packet.Packet | None) -> None:
        super()._put(item)
        self.held += _size(item)

    def _get(self) -> eio_packet.Packet | None:
        item = super()._get()
        self.held -= _size(item)
        return item


def _size(one: eio_packet.Packet | None) -> int:
    return PACKET_BYTES + len(one.data) if one is not None and one.binary else PACKET_BYTES


class Shared(eio_packet.Packet):
    """One encoded event for many sockets.

    engineio keeps the first encoding that it made, and the second kind of transport then gets the wrong one (trap
    S6). This one gives each transport its own, each made once.
    """

    def __init__(self, payload: bytes) -> None:
        super().__init__(eio_packet.MESSAGE, payload)
        self._payload = payload
        self._base64: str | None = None

    @property
    def frame(self) -> bytes:
        """The WebSocket frame, made anew: kept, it would be a second copy of all that waits for slow readers."""
        return frames.binary(self._payload)

    def encode(self, b64: bool = False) -> bytes | str:
        if not b64:
            return self._payload
        if self._base64 is None:
            self._base64 = "b" + b64encode(self._payload).decode()
        return self._base64


class Control(Shared):
    """A packet of Engine.IO itself: text on both transports."""

    def __init__(self, packet_type: int, data: Any = None) -> None:
        eio_packet.Packet.__init__(self, packet_type, data)
        self._text: str = eio_packet.Packet.encode(self)
        self._frame = frames.text(self._text)

    @property
    def frame(self) -> bytes:
        return self._frame

    def encode(self, b64: bool = False) -> str:
        return self._text


def shared(one: eio_packet.Packet) -> Shared:
    """Return a packet of engineio as one of ours."""
    if isinstance(one, Shared):
        return one
    return Shared(one.data) if one.binary else Control(one.packet_type, one.data)


class Later:
    """An event whose answer comes later. `hear` is called with it, if somebody set it."""

    __slots__ = ("ack_id", "hear", "line")

    def __init__(self) -> None:
        self.line: Line | None = None
        self.ack_id = 0
        self.hear: Callable[[Answer], None] | None = None


def event(name: str, payload: dict[str, Any]) -> Shared:
    """Encode an event of the server for everybody who shall have it."""
    return Shared(pack({"type": packet.EVENT, "nsp": "/", "data": [name, payload]}))


# The map of an answer with its fields in this order: what comes before the number, and what after it.
_ANSWER = b"\x84\xa4type" + pack(packet.ACK) + b"\xa3nsp\xa1/\xa2id"
_DATA = b"\xa4data\x91"


def answer(ack_id: int, payload: Answer) -> Shared:
    """Encode the answer to one event of a client."""
    return Shared(_ANSWER + pack(ack_id) + _DATA + pack(payload))


def answer_all(asked: Iterable[Later], payload: Answer, *, max_queued: int, too_slow: Callable[[Line], None]) -> None:
    """Give the same answer to many events: encoded once but for their numbers, one write a line."""
    data = _DATA + pack(payload)
    together: dict[Line, list[bytes]] = {}
    for one in asked:
        if one.hear is not None:
            one.hear(payload)
        line = one.line
        if line is None:
            continue
        encoded = _ANSWER + pack(one.ack_id) + data
        if line.straight is None or line.straight.get_write_buffer_size() > frames.ENOUGH_BYTES:
            hand_out(Shared(encoded), (line,), max_queued=max_queued, too_slow=too_slow)
        else:
            together.setdefault(line, []).append(frames.binary(encoded))
    for line, parts in together.items():
        straight = line.straight
        if straight is not None and not (line.closed or line.closing or straight.is_closing()):
            straight.write(b"".join(parts))


def hand_out(shared: Shared, lines: Iterable[Line], *, max_queued: int, too_slow: Callable[[Line], None]) -> None:
    """Send `shared` to every line that is open: straight to its transport, or by its queue.

    A line with more than `max_queued` bytes waiting is given to `too_slow` instead: its reader does not keep up, and
    will read what it missed from the log when it is back (trap S9).
    """
    frame = shared.frame
    for line in lines:
        if line.closed or line.closing:
            continue
        straight = line.straight
        if straight is not None and straight.get_write_buffer_size() <= frames.ENOUGH_BYTES:
            if not straight.is_closing():
                straight.write(frame)
        elif _is_too_much(line, max_queued):
            too_slow(line)
        else:
            line.straight = None  # until its queue is empty
            line.push(shared)


def waiting(line: Line) -> int:
    """Return how many bytes wait for the reader of a line."""
    if line.straight is not None:  # nothing is in its queue, and there may be none
        return line.straight.get_write_buffer_size()
    return line.queue.held + (line.transport.get_write_buffer_size() if line.transport is not None else 0)


def _is_too_much(line: Line, max_queued: int) -> bool:
    if line.transport is None and line.queue.qsize() <= _FRAMES_UNCOUNTED:
        return False
    return waiting(line) > max_queued
