"""SIGKILL to the process that serves, again and again, while people type (DESIGN invariant 1)."""

import os
import signal

import pytest

from tests.faults.conftest import RunTrial, sqlite_only
from tests.faults.places import Place
from tests.faults.trial import LONG, Trial
from tests.faults.watch import worker
from tests.harness.client import eventually

ROUNDS = 100 if LONG else 5


@sqlite_only
@pytest.mark.timeout(900 if LONG else 120)
async def test_a_worker_is_killed_again_and_again(run_trial: RunTrial, place: Place) -> None:
    async def killed(trial: Trial) -> None:
        for _ in range(ROUNDS):
            dead = worker(trial.server)
            assert dead is not None
            os.kill(dead, signal.SIGKILL)
            await eventually(
                lambda dead=dead: worker(trial.server) not in (dead, None), seconds=30, what="gunicorn starts another"
            )
            await trial.answered()

    # Each start says a few lines, and gunicorn calls the end of a worker an error.
    trial = await run_trial(f"worker killed, {ROUNDS} times", place, killed, survives=False, errors=True)
    assert trial.board.lines_lost >= ROUNDS, "nobody noticed: nothing was killed"
    assert "Traceback" not in trial.server.log(), trial.server.log()[-3_000:]
