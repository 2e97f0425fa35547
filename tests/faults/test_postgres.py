"""PostgreSQL dies, is read-only for a while, or answers slowly. A cluster of its own: that of the tests stays."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from collab.fleet.stores import PostgreSQL
from tests.faults.conftest import RunTrial, postgres_only
from tests.faults.places import Place, seeded
from tests.faults.trial import LONG, Trial
from tests.faults.tunnel import Tunnel
from tests.harness.client import eventually

pytestmark = postgres_only

BROKEN_SECONDS = 10 if LONG else 3
# Each way, for each piece that passes: a commit is three round trips.
DELAY_SECONDS = 0.05
SLOW_SECONDS = 15 if LONG else 4


@pytest_asyncio.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[PostgreSQL]:
    folder = Path("/tmp") / f"collab-faults-{os.getpid()}"  # noqa: S108  (PostgreSQL's own account must reach it)
    database = PostgreSQL(folder, tmp_path / "postgres.log")
    await asyncio.to_thread(database.start)
    yield database
    await asyncio.to_thread(database.stop)
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


@pytest.fixture
def room(cluster: PostgreSQL) -> Place:
    return seeded(cluster.url)


async def test_postgresql_dies_and_comes_back(run_trial: RunTrial, cluster: PostgreSQL, room: Place) -> None:
    """The immediate shutdown: as a crash, nothing is written at the end, and the start recovers from the log."""

    async def restarted(trial: Trial) -> None:
        cluster.signal(signal.SIGQUIT)
        await asyncio.to_thread(cluster.ended)
        await asyncio.sleep(1)
        await asyncio.to_thread(cluster.start)
        await trial.answered()

    trial = await run_trial("PostgreSQL killed and started again", room, restarted)
    assert trial.board.refused["busy"], "nobody noticed: nothing was killed"


async def test_postgresql_is_read_only_for_a_while(run_trial: RunTrial, cluster: PostgreSQL, room: Place) -> None:
    """As after a failover to a replica that is not promoted yet."""

    def set_read_only(value: str) -> None:
        options = "-c default_transaction_read_only=off"
        with psycopg.connect(cluster.url, autocommit=True, options=options) as line:
            line.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}".encode())
            line.execute("SELECT pg_reload_conf()")

    async def read_only(trial: Trial) -> None:
        await asyncio.to_thread(set_read_only, "on")
        await eventually(lambda: sum(trial.board.refused.values()) > 3, what="edits are refused")
        await asyncio.sleep(BROKEN_SECONDS)
        await asyncio.to_thread(set_read_only, "off")
        await trial.answered()

    trial = await run_trial("PostgreSQL read-only", room, read_only)
    assert set(trial.board.refused) == {"busy"}, "it ends by itself: people are told when to come again"


async def test_postgresql_answers_slowly(run_trial: RunTrial, cluster: PostgreSQL, room: Place) -> None:
    async def slow(trial: Trial) -> None:
        tunnel.delay = DELAY_SECONDS
        await asyncio.sleep(SLOW_SECONDS)
        await trial.answered()
        tunnel.delay = 0.0

    async with Tunnel(cluster.port) as tunnel:
        behind = replace(room, url=room.url.replace(f":{cluster.port}/", f":{tunnel.port}/"))
        trial = await run_trial(f"PostgreSQL {1_000 * DELAY_SECONDS:.0f} ms away", behind, slow)
    assert not trial.board.refused, "slow is not away: nobody is refused"
