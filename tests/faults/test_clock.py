"""The wall clock of the server jumps by an hour, forward and back."""

import asyncio
import os
import struct
from pathlib import Path

from tests.conftest import Connect
from tests.faults.conftest import RunTrial, sqlite_only
from tests.faults.places import Place
from tests.faults.test_sockets import HEARTBEAT, is_gone
from tests.faults.trial import LONG, Trial
from tests.faults.tunnel import Tunnel
from tests.harness.client import Client, eventually

HOUR = 3_600.0
# Several heartbeats: lines that are pinged while the clock jumps must not be cut for it.
HELD_SECONDS = 20 if LONG else 3


@sqlite_only
async def test_the_clock_jumps_by_an_hour(run_trial: RunTrial, place: Place, tmp_path: Path, connect: Connect) -> None:
    file = tmp_path / "clock"
    file.write_bytes(struct.pack("d", 0.0))

    def set_clock(seconds: float) -> None:
        with file.open("r+b", buffering=0) as clock:
            clock.write(struct.pack("d", seconds))

    async def jumped(trial: Trial) -> None:
        async with Tunnel(trial.server.port) as tunnel:
            shut = Client(tunnel.url, place.sessions["vera"], Origin=trial.server.url)
            try:
                page = await (await shut.connect()).open(place.documents[0])
                set_clock(HOUR)
                await asyncio.sleep(HELD_SECONDS)
                await trial.answered()
                set_clock(0.0)
                # Somebody who is pinged, and cannot answer, when the clock goes back is gone in seconds all the same.
                tunnel.silence()
                await asyncio.sleep(HEARTBEAT)
                set_clock(-HOUR)
                await eventually(lambda: is_gone(trial, page.you), seconds=4 * HEARTBEAT, what="the silent one is gone")
                await asyncio.sleep(HELD_SECONDS)
                await trial.answered()
                set_clock(0.0)
            finally:
                await shut.close()

    clock = str(Path(__file__).parent / "clock")
    trial = await run_trial(
        "clock one hour ahead, then behind", place, jumped,
        PYTHONPATH=os.pathsep.join([clock]), COLLAB_TEST_CLOCK=str(file), COLLAB_HEARTBEAT_SECONDS=str(HEARTBEAT),
    )  # fmt: skip
    assert trial.board.lines_lost == 0, "the clock of the wall cut somebody's line"
