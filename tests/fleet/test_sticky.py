"""Long polling is many requests of one conversation; without sticky sessions they go to whoever knows nothing of it.

The first of the three traps of several Socket.IO processes. It fails through round robin and goes through the shipped
HAProxy and nginx; and what is sticky lets go when the instance dies.
"""

import asyncio

import pytest
import socketio

from tests.fleet.browsers import Browser
from tests.fleet.conftest import MakeFleet
from tests.fleet.servers import Servers
from tests.fleet.writers import LOST
from tests.harness import people
from tests.harness.client import Page, eventually
from tests.harness.orm import orm, written
from tests.harness.people import Cast

BALANCERS = pytest.mark.parametrize("lb", ["haproxy", "nginx"])
# Enough that both of two instances get somebody: all on one has a chance of 1 in 500,000 where the choice is a hash.
CLIENTS = 20
# Longer than a conversation takes on a busy machine; python-socketio would wait ten seconds for what never comes.
CONVERSATION_SECONDS = 3
# How often somebody who was thrown out tries to come back, and for how long.
RETRY_SECONDS = 0.2
BACK_SECONDS = 20


async def sign_in(fleet: Servers, cast: Cast, count: int, transport: str) -> list[Browser]:
    """Return so many browsers of bob, each with a session of its own, not connected yet."""
    sessions = [await orm(people.sign_in, cast.bob) for _ in range(count)]
    return [Browser(fleet.url, session, transport=transport) for session in sessions]


async def writes(browser: Browser, document: str, word: str) -> None:
    """Connect, open a document and have an edit acknowledged. Raises TimeoutError or an error of python-socketio."""
    await browser.connect()
    page = await browser.open(document)
    await page.type(word)


async def hang_up(browsers: list[Browser]) -> None:
    await asyncio.gather(*(browser.close() for browser in browsers))


async def test_polling_through_round_robin_works_for_nobody(fleet: MakeFleet, live_cast: Cast) -> None:
    servers = fleet(lb="round-robin", redis=False)
    browsers = await sign_in(servers, live_cast, 3, "polling")
    try:
        # One after the other: each request of a conversation then goes to the other instance than the one before.
        for browser in browsers:
            with pytest.raises((TimeoutError, socketio.exceptions.SocketIOError)):
                await asyncio.wait_for(writes(browser, live_cast.document.key, "word "), CONVERSATION_SECONDS)
        assert await orm(written, live_cast.document) == ""
        assert "Invalid session" in servers.log(), "each instance refused what belonged to the other"
    finally:
        await hang_up(browsers)


@BALANCERS
async def test_polling_through_a_sticky_balancer_works_for_everybody(
    fleet: MakeFleet, live_cast: Cast, lb: str
) -> None:
    servers = fleet(lb=lb, redis=False)
    browsers = await sign_in(servers, live_cast, CLIENTS, "polling")
    words = [f"word{number} " for number in range(CLIENTS)]
    try:
        await asyncio.gather(
            *(writes(browser, live_cast.document.key, word) for browser, word in zip(browsers, words, strict=True))
        )
        served_by = [await browser.served_by() for browser in browsers]
        assert set(served_by) == {"a", "b"}
        assert all(browser.cookie("collab_lb") for browser in browsers)
        assert sorted((await orm(written, live_cast.document)).split()) == sorted(word.strip() for word in words)
    finally:
        await hang_up(browsers)


@BALANCERS
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_who_was_on_a_killed_instance_comes_back_on_another_one(
    fleet: MakeFleet, live_cast: Cast, lb: str, transport: str
) -> None:
    servers = fleet(lb=lb, redis=False, COLLAB_HEAL_SECONDS="0.2")
    browsers = await sign_in(servers, live_cast, 4, transport)
    key = live_cast.document.key
    try:
        for browser in browsers:
            await browser.served_by()
            await browser.connect()
        pages = [await browser.open(key) for browser in browsers]
        for number, page in enumerate(pages):
            await page.type(f"before{number} ")
        lost_name = await browsers[0].served_by()
        on_it = [browser for browser in browsers if await browser.served_by() == lost_name]
        servers.named(lost_name).kill()

        await asyncio.gather(*(_back(browser, pages[browsers.index(browser)], key) for browser in on_it))
        for number, page in enumerate(pages):
            await page.type(f"after{number} ")
        everything = {f"{when}{number}" for when in ("before", "after") for number in range(len(pages))}
        await eventually(
            lambda: all(set(str(page).split()) == everything for page in pages), what="everybody has everything"
        )
        assert {await browser.served_by() for browser in on_it} == set(servers.names) - {lost_name}
    finally:
        await hang_up(browsers)


async def _back(browser: Browser, page: Page, key: str) -> None:
    """Notice that the line is gone, then connect and open again with what is on the page, until that works."""
    await asyncio.wait_for(browser.disconnected.wait(), BACK_SECONDS)
    async with asyncio.timeout(BACK_SECONDS):
        while True:
            try:
                await browser.connect()
                await browser.open(key, page)
                return
            except LOST:  # a balancer has its own ways to say that nobody is there
                await asyncio.sleep(RETRY_SECONDS)
