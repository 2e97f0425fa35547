"""pycrdt-websocket under uvicorn, with its SQLite store; runs in the peers' own virtual environment."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from pycrdt.store import SQLiteYStore  # type: ignore[import-not-found, unused-ignore]
from pycrdt.store.base import YDocNotFound  # type: ignore[import-not-found, unused-ignore]
from pycrdt.websocket import (  # type: ignore[import-not-found, unused-ignore]
    ASGIServer,
    WebsocketServer,
    YRoom,
)
from pycrdt.websocket.websocket_server import (  # type: ignore[import-not-found, unused-ignore]
    exception_logger,
)


class Store(SQLiteYStore):  # type: ignore[misc, unused-ignore]
    db_path = f"{os.environ['FOLDER']}/pycrdt.sqlite"


class StoredRooms(WebsocketServer):  # type: ignore[misc, unused-ignore]
    """Rooms that are filled from the store when the first one enters, and write to it from then on."""

    async def get_room(self, name: str) -> YRoom:
        if name not in self.rooms:
            store = Store(name)
            self.rooms[name] = room = YRoom(ready=False, ystore=store, log=self.log)
            await self.start_room(room)
            await store.started.wait()
            with suppress(YDocNotFound):  # a new document
                await store.apply_updates(room.ydoc)
            room.ready = True
        return await super().get_room(name)


rooms = StoredRooms(auto_clean_rooms=False, exception_handler=exception_logger)
websocket_application = ASGIServer(rooms)


@asynccontextmanager
async def lifespan(receive: Any, send: Any) -> AsyncIterator[None]:
    await receive()
    async with rooms:
        await send({"type": "lifespan.startup.complete"})
        await receive()
        yield
    await send({"type": "lifespan.shutdown.complete"})


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        async with lifespan(receive, send):
            pass
    else:
        await websocket_application(scope, receive, send)


if __name__ == "__main__":
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        log_level="warning",
        access_log=False,
    )
