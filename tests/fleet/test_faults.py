"""What can break in a fleet breaks while people type: nobody loses a word or is stuck, and nothing is left behind."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from django.conf import settings
from django.core import signing

from collab.fleet.stores import PostgreSQL
from rooms.live.probes import SALT
from tests.fleet.browsers import Browser
from tests.fleet.conftest import MakeFleet
from tests.fleet.servers import Servers, wait_until_ready
from tests.fleet.writers import Writer
from tests.harness import people
from tests.harness.client import Client, eventually
from tests.harness.orm import orm
from tests.harness.people import Cast
from tests.harness.redis import Redis
from tests.harness.server import ROOT, Server

WRITERS = 8
# Long enough for a silent Redis to be known as away, and for healing over the database.
STOPPED_SECONDS = 20
# How much more than before a process may hold when all is over: caches, and connections that are kept.
MORE_TASKS = 3
MORE_BYTES = 20_000_000


async def redis_killed(servers: Servers) -> None:
    redis = _redis(servers)
    redis.kill()
    await asyncio.sleep(4)
    await asyncio.to_thread(redis.start)


async def redis_stopped(servers: Servers) -> None:
    redis = _redis(servers)
    redis.stop_for_a_while()
    await asyncio.sleep(STOPPED_SECONDS)
    redis.go_on()


async def listeners_cut_off(servers: Servers) -> None:
    for _ in range(3):
        assert _said_to(_redis(servers), b"CLIENT KILL TYPE pubsub\r\n") in {b":1\r\n", b":2\r\n"}
        await asyncio.sleep(1.5)


async def oversize_publish(servers: Servers) -> None:
    """More at once than a listener may have waiting: Redis cuts it off (trap R4)."""
    redis = _redis(servers)
    _said_to(redis, b"CONFIG SET client-output-buffer-limit 'pubsub 1mb 1mb 0'\r\n")
    size = 4_000_000
    command = b"*3\r\n$7\r\nPUBLISH\r\n$10\r\ncollab:all\r\n$%d\r\n" % size
    for _ in range(2):
        assert _said_to(redis, command + bytes(size) + b"\r\n").startswith(b":")
        await asyncio.sleep(1.5)


async def instance_killed(servers: Servers) -> None:
    servers.kill(0)
    await asyncio.sleep(3)
    await _started(servers.instances[0])


async def balancer_reloaded(servers: Servers) -> None:
    assert servers.balancer is not None
    for _ in range(2):
        await asyncio.to_thread(servers.balancer.reload)
        await asyncio.sleep(2)


async def balancer_restarted(servers: Servers) -> None:
    assert servers.balancer is not None
    await asyncio.to_thread(servers.balancer.stop)
    await asyncio.sleep(1)
    await asyncio.to_thread(servers.balancer.start)


FAULTS: dict[str, Callable[[Servers], Awaitable[None]]] = {
    "Redis killed and started again": redis_killed,
    "Redis stopped": redis_stopped,
    "listeners cut off": listeners_cut_off,
    "an oversize publish": oversize_publish,
    "an instance killed": instance_killed,
    "the load balancer reloaded": balancer_reloaded,
    "the load balancer restarted": balancer_restarted,
}


def _redis(servers: Servers) -> Redis:
    assert servers.redis is not None
    return servers.redis


def _said_to(redis: Redis, command: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", redis.port), timeout=5) as line:
        line.sendall(command)
        return line.recv(256)


async def _started(server: Server) -> None:
    await asyncio.to_thread(server.start)
    await asyncio.to_thread(wait_until_ready, server)


async def measure(server: Server) -> dict[str, Any]:
    """Return what an instance says of its tasks and memory."""
    probe = Client(server.url, None, auth={"ticket": signing.dumps({"probe": "faults"}, salt=SALT)})
    try:
        return await (await probe.connect()).call("probe", {})
    finally:
        await probe.close()


@pytest_asyncio.fixture
async def writers() -> AsyncIterator[list[Writer]]:
    made: list[Writer] = []
    yield made
    for writer in made:
        await writer.browser.close()


async def type_through(
    servers: Servers, key: str, sessions: list[str], writers: list[Writer], fault: Callable[[Servers], Awaitable[None]]
) -> None:
    """Have people type before, while and after something breaks, and compare what each of them has at the end."""
    before = [await measure(server) for server in servers.instances]
    for number, session in enumerate(sessions):
        browser = Browser(servers.url, session, transport="polling" if number % 4 == 3 else "websocket")
        await browser.served_by()
        writers.append(await Writer(browser, key, f"p{number}", pause=0.2).start())
    await asyncio.sleep(2)
    for then, server in zip(before, servers.instances, strict=True):
        then["memory"] = (await measure(server))["memory"]  # of a process that has done everything once
    await fault(servers)
    await asyncio.sleep(4)
    for writer in writers:
        await asyncio.wait_for(writer.stop(), 30)
    expected = {word for writer in writers for word in writer.typed}
    assert len(expected) > 10 * len(writers)
    await eventually(
        lambda: all(set(str(writer.page).split()) == expected for writer in writers),
        seconds=20,
        what="everybody has everything",
    )
    assert [writer.name for writer in writers if writer.longest > 12] == [], "nobody is stuck"
    for writer in writers:
        await writer.browser.close()
    for server, then in zip(servers.instances, before, strict=True):
        await _calm(server, then)


async def _calm(server: Server, then: dict[str, Any]) -> None:
    """Return once an instance has no more tasks and hardly more memory than before."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 20
    while True:
        now = await measure(server)
        if now["tasks"] <= then["tasks"] + MORE_TASKS and now["memory"] <= then["memory"] + MORE_BYTES:
            return
        told = {name: (then[name], now[name]) for name in ("tasks", "memory")}
        assert loop.time() < deadline, told
        await asyncio.sleep(4)  # each look leaves a task for ten seconds, which waits for a CONNECT that came


