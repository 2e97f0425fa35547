"""How much a request may carry, and how long that may take.

Django and engineio read a whole body, onto the disk or into memory, before any of their code can object.
"""

import asyncio
import json
from typing import Any

Scope = dict[str, Any]

# What is still on its way when the answer is known already is thrown away for so long. Hanging up at once resets the
# connection, and whoever is still sending would never see the answer.
LINGER_SECONDS = 1.0
# So many at a time. Each may hold 64 KB in buffers: a flood is hung up on.
MAX_LINGERING = 16

_TOO_LARGE = {"code": "too_large", "error": "This is more than the server takes in one go."}
_TOO_SLOW = {"code": "too_slow", "error": "This took too long to arrive. Try again with a better connection."}


class LimitedBodies:
    """Answers 413 when a request says that it carries more than `most` bytes, and else when it does; 408 when
    it takes more than `seconds`, and a second more for each `slowest` bytes that have come.

    `most` None: the application knows how much it takes.
    """

    def __init__(self, app: Any, *, most: int | None, seconds: float, slowest: int) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds
        self._slowest = slowest

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        body = _Body(receive, seconds=self._seconds, slowest=self._slowest)
        if self._is_too_much(_declared(scope)):
            await body.throw_away()
            await refuse(send, 413, _TOO_LARGE)
            return
        answered = False

        async def counted() -> Any:
            message = await body.receive()
            # Nothing was said about the length, or something untrue: whoever reads lets go of what it has.
            return {"type": "http.disconnect"} if self._is_too_much(body.come) else message

        async def noted(message: Any) -> None:
            nonlocal answered
            answered = True
            if message["type"] == "http.response.start":
                await body.throw_away()
                if not body.is_whole:
                    # What is still to come of the body must not be waited for, or taken for another request.
                    message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        await self._app(scope, counted, noted)
        if answered:
            return
        if self._is_too_much(body.come):
            await body.throw_away()
            await refuse(send, 413, _TOO_LARGE)
        elif body.is_late:
            await refuse(send, 408, _TOO_SLOW)

    def _is_too_much(self, size: int) -> bool:
        return self._most is not None and size > self._most


class _Body:
    """What comes in of one request. `come` is how many bytes of it have."""

    lingering = 0  # of all requests

    def __init__(self, receive: Any, *, seconds: float, slowest: int) -> None:
        self._receive = receive
        self._slowest = slowest
        self._until = asyncio.get_running_loop().time() + seconds
        self.is_whole = False
        self.come = 0
        self.is_late = False

    async def receive(self) -> Any:
        """Return the next ASGI message: that the client is gone, once the body is late."""
        if self.is_whole:  # what is waited for now is that the client hangs up
            return await self._receive()
        if self.is_late:
            return {"type": "http.disconnect"}
        try:
            async with asyncio.timeout_at(self._until + self.come / self._slowest):
                message = await self._receive()
        except TimeoutError:
            self.is_late = True
            return {"type": "http.disconnect"}
        self.come += len(message.get("body", b""))
        self.is_whole = not message.get("more_body", False)
        return message

    async def throw_away(self) -> None:
        """Read what is still to come, for a moment."""
        if self.is_whole or self.is_late or _Body.lingering >= MAX_LINGERING:
            return
        _Body.lingering += 1
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                while not self.is_whole:
                    message = await self._receive()
                    self.is_whole = not message.get("more_body", False)
        except TimeoutError:
            pass
        finally:
            _Body.lingering -= 1


def _declared(scope: Scope) -> int:
    """Return the length that the headers state, in bytes; 0 when they state none that is a number."""
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0


async def refuse(send: Any, status: int, words: dict[str, str]) -> None:
    """Answer with a refusal, and read nothing more of that connection."""
    body = json.dumps(words).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        # The rest of the body is not read.
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
