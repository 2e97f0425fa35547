"""What is read of a request of Socket.IO, and the little of it that is kept until CONNECT.

engineio's own translation makes a class for each request, and keeps every header and all that hangs on the request for
as long as the line lasts: of a line by long polling that is most of what it takes.
"""

from typing import Any

from engineio.exceptions import EngineIOError

# What engineio reads of a request's headers.
_HEADERS = {
    b"origin": "HTTP_ORIGIN",
    b"host": "HTTP_HOST",
    b"upgrade": "HTTP_UPGRADE",
    b"connection": "HTTP_CONNECTION",
    b"content-length": "CONTENT_LENGTH",
    b"access-control-request-headers": "HTTP_ACCESS_CONTROL_REQUEST_HEADERS",
}


class Gone(Exception):
    """The client hung up before its request was read."""


class _Body:
    """What a request carries, beginning with its first ASGI message."""

    __slots__ = ("_first", "_receive")

    def __init__(self, first: dict[str, Any], receive: Any) -> None:
        self._first = first
        self._receive = receive

    async def read(self, length: int) -> bytes:
        """Return the first `length` bytes, once all have come.

        Raises EngineIOError for a body that ends early: engineio would act on the part.
        """
        message = self._first
        body: bytes = message.get("body", b"")
        while message.get("more_body"):
            message = await self._receive()
            if message["type"] != "http.request":
                raise EngineIOError("the body ended early")
            if len(body) < length:
                body += message.get("body", b"")
        return body[:length]


async def translate(scope: dict[str, Any], receive: Any, send: Any) -> dict[str, Any]:
    """Return a request as engineio reads it. Raises Gone."""
    first = await receive()
    if first["type"] not in {"http.request", "websocket.connect"}:
        raise Gone
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.get("method", "GET"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "asgi.receive": receive,
        "asgi.send": send,
        "asgi.scope": scope,
    }
    if scope["type"] == "http":
        environ["wsgi.input"] = _Body(first, receive)
    for name, value in scope["headers"]:
        if (key := _HEADERS.get(name.lower())) is not None:
            text = value.decode("latin-1")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


def has_session(environ: dict[str, Any]) -> bool:
    """Whether a request brings a session, of whomever."""
    session = environ["asgi.scope"].get("session")
    return session is not None and bool(session.session_key)


def kept(environ: dict[str, Any]) -> dict[str, Any]:
    """Return what is read at CONNECT of the request that began a line: whose session it is, and where it came from."""
    scope = environ["asgi.scope"]
    return {
        "asgi.scope": {
            "client": scope.get("client"),
            "headers": [header for header in scope["headers"] if header[0] == b"x-forwarded-for"],
            "session": scope.get("session"),
        }
    }
