"""Requests that begin a line to /socket.io/, on both transports: told apart, and turned away before anything is made
for them."""

from typing import Any
from urllib.parse import parse_qs

from collab.bodies import refuse

_BUSY = {"code": "busy", "error": "Too many come at once. Try again in a moment."}


def is_handshake(scope: dict[str, Any]) -> bool:
    """Whether a request names no line that stands."""
    return "sid" not in asked(scope)


def asked(scope: dict[str, Any], *, blank: bool = False) -> dict[str, list[str]]:
    """Return what a request asks for, read as engineio reads it: names may be written in other ways than one.

    With `blank` also what has no value, which engineio leaves out.
    """
    return parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=blank)


async def turn_away(scope: dict[str, Any], send: Any, status: int, words: dict[str, str]) -> None:
    """Refuse a request: of a WebSocket all that a browser tells its page is that it did not open."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
    else:
        await refuse(send, status, words)


async def refuse_for_now(scope: dict[str, Any], send: Any) -> None:
    await turn_away(scope, send, 503, _BUSY)
