"""Fixtures: a database of a trial's own, and the trial."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from django.db import connection

from tests.faults.places import Place, copied
from tests.faults.table import as_property
from tests.faults.trial import MORE_MB, Fault, Trial
from tests.harness.people import Cast
from tests.harness.server import Server

# What is done to a server by its sockets does not depend on the database: once, with SQLite.
sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="runs once, on SQLite")
postgres_only = pytest.mark.skipif(connection.vendor != "postgresql", reason="runs where PostgreSQL is")

# The rates that keep one person from taking all are tests/live's; here a crowd sits behind few accounts.
WIDE = {"COLLAB_MAX_SOCKETS_PER_PERSON": "10000"}

RunTrial = Callable[..., Awaitable[Trial]]


@pytest.fixture
def place(live_cast: Cast, tmp_path: Path) -> Place:
    return copied(live_cast, tmp_path)


@pytest_asyncio.fixture
async def run_trial(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunTrial]:
    """`await run_trial("a name", place, fault)`: everything, and the row in the table at the end of the run.

    `instances` servers share the place. `survives`: the process that served before serves after. `errors`: it may log
    some, since the fault is one of its own house.
    """
    servers: list[Server] = []

    async def run(
        name: str,
        place: Place,
        fault: Fault,
        *,
        instances: int = 1,
        survives: bool = True,
        errors: bool = False,
        more_mb: float = MORE_MB,
        **environment: str,
    ) -> Trial:
        for number in range(instances):
            own = {"COLLAB_INSTANCE": "abc"[number], "DATABASE_URL": place.url, **WIDE, **environment}
            servers.append(Server(tmp_path / f"server-{number}.log", **own).start())
        async with Trial(name, place, servers, more_mb=more_mb) as trial:
            await fault(trial)
            row, faults = await trial.end()
        request.node.user_properties.append(as_property(row))
        said = trial.watch.said()
        if not errors:
            faults += [line for line in said if " ERROR " in line or "Traceback" in line]
        if survives and not row.same_process:
            faults.append("another process serves than before")
        assert faults == [], "\n".join([*faults, *said[-60:]])
        return trial

    yield run
    for server in servers:
        server.kill()
