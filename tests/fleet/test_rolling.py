"""Deploys: three instances restarted one after the other while people type; with moments to leave, and without.

The third of the three traps of several Socket.IO processes.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fleet.browsers import Browser
from tests.fleet.conftest import MakeFleet
from tests.fleet.servers import Servers, wait_until_ready
from tests.fleet.writers import Writer, most_within
from tests.harness import people
from tests.harness.client import eventually
from tests.harness.orm import orm, written
from tests.harness.people import Cast

# As deploy/env.example has it: the shipped HAProxy looks each second, and takes two looks to believe it. Whoever comes
# sooner is told to come again a second later, which is another's moment.
NOTICE = "5"
SETTINGS = {"COLLAB_DRAIN_NOTICE_SECONDS": NOTICE, "COLLAB_DRAIN_SECONDS": "4", "COLLAB_DRAIN_PER_SECOND": "2"}


@pytest_asyncio.fixture
async def writers() -> AsyncIterator[list[Writer]]:
    made: list[Writer] = []
    yield made
    for writer in made:
        await writer.browser.close()


async def gather(servers: Servers, cast: Cast, count: int) -> list[Writer]:
    """Return so many people who type, spread over the instances, half of them by long polling."""
    found = []
    for number in range(count):
        session = await orm(people.sign_in, cast.bob)
        browser = Browser(servers.url, session, transport="polling" if number % 4 == 3 else "websocket")
        await browser.served_by()
        found.append(Writer(browser, cast.document.key, f"p{number}", pause=0.15))
    for writer in found:
        await writer.start()
    return found


async def everything(writers: list[Writer], cast: Cast) -> None:
    """Stop typing; whatever anybody typed is in the database and on every page."""
    await asyncio.gather(*(asyncio.wait_for(writer.stop(), 30) for writer in writers))
    expected = {word for writer in writers for word in writer.typed}
    assert expected
    await eventually(
        lambda: all(set(str(writer.page).split()) == expected for writer in writers), what="everybody has everything"
    )
    assert set((await orm(written, cast.document)).split()) == expected


async def test_a_rolling_restart_loses_nothing_and_makes_no_storm(
    fleet: MakeFleet, live_cast: Cast, writers: list[Writer]
) -> None:
    servers = fleet(instances=3, **SETTINGS)
    writers += await gather(servers, live_cast, 15)
    for server in servers.instances:
        began = asyncio.get_running_loop().time()
        here = [
            writer for writer in writers if await writer.browser.served_by() == server._environment["COLLAB_INSTANCE"]
        ]
        assert await asyncio.to_thread(server.stop) == 0
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(wait_until_ready, server)
        await asyncio.sleep(3)  # the load balancer believes it
        back = [at for writer in writers for at in writer.back if at > began]
        assert len(back) >= len(here) > 0, "whoever was there has moved"
        window = max(1.0, (len(here) - 1) / 2)
        # Over two seconds, for a single one would count those of three half seconds.
        assert most_within(back, 2) / 2 <= 1.5 * max(len(here) / window, 2), sorted(back)
    await everything(writers, live_cast)
    stuck = [writer.name for writer in writers if writer.longest > 10]
    assert stuck == []


# Within two seconds: two a second, and one more at each edge.
PLANNED = 6


@pytest.mark.parametrize("slots", [False, True])
async def test_an_instance_that_ends_with_and_without_moments_to_leave(
    fleet: MakeFleet, live_cast: Cast, writers: list[Writer], slots: bool
) -> None:
    """The same instance ends, told and not told: two of its people a second, or all of them as they please.

    When they come is theirs and the machine's: two late ones make a crowd. When they are told to is the server's.
    """
    servers = fleet(instances=2, **{**SETTINGS, "COLLAB_DRAIN_SECONDS": "8"})
    writers += await gather(servers, live_cast, 20)
    leaving = [writer for writer in writers if await writer.browser.served_by() == "a"]
    assert len(leaving) >= 8, "the load balancer spreads people evenly"
    if slots:
        assert await asyncio.to_thread(servers.instances[0].stop) == 0
    else:
        servers.kill(0)
    await eventually(lambda: all(writer.back for writer in leaving), seconds=15, what="everybody is back")
    told = [writer.slots[0] for writer in leaving if writer.slots]
    if slots:
        assert 1 < len(told) == len(set(told)), "each has a moment of its own"
        assert most_within(told, 2) <= PLANNED
        assert most_within([writer.back[0] for writer in leaving], 2) < len(leaving), "not everybody at once"
    else:
        assert told == []
    await everything(writers, live_cast)
