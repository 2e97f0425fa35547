"""The worker's own end of the sockets: a few connections at a time, and no life without the process that started it."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from collab import accepting
from collab.accepting import AT_ONCE, MOST_HELD, Accepting, _source
from tests.harness.client import eventually
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


class Kept(asyncio.Protocol):
    """Notes from where somebody was greeted."""

    greeted: list[str]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.greeted.append(transport.get_extra_info("peername")[0])


class Flooded:
    """A listening socket under flood, until `is_over`, and the addresses in the order in which they were greeted."""

    def __init__(self) -> None:
        self.is_over = False
        self.greeted: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=1_000)
        self.callers: list[socket.socket] = []

    def call(self, source: str, count: int) -> list[socket.socket]:
        called = [
            socket.create_connection(self._listening.getsockname(), source_address=(source, 0)) for _ in range(count)
        ]
        self.callers += called
        return called

    @asynccontextmanager
    async def accepting(self) -> AsyncIterator[Accepting]:
        kind = type("Kind", (Kept,), {"greeted": self.greeted})
        taking = Accepting([self._listening], kind, is_flooded=lambda: not self.is_over)
        try:
            yield taking
        finally:
            taking.stop()
            for one in (*self.callers, self._listening):
                one.close()


async def test_in_a_flood_somebody_from_elsewhere_does_not_wait_for_it() -> None:
    flooded = Flooded()
    flooded.call("127.0.0.7", 200)
    flooded.call("127.0.0.8", 1)
    async with flooded.accepting():
        await eventually(lambda: "127.0.0.8" in flooded.greeted, what="greeted")
        # All that were before it in the kernel's queue were looked at, eight at a time, and one of them greeted.
        assert flooded.greeted.index("127.0.0.8") <= 200 / accepting.FLOODED_LOOKS + 1


async def test_in_a_flood_one_at_a_time_is_greeted() -> None:
    flooded = Flooded()
    flooded.call("127.0.0.7", 20)
    loop = asyncio.get_running_loop()
    async with flooded.accepting():
        began = loop.time()
        await eventually(lambda: len(flooded.greeted) == 20, what="all are greeted")
        assert loop.time() - began >= 19 * accepting.FLOODED_PAUSE_SECONDS


async def test_what_does_not_fit_is_closed_of_those_who_come_most() -> None:
    flooded = Flooded()
    hog = flooded.call("127.0.0.7", MOST_HELD + 100)
    few = flooded.call("127.0.0.8", 5)
    async with flooded.accepting() as taking:
        await eventually(lambda: flooded.greeted.count("127.0.0.8") == 5, what="whoever is few is greeted")
        assert sum(map(len, taking._held.values())) <= MOST_HELD
        assert await is_closed(hog[-1])
        flooded.is_over = True
        await eventually(lambda: not taking._held, what="whoever waited is greeted when it is over")
        assert not any([await is_closed(one) for one in (*few, hog[0])])


async def is_closed(caller: socket.socket) -> bool:
    """Whether the other end has hung up."""
    caller.setblocking(False)
    try:
        return not caller.recv(1)
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


async def test_whoever_waits_at_the_end_is_closed() -> None:
    flooded = Flooded()
    callers = flooded.call("127.0.0.7", 50)
    async with flooded.accepting() as taking:
        await eventually(lambda: bool(flooded.greeted), what="one is greeted")
        taking.stop()
        assert await is_closed(callers[len(flooded.greeted) + 2])


def test_one_person_has_a_whole_network_of_ipv6() -> None:
    assert _source(("2001:db8::1", 1, 0, 0)) == _source(("2001:db8::ffff:1", 2, 0, 0))
    assert _source(("2001:db8::1", 1, 0, 0)) != _source(("2001:db8:0:1::1", 1, 0, 0))
    assert _source(("fe80::1%eth0", 1, 0, 2)) == _source(("fe80::2", 1, 0, 0))
    assert _source(("192.0.2.1", 1)) != _source(("192.0.2.2", 1))
    assert _source(("::ffff:192.0.2.1", 1, 0, 0)) != _source(("::ffff:192.0.2.2", 1, 0, 0))
    assert _source("") == _source("/run/collab.sock") == ""


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
