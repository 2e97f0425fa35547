"""What a server process has while something is done to it: its id, memory, open files, tasks, and what it logs."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from django.core import signing

from collab.storm.machine import processes
from rooms.live.probes import SALT
from tests.bench.processes import rss_mb
from tests.harness.client import Client
from tests.harness.server import Server

STEP_SECONDS = 0.1


@dataclass(frozen=True)
class Look:
    """One process at one moment."""

    pid: int
    memory_mb: float
    files: int
    tasks: int


def worker(server: Server) -> int | None:
    """Return the process that serves: the child of gunicorn's master. None: there is none at the moment."""
    children = [pid for pid, fields in processes({server.pid}).items() if int(fields[1]) == server.pid]
    return min(children, default=None)


def open_files(pid: int) -> int:
    """Return how many file descriptors a process has."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


async def tasks(server: Server) -> int:
    """Return how many asyncio tasks a server says that it has."""
    probe = Client(server.url, None, auth={"ticket": signing.dumps({"probe": "faults"}, salt=SALT)})
    try:
        answer = await (await probe.connect()).call("probe", {})
        return int(answer["tasks"])
    finally:
        await probe.close()


class Watch:
    """`async with Watch(servers) as watch`: looks at their memory several times a second until the end."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self.servers = servers
        # Of all servers together, in MB.
        self.most_mb = 0.0
        self._said = [0] * len(servers)
        self._looking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._looking is not None
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)

    async def look(self) -> list[Look]:
        return [await self._look(server) for server in self.servers]

    def begin(self) -> None:
        """From now on memory and log lines count."""
        self.most_mb = 0.0
        self._said = [len(server.log()) for server in self.servers]

    def said(self) -> list[str]:
        """Return the lines that were logged since `begin`."""
        logs = zip(self.servers, self._said, strict=True)
        return [line for server, start in logs for line in server.log()[start:].splitlines()]

    async def _look(self, server: Server) -> Look:
        counted = await tasks(server)
        pid = worker(server)
        assert pid is not None, server.log()[-3_000:]
        return Look(pid, rss_mb(pid), open_files(pid), counted)

    async def _run(self) -> None:
        pids: list[int] = []
        while True:
            held = [rss_mb(pid) for pid in pids]
            if len(held) < len(self.servers) or not all(held):
                pids = [pid for server in self.servers if (pid := worker(server)) is not None]
            self.most_mb = max(self.most_mb, sum(held))
            await asyncio.sleep(STEP_SECONDS)
