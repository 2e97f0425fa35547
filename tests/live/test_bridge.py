"""The bridge between the event loop and the ORM: order, errors, an asker who leaves, and an end that waits."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator

import pytest
from django.db import OperationalError

from rooms.core.errors import Busy
from rooms.live.bridge import Database


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    database = Database()
    yield database
    await database.close()


def _fail(error: BaseException) -> None:
    raise error


async def test_what_is_written_is_written_in_the_order_of_calls(database: Database) -> None:
    done: list[int] = []
    await asyncio.gather(*(database.write(done.append, number) for number in range(200)))
    assert done == list(range(200))


async def test_a_database_that_is_away_is_busy_and_not_the_end_of_the_thread(database: Database) -> None:
    with pytest.raises(Busy) as busy:
        await database.write(_fail, OperationalError("server closed the connection"))
    assert isinstance(busy.value.__cause__, OperationalError)
    assert busy.value.retry_after
    assert await database.write(lambda: "here again") == "here again"


async def test_every_other_error_reaches_who_asked(database: Database) -> None:
    for error in (LookupError("not there"), SystemExit(3)):
        with pytest.raises(type(error)):
            await database.read(_fail, error)
    assert await database.read(lambda: 5) == 5


async def test_who_stops_waiting_does_not_stop_the_work(database: Database) -> None:
    begun, may_end = threading.Event(), threading.Event()
    done: list[str] = []

    def work() -> None:
        begun.set()
        may_end.wait(5)
        done.append("work")

    asked = asyncio.create_task(database.write(work))
    await asyncio.to_thread(begun.wait, 5)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    may_end.set()
    assert await database.write(lambda: list(done)) == ["work"]


async def test_reads_do_not_wait_for_each_other(database: Database) -> None:
    both = threading.Barrier(2, timeout=5)
    await asyncio.gather(database.read(both.wait), database.read(both.wait))


async def test_the_end_waits_for_what_was_asked() -> None:
    database = Database()
    done: list[str] = []

    def slow() -> None:
        time.sleep(0.05)
        done.append("slow")

    asked = asyncio.create_task(database.write(slow))
    await asyncio.sleep(0)
    await database.close()
    assert done == ["slow"]
    await asked
