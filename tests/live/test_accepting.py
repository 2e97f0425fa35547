"""The worker's own end of the sockets: a few connections at a time, and no life without the process that started it."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from collab.accepting import AT_ONCE, Accepting
from tests.harness.server import Server


class Greeting(asyncio.Protocol):
    """Says hello and notes when."""

    greeted: list[int]
    all_here: asyncio.Event

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.greeted.append(TURN[0])
        if len(self.greeted) == CALLERS:
            self.all_here.set()
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello")
        transport.close()


TURN = [0]
CALLERS = 20


async def test_whoever_is_connected_has_a_turn_before_more_are_accepted() -> None:
    loop = asyncio.get_running_loop()
    greeted: list[int] = []
    listening = socket.create_server(("127.0.0.1", 0), backlog=100)
    callers = [socket.create_connection(listening.getsockname()) for _ in range(CALLERS)]
    all_here = asyncio.Event()
    kind = type("Kind", (Greeting,), {"greeted": greeted, "all_here": all_here})

    def turn() -> None:
        TURN[0] += 1
        loop.call_later(0.0005, turn)

    accepting = Accepting([listening], kind)
    turn()
    try:
        await asyncio.wait_for(all_here.wait(), timeout=10)
        assert max(greeted.count(one) for one in set(greeted)) <= AT_ONCE
    finally:
        accepting.stop()
        late = socket.create_connection(listening.getsockname())
        await asyncio.sleep(0.05)
        assert len(greeted) == CALLERS  # nobody is accepted after the stop
        for one in (*callers, late, listening):
            one.close()


def test_a_worker_ends_with_the_process_that_started_it(own_server: Callable[..., Server]) -> None:
    """A master that is killed tells its worker nothing, which would go on, with people on it and nobody to end it."""
    server = own_server()
    (worker,) = children(server.pid)
    os.kill(server.pid, signal.SIGKILL)
    ends = time.monotonic() + 15
    while is_alive(worker):
        assert time.monotonic() < ends, "the worker is an orphan"
        time.sleep(0.1)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
