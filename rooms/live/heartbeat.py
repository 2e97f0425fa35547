"""The heartbeat of a line: a ping, the wait for its answer, and the end of whoever gives none.

python-engineio 4.15.1 has a task a line that sleeps until the next ping, looks through all lines for pings without an
answer once a timeout, and goes by the clock of the wall. Here it is one timer a line, on the clock that nobody sets.
"""

import asyncio
import time
from typing import Any

from engineio import packet as eio_packet
from engineio.async_socket import AsyncSocket
from engineio.exceptions import SocketIsClosedError

from rooms.live import wire

# A timeout has surely passed so long after its end, whatever the two clocks round to.
_OVER_SECONDS = 0.05

_PING = wire.Control(eio_packet.PING)


class Beating(AsyncSocket):
    """engineio's socket with a heartbeat of its own. Whoever closes it calls `stop_beating`."""

    # Until the next ping, or the end of the wait for its answer.
    _timer: asyncio.TimerHandle | None = None
    _quiet_until = 0.0
    _ending: "asyncio.Task[bool] | None" = None

    def __init__(self, server: Any, sid: str) -> None:
        super().__init__(server, sid)
        # When a ping was sent that has no answer yet. A new line counts as pinged, until `schedule_ping`.
        self.last_ping: float | None = time.monotonic()

    def push(self, packet: eio_packet.Packet | None) -> None:
        """Send a packet. What extends this says how."""
        raise NotImplementedError

    def schedule_ping(self) -> None:
        """Ping again after an interval, once the ping before was answered."""
        if self.last_ping is not None:
            self.last_ping = None
            self.stop_beating()
            self._timer = asyncio.get_running_loop().call_later(self.server.ping_interval, self._ping)

    def hush(self, seconds: float) -> None:
        """Send no ping for so long: whoever cuts the line meanwhile does so because it is silent."""
        self._quiet_until = asyncio.get_running_loop().time() + seconds

    def stop_beating(self) -> None:
        """Let go of the timer, which would hold the line and all that hangs on it: 15 KB for 20 seconds."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ping(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._quiet_until and not self.closed:
            self._timer = loop.call_at(self._quiet_until, self._ping)
        elif not self.closing and not self.closed:
            self.last_ping = time.monotonic()
            self.push(_PING)
            wait = self.server.ping_timeout + _OVER_SECONDS
            self._timer = loop.call_later(wait, self._unanswered, self.last_ping)

    def _unanswered(self, sent: float) -> None:
        if self.last_ping == sent and not self.closing and not self.closed:
            self._ending = asyncio.ensure_future(self.check_ping_timeout())

    async def check_ping_timeout(self) -> bool:
        """Close, and return False, when a ping has waited too long for its answer. Raises SocketIsClosedError.

        By the clock of the wall, which may be set back an hour, somebody who is gone would stay for that hour.
        """
        if self.closed:
            raise SocketIsClosedError
        if self.last_ping is None or time.monotonic() - self.last_ping <= self.server.ping_timeout:
            return True
        await self.close(wait=False, abort=False, reason=self.server.reason.PING_TIMEOUT)
        return False
