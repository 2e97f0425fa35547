"""The gunicorn worker: one process, one event loop, uvicorn inside. One worker an instance (trap P1).

Told to stop, it lets everybody leave before it closes anything (rooms/live/drain.py): uvicorn alone would close every
WebSocket at once, which is a storm, and wait for open polls until it is killed (trap P2).
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any, ClassVar, cast

from django.conf import settings
from gunicorn.arbiter import Arbiter
from uvicorn.config import Config
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker

from collab.accepting import Accepting
from collab.heads import PromptProtocol
from rooms.live.frames import HearingProtocol

log = logging.getLogger(__name__)


class CollabWorker(UvicornWorker):
    """uvicorn with this product's limits (trap P7)."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "uvloop",
        "http": PromptProtocol,
        "ws": HearingProtocol,
        "lifespan": "on",
        # Deflate doubles the memory of a connection and costs 10 to 28 % of a core; updates hardly shrink.
        "ws_per_message_deflate": False,
        # Engine.IO has its own heartbeat, which works on both transports.
        "ws_ping_interval": None,
        "ws_ping_timeout": None,
        "access_log": False,
        # uvicorn would believe what anybody says who connects from 127.0.0.1. COLLAB_PROXY_COUNT says who is believed
        # (trap S14).
        "proxy_headers": False,
        "server_header": False,
        # Seconds that pages being made may take to end once everybody has left.
        "timeout_graceful_shutdown": 5,
    }

    async def _serve(self) -> None:
        self.config.app = self.wsgi
        # uvicorn's own bound is 16 MiB (trap P7). A little over ours, so that ours says what was wrong.
        self.config.ws_max_size = settings.COLLAB_MAX_UPDATE_BYTES * 4 // 3 + 65_536
        server = DrainingServer(self.config, parent=self.ppid)
        # What gunicorn's master sends at Ctrl-C. uvicorn-worker's own handler does not reach the server (trap P2).
        asyncio.get_running_loop().add_signal_handler(signal.SIGQUIT, server.stop_now)
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)


class DrainingServer(Server):
    """uvicorn's server, which drains at the first TERM and stops after it; anything else stops it at once.

    `parent` is the process whose end it does not outlive. It takes connections by itself, a few at a time.
    """

    _draining: "asyncio.Future[None] | None" = None
    _accepting: Accepting | None = None

    def __init__(self, config: Config, *, parent: int) -> None:
        super().__init__(config)
        self._parent = parent

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets=[])
        make: Callable[[], asyncio.BaseProtocol] = partial(
            cast(Any, self.config.http_protocol_class),
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            _loop=self._loop,
        )
        self._accepting = Accepting(sockets or [], make, ssl=self.config.ssl)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._accepting is not None:
            self._accepting.stop()
        await super().shutdown(sockets=sockets)

    async def on_tick(self, counter: int) -> bool:
        """End with gunicorn's master: without it nothing would start a new worker, or stop this one."""
        if os.getppid() != self._parent:
            log.error("the process that started this one is gone")
            return True
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGTERM and self.started and self._draining is None:
            self._loop.call_soon_threadsafe(self._drain, sig, frame)
        else:
            super().handle_exit(sig, frame)

    def stop_now(self) -> None:
        self.should_exit = True

    def _drain(self, sig: int, frame: FrameType | None) -> None:
        if self._draining is None:
            self._draining = asyncio.ensure_future(self._drain_and_stop(sig, frame))

    async def _drain_and_stop(self, sig: int, frame: FrameType | None) -> None:
        from collab.asgi import live  # it is loaded: by gunicorn, which serves it

        try:
            await live.drain()
        except Exception:
            log.exception("draining failed, stopping without it")
        super().handle_exit(sig, frame)
