"""Straight to the wire: one WebSocket frame, built once, written to the transport of every recipient.

uvicorn's `send` for each of 200 recipients costs more than all the rest of an edit. Its transport is private, so it is
looked for here only, tested when a connection opens, and done without when it is not what it was: then every packet
takes the Engine.IO queue, which is the way for long polling and for slow readers in any case.
"""

import struct
from typing import Any, Protocol


class Transport(Protocol):
    """What is used of an asyncio or uvloop transport."""

    def write(self, data: bytes) -> None: ...
    def get_write_buffer_size(self) -> int: ...
    def is_closing(self) -> bool: ...
    def abort(self) -> None: ...


def transport_of(send: Any) -> Transport | None:
    """Return the transport behind an ASGI `send` of uvicorn, or None when there is none to be found."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    wanted = ("write", "get_write_buffer_size", "is_closing", "abort")
    return transport if all(callable(getattr(transport, name, None)) for name in wanted) else None


def may_write(send: Any) -> bool:
    """Whether frames of ours may stand between uvicorn's own: only where no extension keeps state over frames."""
    config = getattr(getattr(send, "__self__", None), "config", None)
    return getattr(config, "ws_per_message_deflate", True) is False


def frame(payload: bytes) -> bytes:
    """Return `payload` as one unmasked binary WebSocket frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((0x82, size)) + payload
    if size < 65_536:
        return b"\x82\x7e" + struct.pack("!H", size) + payload
    return b"\x82\x7f" + struct.pack("!Q", size) + payload
