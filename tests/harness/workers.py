"""The product's worker with one of its short cuts away: what remains must do the same."""

from typing import Any, ClassVar

from collab.worker import CollabWorker


class PublicWorker(CollabWorker):
    """uvicorn's own WebSocket class: every message takes ASGI's queue."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {**CollabWorker.CONFIG_KWARGS, "ws": "websockets-sansio"}


class DeflatingWorker(CollabWorker):
    """Compression keeps state from frame to frame: every packet takes the queue."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {**CollabWorker.CONFIG_KWARGS, "ws_per_message_deflate": True}
