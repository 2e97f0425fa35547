"""How much a request may carry: Django reads the whole body, onto the disk, before any of its code can object."""

import json
from typing import Any

Scope = dict[str, Any]

_WORDS = {"code": "too_large", "error": "This is more than the server takes in one go."}


class LimitedBodies:
    """Answers 413 at once when a request says that it carries more than `most` bytes, and else when it does."""

    def __init__(self, app: Any, *, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if _declared(scope) > self._most:
            await _refuse(send)
            return
        come = 0
        answered = False

        async def counted() -> Any:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            # Nothing was said about the length, or something untrue: Django lets go of what it has.
            return {"type": "http.disconnect"} if come > self._most else message

        async def noted(message: Any) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self._app(scope, counted, noted)
        if come > self._most and not answered:
            await _refuse(send)


def _declared(scope: Scope) -> int:
    """Return the length that the headers state, in bytes; 0 when they state none that is a number."""
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0


async def _refuse(send: Any) -> None:
    body = json.dumps(_WORDS).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        # The rest of the body is not read.
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
