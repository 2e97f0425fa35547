"""Nobody writes under the client_id of somebody who is on another instance (trap Y5)."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Connect
from tests.harness.client import eventually
from tests.harness.people import Cast
from tests.harness.redis import Redis
from tests.harness.server import Server
from tests.live.test_forging import refused, same_everywhere


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis() as running:
        yield running


@pytest.mark.parametrize("she", ["is there", "has left"])
async def test_y5_a_client_id_that_is_held_on_another_instance_is_not_to_be_had_here(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect, redis: Redis, she: str
) -> None:
    servers = [own_server(REDIS_URL=redis.url, COLLAB_INSTANCE=name) for name in "ab"]
    alice, bob = await connect(servers[0], live_cast.alice), await connect(servers[1], live_cast.bob)
    key = live_cast.document.key
    hers = await alice.open(key)
    his = await bob.open(key)
    await eventually(lambda: "Alice" in str(bob.events["people"]) + str(his.people), what="he sees her")
    await hers.type("hers ")
    await eventually(lambda: str(his) == "hers ")
    if she == "has left":
        await alice.close()
        await eventually(lambda: any(hers.you in told["left"] for told in bob.events["people"]))
        hers.write(5, "and more ")
        hers.unsaved = True
    await refused(bob, his, hers.doc.client_id)
    await his.type("his ")
    if she == "has left":
        await (await connect(servers[0], live_cast.alice)).open(key, hers)
    await asyncio.sleep(0)
    await same_everywhere(servers[0], live_cast, connect, hers, his)
    await same_everywhere(servers[1], live_cast, connect, hers, his)
