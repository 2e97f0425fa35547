"""Requests that begin a line to /socket.io/, on both transports: told apart, and turned away before anything is made
for them."""

from typing import Any

from collab.bodies import refuse

_BUSY = {"code": "busy", "error": "Too many come at once. Try again in a moment."}


def is_handshake(scope: dict[str, Any]) -> bool:
    """Whether a request names no line that stands."""
    return not any(part.startswith(b"sid=") for part in scope["query_string"].split(b"&"))


async def turn_away(scope: dict[str, Any], send: Any, status: int, words: dict[str, str]) -> None:
    """Refuse a request: of a WebSocket all that a browser tells its page is that it did not open."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
    else:
        await refuse(send, status, words)


async def refuse_for_now(scope: dict[str, Any], send: Any) -> None:
    await turn_away(scope, send, 503, _BUSY)
