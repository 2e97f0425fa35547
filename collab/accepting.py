"""Taking connections from the kernel a few at a time.

uvloop accepts every waiting connection in one turn of the loop and reads all their requests in the next: when a
thousand people come back at once, nobody's edit moves for 300 ms before admission has heard of one of them. The
kernel's queue is a better place to wait, and costs nothing. Figures: docs/performance.md, W7.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from ssl import SSLContext

# Then whoever is connected already has a turn. At most 1,200 a second, which is what a core can greet.
AT_ONCE = 3
PAUSE_SECONDS = 0.0025


class Accepting:
    """Makes a protocol for each connection that comes to `sockets`, until `stop`."""

    def __init__(
        self, sockets: list[socket.socket], make: Callable[[], asyncio.BaseProtocol], *, ssl: SSLContext | None = None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._make = make
        self._ssl = ssl
        self._greeting: set[asyncio.Task[object]] = set()
        self._pauses: dict[socket.socket, asyncio.TimerHandle] = {}
        self._sockets = sockets
        for one in sockets:
            one.setblocking(False)
            self._listen(one)

    def stop(self) -> None:
        """Accept nobody any more. Closing the sockets is the caller's."""
        for one in self._sockets:
            self._loop.remove_reader(one)
        for pause in self._pauses.values():
            pause.cancel()
        self._pauses.clear()

    def _listen(self, listening: socket.socket) -> None:
        self._pauses.pop(listening, None)
        self._loop.add_reader(listening, self._accept, listening)

    def _accept(self, listening: socket.socket) -> None:
        """Accept some; if there may be more, let everybody else have a turn before them."""
        pause = PAUSE_SECONDS
        for _ in range(AT_ONCE):
            try:
                connection, _ = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # no file descriptors left: some close meanwhile
                pause = 1.0
                break
            connection.setblocking(False)
            task = self._loop.create_task(self._greet(connection))
            self._greeting.add(task)
            task.add_done_callback(self._greeting.discard)
        self._loop.remove_reader(listening)
        self._pauses[listening] = self._loop.call_later(pause, self._listen, listening)

    async def _greet(self, connection: socket.socket) -> None:
        with suppress(OSError):  # gone before it was greeted; TLS that was none
            await self._loop.connect_accepted_socket(self._make, connection, ssl=self._ssl)
