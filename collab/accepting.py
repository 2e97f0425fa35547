"""Taking connections from the kernel a few at a time.

uvloop accepts every waiting connection in one turn of the loop and reads all their requests in the next: when a
thousand people come back at once, nobody's edit moves for 300 ms before admission has heard of one of them. The
kernel's queue is a better place to wait, and costs nothing. Figures: docs/performance.md, W7.

In a flood of lines that come to nothing (`rooms/live/floods.py`) one at a time is greeted, and so slowly that those who
are in hardly notice; figures: docs/faults.md. Then the kernel's queue is full of the flood, so connections wait here
instead, by where they come from, and each address has its turn: whoever comes from anywhere else waits for nobody.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from ssl import SSLContext

# Then whoever is connected already has a turn. At most 1,200 a second, which is what a core can greet.
AT_ONCE = 3
PAUSE_SECONDS = 0.0025
# While somebody floods this process, one at a time: at most 125 a second, an eighth of a core.
FLOODED_PAUSE_SECONDS = 0.008
# Meanwhile so many are looked at each time, to see where they come from: a thousand a second.
FLOODED_LOOKS = 8
# So many wait here. Of more, the newest is closed of those who come from where most do.
MOST_HELD = 256


class Accepting:
    """Makes a protocol for each connection that comes to `sockets`, until `stop`. `is_flooded()`: slowly, please."""

    def __init__(
        self,
        sockets: list[socket.socket],
        make: Callable[[], asyncio.BaseProtocol],
        *,
        ssl: SSLContext | None = None,
        is_flooded: Callable[[], bool] = lambda: False,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._make = make
        self._ssl = ssl
        self._is_flooded = is_flooded
        self._greeting: set[asyncio.Task[object]] = set()
        # Where they come from → the connections that wait, the oldest first. The address whose turn it is comes first.
        self._held: dict[str, deque[socket.socket]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._sockets = sockets
        for one in sockets:
            one.setblocking(False)
        self._listen()

    def stop(self) -> None:
        """Accept nobody any more. Closing the sockets is the caller's."""
        for one in self._sockets:
            self._loop.remove_reader(one)
        if self._timer is not None:
            self._timer.cancel()
        for waiting in self._held.values():
            for connection in waiting:
                connection.close()
        self._held.clear()

    def _listen(self) -> None:
        self._timer = None
        for one in self._sockets:
            self._loop.add_reader(one, self._turn)

    def _turn(self) -> None:
        """Greet some; if there may be more, let everybody else have a turn before them."""
        is_flooded = self._is_flooded()
        greet, look, pause = (
            (1, FLOODED_LOOKS, FLOODED_PAUSE_SECONDS) if is_flooded else (AT_ONCE, AT_ONCE, PAUSE_SECONDS)
        )
        is_more = False
        try:
            for listening in self._sockets:
                is_more |= self._take(listening, look)
        except OSError:  # no file descriptors left: some close meanwhile
            is_more, pause = True, 1.0
        for _ in range(greet):
            self._greet_next()
        if self._timer is None:
            for one in self._sockets:
                self._loop.remove_reader(one)
        if is_more or self._held:
            self._timer = self._loop.call_later(pause, self._turn)
        else:
            self._listen()

    def _take(self, listening: socket.socket, most: int) -> bool:
        """Take up to so many from the kernel; return whether there may be more. Raises OSError."""
        for _ in range(most):
            try:
                connection, address = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return False
            connection.setblocking(False)
            self._held.setdefault(_source(address), deque()).append(connection)
            if sum(map(len, self._held.values())) > MOST_HELD:
                max(self._held.values(), key=len).pop().close()
        return True

    def _greet_next(self) -> None:
        """Greet the oldest from the address whose turn it is, which then has to wait for the others."""
        if not self._held:
            return
        source = next(iter(self._held))
        waiting = self._held.pop(source)
        task = self._loop.create_task(self._greet(waiting.popleft()))
        self._greeting.add(task)
        task.add_done_callback(self._greeting.discard)
        if waiting:
            self._held[source] = waiting

    async def _greet(self, connection: socket.socket) -> None:
        with suppress(OSError):  # gone before it was greeted; TLS that was none
            await self._loop.connect_accepted_socket(self._make, connection, ssl=self._ssl)


def _source(address: object) -> str:
    """Return what one person has of an address: all of IPv4's, and of IPv6's the network (RFC 4291, section 2.5.1)."""
    host = str(address[0]) if isinstance(address, tuple) else ""
    if ":" not in host or "." in host:
        return host
    return socket.inet_pton(socket.AF_INET6, host.partition("%")[0])[:8].hex()
