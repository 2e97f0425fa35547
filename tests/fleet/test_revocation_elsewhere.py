"""Access that ends on one instance reaches the sockets of another at once: a note says that there is a row to read.

Nobody looks for rows or sweeps meanwhile, so what is heard is the note.
"""

import time
from collections.abc import Callable

import pytest

from tests.conftest import Connect
from tests.harness.client import eventually
from tests.harness.orm import orm
from tests.harness.people import Cast
from tests.harness.pulling import APPLICATION
from tests.harness.redis import Redis
from tests.harness.server import Server
from tests.live.latencies import Latencies
from tests.live.revocations import TRIGGERS, arrive
from tests.live.test_revocation import pull

NAMES = ["membership removed", "link revoked", "room deleted", "account deactivated", "signed out"]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("name", NAMES)
async def test_a_change_on_one_instance_reaches_the_other_at_once(
    own_server: Callable[..., Server],
    live_cast: Cast,
    connect: Connect,
    latencies: Latencies,
    name: str,
    transport: str,
) -> None:
    trigger = TRIGGERS[name]
    with Redis() as redis:
        settings = {"REDIS_URL": redis.url, "COLLAB_HEAL_SECONDS": "30", "COLLAB_SWEEP_SECONDS": "300"}
        here = own_server(app=APPLICATION, COLLAB_INSTANCE="here", **settings)
        there = own_server(COLLAB_INSTANCE="there", **settings)
        await orm(arrive, live_cast, trigger.way)
        bob = await connect(there, live_cast.bob, transport=transport)
        await bob.open(live_cast.document.key)
        began = time.monotonic()
        await pull(here, name)
        told = await eventually(
            lambda: bob.events["signed_out" if trigger.signed_out else "access"], seconds=5, what="bob hears"
        )
        latencies.note("note", transport, time.monotonic() - began)
        assert (told[0]["reason"] or "") == trigger.told
