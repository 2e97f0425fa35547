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
from websockets.frames import Frame


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


class HearingProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, which offers each whole binary message to `hear` before it queues it.

    `hear(message)` returns False when it cannot take the message now; never while earlier ones wait in the queue.
    """

    hear: Callable[[bytes], bool] | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.queue = Inbox()  # type: ignore[assignment]

    def handle_bytes(self, event: Frame) -> None:
        if self.hear is None or not event.fin or not self.queue.empty() or not self.hear(bytes(event.data)):
            super().handle_bytes(event)

    def forget_handshake(self) -> None:
        """Let go of the request and the response, which nobody reads once the WebSocket is open: 4 KB a connection."""
        self.request = self.response = None  # type: ignore[assignment]


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
