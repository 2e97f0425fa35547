"""The gunicorn worker: one process, one event loop, uvicorn inside. One worker an instance (trap P1)."""

from typing import Any, ClassVar

from uvicorn_worker import UvicornWorker

from rooms.live.frames import HearingProtocol


class CollabWorker(UvicornWorker):
    """uvicorn with this product's limits (trap P7)."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "uvloop",
        "http": "httptools",
        "ws": HearingProtocol,
        "lifespan": "on",
        # Deflate doubles the memory of a connection and costs 10 to 28 % of a core; updates hardly shrink.
        "ws_per_message_deflate": False,
        # Engine.IO has its own heartbeat, which works on both transports.
        "ws_ping_interval": None,
        "ws_ping_timeout": None,
        "access_log": False,
        # Seconds that open long polls may take to end once we were told to stop.
        "timeout_graceful_shutdown": 5,
    }
