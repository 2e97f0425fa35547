"""Who is here, over several instances: come, go, move and die, and nobody stays for ever."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rooms.live import elsewhere
from tests.conftest import Connect
from tests.fleet.readiness import wait_until_known
from tests.harness.client import Client, eventually
from tests.harness.people import Cast
from tests.harness.redis import Redis
from tests.harness.server import Server


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis() as running:
        yield running


@pytest.fixture
def pair(own_server: Callable[..., Server], redis: Redis) -> list[Server]:
    return [own_server(REDIS_URL=redis.url, COLLAB_INSTANCE=name, COLLAB_HEAL_SECONDS="30") for name in "ab"]


class Seen:
    """Who is in a document, as one client has been told."""

    def __init__(self, client: Client, key: str) -> None:
        self.client, self.key = client, key

    async def open(self) -> "Seen":
        self.page = await self.client.open(self.key)
        return self

    @property
    def people(self) -> dict[str, dict[str, Any]]:
        faces = {face["id"]: face for face in self.page.people}
        for told in self.client.events["people"]:
            faces |= {face["id"]: face for face in told["joined"]}
            for face_id, cursor in told["cursors"].items():
                faces[face_id] = {**faces[face_id], "cursor": cursor}
            for face_id in told["left"]:
                faces.pop(face_id, None)
        return faces

    @property
    def names(self) -> list[str]:
        return sorted(face["name"] for face in self.people.values())


async def seen(connect: Connect, server: Server, cast: Cast, user: Any, **options: Any) -> Seen:
    return await Seen(await connect(server, user, **options), cast.document.key).open()


async def test_people_of_both_instances_see_each_other_come_move_and_go(
    pair: list[Server], live_cast: Cast, connect: Connect
) -> None:
    alice = await seen(connect, pair[0], live_cast, live_cast.alice)
    bob = await seen(connect, pair[1], live_cast, live_cast.bob)
    for one in (alice, bob):
        await eventually(lambda one=one: one.names == ["Alice", "Bob"], seconds=3)
    face = next(face for face in alice.people.values() if face["name"] == "Bob")
    assert (face["user"], face["role"], face["color"]) == (live_cast.bob.key, "editor", live_cast.bob.color)
    await bob.client.call("cursor", {"document": bob.key, "anchor": b"\1", "head": b"\2"})
    await eventually(lambda: alice.people[bob.page.you]["cursor"] == [b"\1", b"\2"], seconds=3)
    late = await seen(connect, pair[0], live_cast, live_cast.vera)
    assert late.names == ["Alice", "Bob", "Vera"], "whoever comes later has them at once"
    loop = asyncio.get_running_loop()
    began = loop.time()
    await bob.client.close()
    await eventually(lambda: alice.names == ["Alice", "Vera"], seconds=3)
    assert loop.time() - began < 1, "a clean leave is seen within a second"


async def test_whoever_opens_first_on_an_instance_is_told_who_is_elsewhere(
    pair: list[Server], live_cast: Cast, connect: Connect
) -> None:
    alice = await seen(connect, pair[0], live_cast, live_cast.alice)
    await alice.client.call("cursor", {"document": alice.key, "anchor": b"\1", "head": b"\2"})
    await asyncio.sleep(0.3)
    bob = await seen(connect, pair[1], live_cast, live_cast.bob)
    await eventually(lambda: bob.names == ["Alice", "Bob"], seconds=3)


async def test_the_people_of_an_instance_that_dies_are_gone_within_the_bound(
    pair: list[Server], live_cast: Cast, connect: Connect
) -> None:
    alice = await seen(connect, pair[0], live_cast, live_cast.alice)
    for user in (live_cast.bob, live_cast.vera):
        await seen(connect, pair[1], live_cast, user)
    await eventually(lambda: alice.names == ["Alice", "Bob", "Vera"], seconds=3)
    pair[1].kill()
    bound = elsewhere.LEASE_SECONDS + elsewhere.RENEW_SECONDS + 2
    assert bound <= 30
    await eventually(lambda: alice.names == ["Alice"], seconds=bound)
    late = await seen(connect, pair[0], live_cast, live_cast.bob)
    assert late.names == ["Alice", "Bob"]


async def test_an_instance_that_ends_takes_its_people_along_at_once(
    pair: list[Server], live_cast: Cast, connect: Connect
) -> None:
    alice = await seen(connect, pair[0], live_cast, live_cast.alice)
    await seen(connect, pair[1], live_cast, live_cast.bob)
    await eventually(lambda: alice.names == ["Alice", "Bob"], seconds=3)
    await asyncio.to_thread(pair[1].stop)
    await eventually(lambda: alice.names == ["Alice"], seconds=3)


async def test_redis_that_forgets_everything_is_told_again(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    with Redis() as redis:
        pair = [own_server(REDIS_URL=redis.url, COLLAB_INSTANCE=name, COLLAB_HEAL_SECONDS="30") for name in "ab"]
        await asyncio.to_thread(wait_until_known, pair, redis=True)
        alice = await seen(connect, pair[0], live_cast, live_cast.alice)
        bob = await seen(connect, pair[1], live_cast, live_cast.bob)
        await eventually(lambda: alice.names == ["Alice", "Bob"], seconds=3)
        redis.kill()
        await bob.client.close()  # nobody can tell alice now
        redis.start()
        await eventually(lambda: alice.names == ["Alice"], seconds=12)
        vera = await seen(connect, pair[1], live_cast, live_cast.vera)
        await eventually(lambda: alice.names == vera.names == ["Alice", "Vera"], seconds=5)


async def test_while_redis_is_away_nobody_is_shown_who_may_have_left(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    with Redis() as redis:
        pair = [own_server(REDIS_URL=redis.url, COLLAB_INSTANCE=name, COLLAB_HEAL_SECONDS="30") for name in "ab"]
        alice = await seen(connect, pair[0], live_cast, live_cast.alice)
        await seen(connect, pair[1], live_cast, live_cast.bob)
        await eventually(lambda: alice.names == ["Alice", "Bob"], seconds=3)
        redis.kill()
        await eventually(lambda: alice.names == ["Alice"], seconds=30)


async def test_y5_the_page_that_moves_to_another_instance_takes_its_clientid_along(
    pair: list[Server], live_cast: Cast, connect: Connect
) -> None:
    """Its old line is half open: nobody there has noticed. A stranger with the same clientID is refused."""
    old = await connect(pair[0], live_cast.bob)
    page = await old.open(live_cast.document.key)
    watching = await seen(connect, pair[1], live_cast, live_cast.alice)
    await eventually(lambda: watching.names == ["Alice", "Bob"], seconds=3)
    carol = await connect(pair[1], live_cast.carol)
    with pytest.raises(Exception, match="bad_frame"):
        await carol.call(
            "open",
            {"document": live_cast.document.key, "have": b"\0", "client_id": page.doc.client_id, "epoch": None},
        )
    new = await connect(pair[1], live_cast.bob, session=old.session)
    await new.open(live_cast.document.key, page)
    await eventually(old.disconnected.is_set, what="the old line is closed")
    await eventually(lambda: watching.names == ["Alice", "Bob"], seconds=3)
    await page.type("goes on")
