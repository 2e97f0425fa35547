"""The ASGI application: Django for the pages, Socket.IO beside it.

Channels' session and auth middleware wrap the Socket.IO part only, on both transports; Django brings its own, and
`lifespan` goes past them (trap S13).
"""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collab.settings")
django_application = get_asgi_application()

import socketio
from channels.auth import AuthMiddleware
from channels.sessions import SessionMiddlewareStack
from django.conf import settings

from collab import health
from collab.bodies import LimitedBodies
from collab.handshakes import is_handshake, refuse_for_now
from collab.headers import headed, standard
from collab.origins import is_foreign, refuse_foreign
from rooms.live.app import Live
from rooms.live.lines import SEND
from rooms.live.probes import address_of

SOCKET_PATH = "/socket.io/"


class SocketAuthMiddleware(AuthMiddleware):
    """Channels' auth middleware, whose look-up `Live` makes at CONNECT.

    A handshake may be old by then, so the session is read there in any case, for all who connect in the same moment in
    one query. A look-up of its own for each handshake would be a thread and two queries a person.
    """

    async def resolve_scope(self, scope: dict[str, Any]) -> None:
        """Leave `scope["user"]` unresolved: whoever touches it before CONNECT gets Channels' error."""


async def _scope(scope: dict[str, Any], receive: Any, send: Any) -> dict[str, Any]:
    """Where the middleware leads: what it has found out."""
    return scope


HEADERS = standard()
PROXIES = settings.COLLAB_PROXY_COUNT
PATIENCE = {"seconds": settings.COLLAB_REQUEST_SECONDS, "slowest": settings.COLLAB_SLOWEST_BYTES_PER_SECOND}
# One file, and room for the form around it.
pages_application = LimitedBodies(django_application, most=settings.COLLAB_MAX_FILE_BYTES + 1_048_576, **PATIENCE)
live = Live()
identified = SessionMiddlewareStack(SocketAuthMiddleware(_scope))
socket_application = socketio.ASGIApp(live.sio, socketio_path=SOCKET_PATH)


async def sessions(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Socket.IO behind the middleware, not within it: four copies of the scope, 6 KB, for as long as a line lasts."""
    await socket_application(await identified(scope, receive, send), receive, send)


polling = LimitedBodies(sessions, most=None, **PATIENCE)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    if scope["type"] == "http":
        send = headed(send, HEADERS)
    if scope["path"].startswith(SOCKET_PATH):
        scope = {**scope, SEND: send}  # not in uvicorn's own, which `send` holds
        if is_foreign(scope):
            await refuse_foreign(scope, send)
        elif is_handshake(scope) and not await live.door.pass_through(address_of(scope, proxies=PROXIES)):
            live.floods.note()
            await refuse_for_now(scope, send)
        else:
            await (polling if scope["type"] == "http" else sessions)(scope, receive, send)
    elif scope["type"] == "http" and await health.answer(scope["path"], live.readiness, send):
        pass
    elif scope["type"] == "http":
        await pages_application(scope, receive, send)
    else:  # a WebSocket anywhere else
        await send({"type": "websocket.close"})


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await live.start()
            await send({"type": "lifespan.startup.complete"})
        else:
            await live.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
