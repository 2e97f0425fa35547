"""Access that is taken away on one instance ends on the sockets of another: by every trigger, with Redis and without.

With Redis a note says that there is a row to read. Without it each instance finds the row when it looks, which it does
each second by default. What no row announces waits for the sweep, wherever Redis is.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import IntegrityError

from rooms.models import Announcement, Receipt
from tests.conftest import Connect
from tests.fleet.readiness import wait_until_known
from tests.harness.client import Client, Page, eventually
from tests.harness.orm import orm
from tests.harness.people import Cast
from tests.harness.pulling import APPLICATION
from tests.harness.raw import CONNECT_ERROR, RawPolling, RawWebSocket
from tests.harness.redis import Redis
from tests.harness.server import Server
from tests.live.latencies import Latencies
from tests.live.revocations import TRIGGERS, arrive
from tests.live.test_revocation import code_of, eventually_in_database, pull

# What keeps an instance from looking for rows, and from sweeping, while a test runs.
NO_LOOK = {"COLLAB_HEAL_SECONDS": "30"}
NO_SWEEP = {"COLLAB_SWEEP_SECONDS": "300"}
SWEEP_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Way:
    """How the other instance hears of it, and the promise: within so many seconds (docs/security.md, "Windows")."""

    heard_by: str
    redis: bool
    seconds: float
    settings: dict[str, str]


SWEEP = {"COLLAB_SWEEP_SECONDS": str(SWEEP_SECONDS)}
WAYS = {
    "note": Way("note", True, 1, NO_LOOK | NO_SWEEP),
    "row, no Redis": Way("row", False, 2, NO_SWEEP),
    "sweep": Way("sweep", True, SWEEP_SECONDS + 1, NO_LOOK | SWEEP),
    "sweep, no Redis": Way("sweep", False, SWEEP_SECONDS + 1, SWEEP),
}
ANNOUNCED = [name for name, trigger in TRIGGERS.items() if not trigger.swept]
SWEPT = [name for name, trigger in TRIGGERS.items() if trigger.swept]


@dataclass(frozen=True, slots=True)
class Pair:
    """Access is taken away on the instance `here`; the sockets are on the instance `there`."""

    way: Way
    here: Server
    there: Server


@pytest.fixture(scope="module")
def pair(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Pair]:
    """Two instances for all tests of a way. Without Redis: both have had one, and know that it is gone."""
    way = WAYS[request.param]
    folder = tmp_path_factory.mktemp("pair")
    with Redis() as redis, django_db_blocker.unblock():
        settings = {"REDIS_URL": redis.url, **way.settings}
        here, there = servers = [
            Server(folder / name, app=APPLICATION, COLLAB_INSTANCE=name, **settings) for name in ("here", "there")
        ]
        try:
            for server in servers:
                server.start()
            wait_until_known(servers, True)
            if not way.redis:
                redis.kill()
                wait_until_known(servers, False)
            with django_db_blocker.block():
                yield Pair(way, here, there)
        finally:
            for server in servers:
                server.kill()


@pytest.mark.parametrize("name", ANNOUNCED)
@pytest.mark.parametrize("pair", ["note", "row, no Redis"], indirect=True)
async def test_a_change_on_one_instance_ends_access_on_the_other(
    pair: Pair, live_cast: Cast, connect: Connect, latencies: Latencies, name: str
) -> None:
    await ends_access(name, pair, live_cast, connect, latencies)
    await eventually_in_database(Receipt.objects.filter(instance="there", closed__gte=2).exists)


@pytest.mark.parametrize("name", SWEPT)
@pytest.mark.parametrize("pair", ["sweep", "sweep, no Redis"], indirect=True)
async def test_a_change_that_no_row_announces_waits_for_the_sweep(
    pair: Pair, live_cast: Cast, connect: Connect, latencies: Latencies, name: str
) -> None:
    await ends_access(name, pair, live_cast, connect, latencies)


def forget_announcements() -> None:
    """Delete all, also those that an instance gives a receipt for while they are deleted."""
    while Announcement.objects.exists():
        with contextlib.suppress(IntegrityError):
            Announcement.objects.all().delete()


async def ends_access(name: str, pair: Pair, cast: Cast, connect: Connect, latencies: Latencies) -> None:
    """Pull a trigger on one instance, and see that bob is out on the other: he hears it in time, and nothing later.

    He has the document open in two tabs of one browser, one of which has to do without WebSocket.
    """
    trigger, way, key = TRIGGERS[name], pair.way, cast.document.key
    event, code = ("signed_out", "signed_out") if trigger.signed_out else ("access", "not_found")
    await orm(arrive, cast, trigger.way)
    # How they came in is no news: an instance that reads of it just when access ends can give no reason for the end.
    await orm(forget_announcements)
    hers = await alice_there(pair, cast, connect)
    first = await connect(pair.there, cast.bob)
    second = await connect(pair.there, cast.bob, session=first.session, transport="polling")
    tabs: dict[str, Client] = {"websocket": first, "polling": second}
    pages = {transport: await bob.open(key) for transport, bob in tabs.items()}
    await pages["websocket"].type("before")
    await eventually(lambda: str(hers) == str(pages["polling"]) == "before")
    began = time.monotonic()
    await pull(pair.here, name)

    async def ended(transport: str, bob: Client) -> None:
        (told,) = await eventually(lambda: bob.events[event], seconds=way.seconds, what=f"bob hears on {transport}")
        latencies.note(way.heard_by, transport, time.monotonic() - began)
        assert (told["code"], told["reason"] or "") == (code, trigger.told)

    await asyncio.gather(*(ended(transport, bob) for transport, bob in tabs.items()))
    heard = {transport: sum(map(len, bob.events.values())) for transport, bob in tabs.items()}
    if name not in {"document deleted", "document moved", "room deleted"}:
        await hers.type(" after")
    for transport, bob in tabs.items():
        accepted = await attempts_accepted(bob, pair.there, key, signed_out=trigger.signed_out)
        later = sum(map(len, bob.events.values())) - heard[transport]
        latencies.too_late(way.heard_by, transport, later, accepted)
        assert (later, accepted) == (0, 0), transport


async def alice_there(pair: Pair, cast: Cast, connect: Connect) -> Page:
    """Return the page of alice on the other instance, from when only the way of the pair tells of a change.

    When Redis confirms the channel of a document, an instance reads once what was said before: first the database, then
    who is elsewhere. So carol is elsewhere, and once alice sees her the reading is over.
    """
    if pair.way.redis:
        carol = await connect(pair.here, cast.carol)
        await carol.open(cast.document.key)
        await eventually(lambda: carol.events["people"], what="carol is told to all who listen")
    alice = await connect(pair.there, cast.alice)
    page: Page = await alice.open(cast.document.key)
    if pair.way.redis:
        await eventually(
            lambda: any(one["name"] == "Carol" for told in alice.events["people"] for one in told["joined"]),
            what="alice sees carol",
        )
    return page


async def attempts_accepted(bob: Client, server: Server, key: str, *, signed_out: bool) -> int:
    """Return how many of bob's attempts to go on are not refused: to write, and to open the document or to connect."""
    if not signed_out:
        attempts = (bob.pages[key].type(" mine"), bob.open(key))
        return sum([await code_of(attempt) != "not_found" for attempt in attempts])
    await eventually(bob.disconnected.is_set, what="bob's line is closed")
    # Without the library, which now and then waits for its own heartbeat after a refusal.
    transport = RawWebSocket if bob.transport == "websocket" else RawPolling
    line: RawWebSocket | RawPolling = transport(server.url, bob.session)
    try:
        await line.dial()
        return int((await line.greet())["type"] != CONNECT_ERROR)
    finally:
        await line.close()
