"""Minutes of ordinary work with people who come and go: nothing grows."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.conftest import sqlite_only
from tests.faults.crowd import Crowd
from tests.faults.places import Place, copied
from tests.faults.soak import slope
from tests.faults.trial import LONG
from tests.faults.watch import Watch
from tests.harness.people import Cast
from tests.harness.server import Server

MINUTES = float(os.environ.get("COLLAB_SOAK_MINUTES", "10"))
# A crowd types so long, in documents of its own, and goes; the next comes.
SHIFT_SECONDS = 15.0
# Of the measurements, those of the first third are of a process that has not done everything once.
WARM_SECONDS = MINUTES * 20
# What may rise a minute. Python's own memory wanders by a few MB.
MB_A_MINUTE, FILES_A_MINUTE, TASKS_A_MINUTE = 1.0, 0.5, 0.5


@pytest_asyncio.fixture
async def server(live_cast: Cast, tmp_path: Path) -> AsyncIterator[tuple[Server, Place]]:
    shifts = int(MINUTES * 60 / SHIFT_SECONDS) + 2
    place = await asyncio.to_thread(copied, live_cast, tmp_path, count=2 * shifts)
    running = Server(tmp_path / "log", DATABASE_URL=place.url).start()
    yield running, place
    running.kill()


@sqlite_only
@pytest.mark.skipif(not LONG, reason="minutes long: COLLAB_SOAK=1")
@pytest.mark.timeout(MINUTES * 60 + 300)
async def test_nothing_grows_over_minutes(server: tuple[Server, Place]) -> None:
    running, place = server
    loop = asyncio.get_running_loop()
    began = loop.time()
    samples: dict[str, list[tuple[float, float]]] = {"memory_mb": [], "files": [], "tasks": []}
    async with AsyncExitStack() as stack:
        watch = await stack.enter_async_context(Watch([running]))
        shift = 0
        while loop.time() - began < MINUTES * 60:
            crowd = Crowd(place, [running.url], documents=place.documents[2 * shift : 2 * shift + 2])
            try:
                await crowd.start()
                await asyncio.sleep(SHIFT_SECONDS)
                (look,) = await watch.look()
                outcome = await crowd.settle()
                assert (outcome.lost, outcome.different, crowd.board.wrong) == ([], [], [])
            finally:
                await crowd.close()
            shift += 1
            for name, values in samples.items():
                values.append((loop.time() - began, getattr(look, name)))
    rises = {name: slope([one for one in values if one[0] >= WARM_SECONDS]) for name, values in samples.items()}
    print(f"\n{shift} shifts; a minute: " + ", ".join(f"{name} {rise:+.2f}" for name, rise in rises.items()))  # noqa: T201
    print([round(value, 1) for _, value in samples["memory_mb"]])  # noqa: T201
    assert rises["memory_mb"] < MB_A_MINUTE, samples
    assert rises["files"] < FILES_A_MINUTE, samples
    assert rises["tasks"] < TASKS_A_MINUTE, samples
    assert "Traceback" not in running.log(), running.log()[-3_000:]
