"""Each broken load balancer breaks what its name says, and nothing else: what finds faults is tried on these."""

import asyncio

import aiohttp
import pytest
import socketio

from tests.fleet.browsers import Browser
from tests.fleet.conftest import MakeFleet
from tests.fleet.servers import Servers
from tests.harness import people
from tests.harness.orm import orm
from tests.harness.people import Cast

# What is broken beside it must not stop these.
FAILS = {
    "short-timeout": set(),
    "no-upgrade": {"websocket"},
    "wrong-host": {"page"},
    "wrong-origin": {"websocket", "polling"},
}
CUT_SECONDS = 10


async def fails(servers: Servers, cast: Cast) -> set[str]:
    """Return which of a page and the two transports do not work through the load balancer, from its own pages."""
    failed = set()
    async with aiohttp.ClientSession() as http, http.get(f"{servers.url}/") as answer:
        if answer.status != 200:
            failed.add("page")
    for transport in ("websocket", "polling"):
        browser = Browser(servers.url, await orm(people.sign_in, cast.bob), transport=transport, Origin=servers.url)
        try:
            await browser.connect()
            await browser.open(cast.document.key)
        except socketio.exceptions.ConnectionError:
            failed.add(transport)
        finally:
            await browser.close()
    return failed


@pytest.mark.parametrize("fault", FAILS)
async def test_a_fault_breaks_what_it_says(fleet: MakeFleet, live_cast: Cast, fault: str) -> None:
    servers = fleet(instances=1, lb=fault, redis=False)
    assert await fails(servers, live_cast) == FAILS[fault]


async def test_a_short_idle_timeout_cuts_a_silent_line(fleet: MakeFleet, live_cast: Cast) -> None:
    servers = fleet(instances=1, lb="short-timeout", redis=False)
    browser = Browser(servers.url, await orm(people.sign_in, live_cast.bob))
    try:
        await browser.connect()
        await asyncio.wait_for(browser.disconnected.wait(), CUT_SECONDS)
    finally:
        await browser.close()


async def test_the_shipped_balancers_break_nothing(fleet: MakeFleet, live_cast: Cast) -> None:
    for lb in ("haproxy", "nginx"):
        assert await fails(fleet(instances=1, lb=lb, redis=False), live_cast) == set(), lb