@pytest.mark.parametrize("name", FAULTS)
async def test_while_people_type(fleet: MakeFleet, live_cast: Cast, writers: list[Writer], name: str) -> None:
    servers = fleet(instances=2, COLLAB_HEAL_SECONDS="5")
    sessions = [await orm(people.sign_in, live_cast.bob) for _ in range(WRITERS)]
    await type_through(servers, live_cast.document.key, sessions, writers, FAULTS[name])
    for server in servers.instances:
        assert "Traceback" not in server.log(), server.log()[-3_000:]


async def test_postgresql_is_restarted_while_people_type(
    fleet: MakeFleet, writers: list[Writer], tmp_path: Path
) -> None:
    """A database of its own: that of the tests stays."""
    folder = Path("/tmp") / f"collab-faults-{os.getpid()}"  # noqa: S108  (PostgreSQL's own account must reach it)
    database = PostgreSQL(folder, tmp_path / "postgres.log")
    await asyncio.to_thread(database.start)
    try:
        environment = {
            **os.environ, "DATABASE_URL": database.url, "COLLAB_SECRET_KEY": settings.SECRET_KEY, "COLLAB_ORIGINS": "http://localhost",
            "DJANGO_SETTINGS_MODULE": "collab.settings",
        }  # fmt: skip
        plan = json.dumps({"people": WRITERS, "documents": 1, "large": False})
        for command in (["manage.py", "migrate", "--verbosity", "0"], ["-m", "tests.bench.seed", plan]):
            done = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        seeded = json.loads(done.stdout)

        async def restarted(servers: Servers) -> None:
            await asyncio.to_thread(database.stop)
            await asyncio.sleep(2)
            await asyncio.to_thread(database.start)

        servers = fleet(instances=2, database=database.url, COLLAB_HEAL_SECONDS="5")
        await type_through(servers, seeded["documents"][0], seeded["sessions"], writers, restarted)
    finally:
        await asyncio.to_thread(database.stop)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
