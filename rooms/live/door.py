"""Where handshakes wait during a flood: one at a time comes in, so slowly that those who are in hardly notice.

By where they come from: each address has its turn, so whoever comes from anywhere else waits for nobody. Pages and
health checks do not pass here, nor does what belongs to a line that stands. Figures: docs/faults.md.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable

# At most 125 a second, an eighth of a core.
PAUSE_SECONDS = 0.008
# So many wait, for two seconds at most. Of more, the newest is refused of those who come from where most do.
MOST_WAITING = 256


class Door:
    """`is_flooded()`: one at a time, please. Otherwise everybody passes at once."""

    def __init__(self, *, is_flooded: Callable[[], bool]) -> None:
        self._is_flooded = is_flooded
        # Where they come from → those who wait, the first to come first. The address whose turn it is comes first.
        self._waiting: dict[str, deque[asyncio.Future[bool]]] = {}
        self._count = 0
        # On the loop's clock: until then nobody comes in.
        self._shut_until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def pass_through(self, address: str) -> bool:
        """Return whether a handshake from this address may go on, once it is its turn."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            if not self._is_flooded():
                return True
            if loop.time() >= self._shut_until:
                self._shut_until = loop.time() + PAUSE_SECONDS
                return True
        turn: asyncio.Future[bool] = loop.create_future()
        self._waiting.setdefault(_network(address), deque()).append(turn)
        self._count += 1
        if self._count > MOST_WAITING:
            self._refuse_one()
        if self._timer is None:
            self._timer = loop.call_at(self._shut_until, self._next)
        return await turn

    def _refuse_one(self) -> None:
        most = max(self._waiting, key=lambda network: len(self._waiting[network]))
        self._let_go(self._waiting[most].pop(), False)
        if not self._waiting[most]:
            del self._waiting[most]

    def _next(self) -> None:
        """Let the first in from the network whose turn it is, which then waits for the others'."""
        loop = asyncio.get_running_loop()
        network = next(iter(self._waiting))
        those = self._waiting.pop(network)
        self._let_go(those.popleft(), True)
        if those:
            self._waiting[network] = those
        self._shut_until = loop.time() + (PAUSE_SECONDS if self._is_flooded() else 0.0)
        self._timer = loop.call_at(self._shut_until, self._next) if self._waiting else None

    def _let_go(self, turn: "asyncio.Future[bool]", may: bool) -> None:
        self._count -= 1
        if not turn.done():
            turn.set_result(may)


def _network(address: str) -> str:
    """Return what one person has of addresses: of IPv4 a whole one, of IPv6 a network (RFC 4291, section 2.5.1)."""
    if ":" not in address or "." in address:
        return address
    try:
        return socket.inet_pton(socket.AF_INET6, address.partition("%")[0])[:8].hex()
    except OSError:  # what a proxy says need not be one
        return address
