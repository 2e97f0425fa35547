"""A TCP proxy on the test's own loop that is slow, or from one moment on passes nothing and closes nothing."""

import asyncio
from dataclasses import dataclass
from typing import Self

from tests.harness.ports import free_port


@dataclass(eq=False)
class _Wire:
    is_silent: bool = False


class Tunnel:
    """`async with Tunnel(port) as tunnel` listens on `tunnel.port`. `delay` holds back each piece, in seconds."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self.delay = 0.0
        self._target = target
        self._wires: set[_Wire] = set()
        self._serving: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._serving = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._serving is not None
        self._serving.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def silence(self) -> None:
        """From now on nothing passes on the connections there are, in neither direction, not even their end.

        As when a laptop is shut, or a firewall forgets: each side believes that the other is there.
        """
        for wire in self._wires:
            wire.is_silent = True

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._forward(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = _Wire()
        up_writer: asyncio.StreamWriter | None = None
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target)
            self._wires.add(wire)
            await asyncio.gather(self._pipe(wire, reader, up_writer), self._pipe(wire, up_reader, writer))
        except OSError:
            pass  # nobody listens there at the moment
        finally:
            self._wires.discard(wire)
            for one in (writer, up_writer):
                if one is not None:
                    one.transport.abort()

    async def _pipe(self, wire: _Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if not wire.is_silent:
                    writer.write(data)
                    await writer.drain()
            if wire.is_silent:
                await asyncio.Event().wait()  # until the tunnel ends
        except OSError:
            pass
        finally:
            writer.close()
