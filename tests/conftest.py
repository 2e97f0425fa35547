"""Fixtures: the cast, a server, and clients of it."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from django.conf import settings

from rooms.models import User
from tests.faults import table as faults
from tests.harness import flush, people
from tests.harness.client import Client
from tests.harness.commits import HeldCommits, held_commits
from tests.harness.inside import Inside
from tests.harness.orm import orm
from tests.harness.server import Server
from tests.live.latencies import Latencies


@pytest.fixture
def cast(db: None) -> people.Cast:
    """Everybody, for tests inside this process."""
    return people.gather()


@pytest.fixture
def live_cast(transactional_db: None) -> people.Cast:
    """Everybody, committed: a server in another process sees them."""
    return people.gather()


@pytest.fixture(scope="session")
def shared_server(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One server for all tests that leave it as it was. Healing and sweeping are quick, so that tests are."""
    server = Server(tmp_path_factory.mktemp("server") / "log", COLLAB_HEAL_SECONDS="0.3", COLLAB_SWEEP_SECONDS="0.5")
    with django_db_blocker.unblock():
        server.start()
    yield server
    server.kill()


@pytest.fixture
def server(shared_server: Server, live_cast: people.Cast) -> Iterator[Server]:
    """The shared server, which must not have logged an error at the end of the test."""
    before = len(shared_server.log())
    yield shared_server
    said = shared_server.log()[before:]
    # engineio logs the first foreign origin, and the first unknown session, as an error of its own.
    assert " ERROR rooms" not in said, said
    assert "Traceback" not in said, said


@pytest.fixture
def own_server(live_cast: people.Cast, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers that the test may kill; ends whatever is left."""
    made: list[Server] = []

    def make(**environment: str) -> Server:
        server = Server(tmp_path / f"server-{len(made)}.log", **environment).start()
        made.append(server)
        return server

    yield make
    for server in made:
        server.kill()


Connect = Callable[..., Any]


@pytest_asyncio.fixture
async def connect(live_cast: people.Cast) -> AsyncIterator[Connect]:
    """`await connect(server, alice)`: a connected client of that person; all hang up at the end.

    With `session`, that of another client: as two tabs of one browser.
    """
    clients: list[Client] = []

    async def make(server: Server, user: User | None, *, session: str | None = None, **options: Any) -> Client:
        if user is not None and session is None:
            session = await orm(people.sign_in, user)
        client = Client(server.url, session, **options)
        clients.append(client)
        return await client.connect()

    yield make
    for client in clients:
        await client.close()


Dial = Callable[..., Any]


@pytest_asyncio.fixture
async def dial(live_cast: people.Cast) -> AsyncIterator[Dial]:
    """`await dial(RawWebSocket, server, alice)`: a line without a library; `greet` connects it."""
    lines: list[Any] = []

    async def make(kind: Any, server: Server, user: User | None, *, reading: bool = True, **headers: str) -> Any:
        session = await orm(people.sign_in, user) if user else None
        line = kind(server.url, session, **headers)
        lines.append(line)
        return await line.dial(reading=reading)

    yield make
    for line in lines:
        await line.close()


@pytest_asyncio.fixture
async def inside(live_cast: people.Cast) -> AsyncIterator[Inside]:
    """The live part in this process, driven step by step."""
    async with Inside() as made:
        yield made


@pytest.fixture
def commits(inside: Inside) -> Iterator[HeldCommits]:
    """The commits of `inside`, which a test holds back."""
    with held_commits() as made:
        yield made


_latencies = Latencies()


@pytest.fixture
def latencies() -> Latencies:
    """Where a test notes how long somebody who was put out still had access; all of it is printed at the end."""
    return _latencies


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _latencies.seconds:
        terminalreporter.section("From a revocation to the socket that it ends")
        for line in _latencies.lines():
            terminalreporter.write_line(line)
    faults.print_summary(terminalreporter)


def pytest_configure() -> None:
    flush.again_after_a_deadlock()


def pytest_unconfigure() -> None:
    """Remove what SQLite leaves beside a database whose server was killed."""
    for leftover in (settings.BASE_DIR / "var").glob(f"test-{os.getpid()}.sqlite3*"):
        leftover.unlink()
