"""Packets on their way out: encoded once, handed to every recipient's queue, with a bound on what may wait."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any

import msgpack
from engineio import packet as eio_packet
from engineio.async_socket import AsyncSocket
from socketio import packet

from rooms.live import frames

# The attribute of an Engine.IO socket under which its transport stands, if it may be written to.
DIRECT = "collab_direct"

# Summing what waits is not free; a queue this short is not worth it.
_FRAMES_UNCOUNTED = 4


class Shared(eio_packet.Packet):
    """One encoded event for many sockets.

    engineio keeps the first encoding that it made, and the second kind of transport then gets the wrong one (trap
    S6). This one gives each transport its own, each made once.
    """

    def __init__(self, payload: bytes) -> None:
        super().__init__(eio_packet.MESSAGE, payload)
        self._payload = payload
        self._base64: str | None = None
        self._frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        """The WebSocket frame, made once for all who get it."""
        if self._frame is None:
            self._frame = frames.frame(self._payload)
        return self._frame

    def encode(self, b64: bool = False) -> bytes | str:
        if not b64:
            return self._payload
        if self._base64 is None:
            self._base64 = "b" + b64encode(self._payload).decode()
        return self._base64


def event(name: str, payload: dict[str, Any]) -> Shared:
    """Encode an event of the server for everybody who shall have it."""
    return Shared(msgpack.packb({"type": packet.EVENT, "nsp": "/", "data": [name, payload]}))


def answer(ack_id: int, payload: dict[str, Any]) -> Shared:
    """Encode the answer to one event of a client."""
    return Shared(msgpack.packb({"type": packet.ACK, "nsp": "/", "id": ack_id, "data": [payload]}))


def hand_out(
    shared: Shared, sockets: Iterable[AsyncSocket], *, max_queued: int, too_slow: Callable[[AsyncSocket], None]
) -> None:
    """Send `shared` to every socket that is open: straight to its transport, or by its queue.

    A socket with more than `max_queued` bytes waiting is given to `too_slow` instead: its reader does not keep up, and
    will read what it missed from the log when it is back (trap S9).
    """
    for socket in sockets:
        if socket.closed or socket.closing:
            continue
        # Past the queue only when nothing waits, neither in it nor in the transport: the order of frames stays.
        direct: frames.Transport | None = socket.__dict__.get(DIRECT)
        if (
            direct is not None
            and socket.upgraded
            and socket.queue.empty()
            and not direct.is_closing()
            and not direct.get_write_buffer_size()
        ):
            direct.write(shared.frame)
            continue
        if socket.queue.qsize() > _FRAMES_UNCOUNTED and queued_bytes(socket.queue) > max_queued:
            too_slow(socket)
            continue
        socket.queue.put_nowait(shared)


def queued_bytes(queue: "asyncio.Queue[eio_packet.Packet | None]") -> int:
    """Return how many bytes of binary packets wait in the queue of a socket."""
    waiting: Iterable[eio_packet.Packet | None] = queue._queue  # type: ignore[attr-defined]
    return sum(len(item.data) for item in waiting if item is not None and item.binary)
