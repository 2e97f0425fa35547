"""Our Socket.IO server alone, over a real port of this process: what becomes of an event is the test's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import socketio
import uvicorn

from rooms.live.frames import HearingProtocol
from rooms.live.lines import SEND, Line
from rooms.live.transport import Server
from tests.harness.client import eventually
from tests.harness.ports import free_port

BOUND = 262_144


@dataclass
class Way:
    """One of the ways between the server and a WebSocket."""

    protocol: Any = HearingProtocol
    deflate: bool = False
    # False: the ASGI server's own `send` cannot be looked into.
    sees_transport: bool = True

    @property
    def straight(self) -> bool:
        """Whether frames may be written past the ASGI server."""
        return self.sees_transport and not self.deflate


WAYS = {
    "straight": Way(),
    "public": Way("websockets-sansio"),
    "deflate": Way(deflate=True),
    "deflate, public": Way("websockets-sansio", deflate=True),
    "no transport": Way(sees_transport=False),
}


@dataclass
class Bare:
    """`handled` has every event in the order in which it was begun. "slow" waits until `go_on` is set."""

    url: str
    handled: list[tuple[str, Any]] = field(default_factory=list)
    at_once: int = 0
    gone: list[str] = field(default_factory=list)
    # Lines that came to nothing.
    wasted: int = 0
    # Polls that wait for something to be said, and uvicorn's side of each WebSocket.
    polls: int = 0
    sockets: list[Any] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    # The code with which whoever connects is refused.
    refusal: str | None = None
    server: Any = None

    def lines(self) -> list[Line]:
        return list(self.server.eio.sockets.values())

    async def dispatch(self, sid: str, event: str, frame: Any) -> dict[str, Any]:
        self.handled.append((event, frame))
        if event == "slow":
            await self.go_on.wait()
        return {"ok": True}

    def waste(self) -> None:
        self.wasted += 1

    def dispatch_now(self, sid: str, event: str, frame: Any) -> dict[str, Any] | None:
        if event == "slow":
            return None
        self.handled.append((event, frame))
        self.at_once += 1
        return {"ok": True}


@asynccontextmanager
async def bare_server(
    way: Way | None = None, *, connect_within: float = 10, max_waiting: int = 2_000, **options: Any
) -> AsyncIterator[Bare]:
    """Serve for as long as the context lasts. `options` go to the Socket.IO server."""
    way = way or Way()
    bare = Bare(f"http://127.0.0.1:{free_port()}")
    bare.server = server = Server(
        dispatch=bare.dispatch,
        dispatch_now=bare.dispatch_now,
        connect_within=connect_within,
        max_waiting=max_waiting,
        max_queued=BOUND,
        wasted=bare.waste,
        cors_allowed_origins=[],
        **options,
    )

    async def welcome(sid: str, environ: Any, auth: Any) -> None:
        if bare.refusal is not None:
            raise socketio.exceptions.ConnectionRefusedError(bare.refusal)

    async def gone(sid: str, reason: str) -> None:
        bare.gone.append(reason)

    server.on("connect", welcome)
    server.on("disconnect", gone)
    inner = socketio.ASGIApp(server)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        async def wrapped(message: Any) -> None:
            await send(message)

        scope[SEND] = send if way.sees_transport else wrapped
        is_poll = scope.get("method") == "GET"
        bare.polls += is_poll
        if scope["type"] == "websocket":
            bare.sockets.append(send.__self__)
        await inner(scope, receive, send)
        bare.polls -= is_poll

    config = uvicorn.Config(
        application,
        port=int(bare.url.rpartition(":")[2]),
        lifespan="off",
        log_config=None,
        log_level="critical",
        ws=way.protocol,
        ws_per_message_deflate=way.deflate,
        ws_ping_interval=None,
    )
    serving = uvicorn.Server(config)
    running = asyncio.create_task(serving.serve())
    await eventually(lambda: serving.started, what="started")
    try:
        yield bare
    finally:
        bare.go_on.set()
        serving.should_exit = serving.force_exit = True
        await running
        for task in server._tasks:
            task.cancel()
        await server.shutdown()
