"""A TCP proxy between a browser and the server: it can be cut, as when a train enters a tunnel, and it can refuse
WebSocket, as some companies' networks do."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from tests.harness.ports import free_port

Result = TypeVar("Result")


class Proxy:
    """Forwards 127.0.0.1:`port` to another port; runs in a thread of its own."""

    def __init__(self, *, websocket: bool = True) -> None:
        self._websocket = websocket
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._target = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open: set[asyncio.StreamWriter] = set()
        self._listener: asyncio.Server | None = None

    def start(self, target: int) -> "Proxy":
        self._target = target
        self._thread.start()
        self._do(self._listen)
        return self

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._do(self._break)

    def mend(self) -> None:
        self._do(self._listen)

    def stop(self) -> None:
        self._do(self._break)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Callable[[], Awaitable[Result]]) -> Result:
        async def run() -> Result:
            return await work()

        future: Future[Result] = asyncio.run_coroutine_threadsafe(run(), self._loop)
        return future.result(timeout=10)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._forward, "127.0.0.1", self.port)

    async def _break(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        self._open |= {writer, up_writer}
        try:
            head = await reader.read(65536)
            if not self._websocket and b"upgrade: websocket" in head.lower():
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            up_writer.write(head)
            await asyncio.gather(self._pipe(reader, up_writer), self._pipe(up_reader, writer))
        finally:
            for one in (writer, up_writer):
                one.close()
                self._open.discard(one)

    @staticmethod
    async def _pipe(reader: asyncio.StreamReader, writer: Any) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except (ConnectionError, OSError):
            pass
        finally:
            if not writer.is_closing():
                writer.close()
