"""Redis dies and stops between two instances on which people write together. More of it is in tests/fleet."""

import asyncio

from tests.faults.conftest import RunTrial, sqlite_only
from tests.faults.places import Place
from tests.faults.trial import LONG, Trial
from tests.harness.redis import Redis

AWAY_SECONDS = 20 if LONG else 4


@sqlite_only
async def test_redis_dies_and_stops(run_trial: RunTrial, place: Place) -> None:
    with Redis() as redis:

        async def away(trial: Trial) -> None:
            redis.kill()
            await asyncio.sleep(1)
            await asyncio.to_thread(redis.start)
            await trial.answered()
            redis.stop_for_a_while()
            await asyncio.sleep(AWAY_SECONDS)
            redis.go_on()
            await trial.answered()

        trial = await run_trial(
            "Redis killed, then stopped; two instances", place, away, instances=2, REDIS_URL=redis.url
        )
    assert trial.board.lines_lost == 0, "a line of somebody who writes does not hang on Redis"
