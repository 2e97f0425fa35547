"""Whoever has a document open hears that its comments changed, and nobody else does."""

from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import pytest

from rooms import store
from rooms.core.commenting import Kind
from rooms.core.errors import Busy
from rooms.models import Document, Instance
from rooms.services import comments, members
from tests.conftest import Connect
from tests.harness.client import Client, eventually
from tests.harness.inside import Inside
from tests.harness.orm import orm
from tests.harness.people import Cast
from tests.harness.redis import Redis
from tests.harness.server import Server
from tests.live.test_revocation import eventually_in_database

# What arrives sooner was not found by looking at the database from time to time.
SLOW = {"COLLAB_HEAL_SECONDS": "300", "COLLAB_SWEEP_SECONDS": "300"}
# Django takes a request whose token is that of the cookie.
TOKEN = "a" * 32
REMARK = {"kind": "comment", "anchor": None, "head": None, "quote": "", "body": "Why May?", "replacement": None}


def comment(cast: Cast) -> int:
    """Comment as carol, in this process. Returns the version."""
    beginning = comments.Beginning(Kind.COMMENT, None, None, "", "Why May?", None)
    return comments.begin(document=cast.document, by=cast.carol, beginning=beginning).version


async def send(server: Server, sender: Client, cast: Cast) -> int:
    """Comment through the page of `server`, as the person of that socket. Returns the version."""
    headers = {"Cookie": f"sessionid={sender.session}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
    url = f"{server.url}/d/{cast.document.key}/comments"
    async with aiohttp.ClientSession() as http, http.post(url, json=REMARK, headers=headers) as answer:
        assert answer.status == 201
        version: int = (await answer.json())["version"]
        return version


async def heard(client: Client, cast: Cast, *, times: int = 1) -> list[int]:
    """Wait for so many events and return the versions of all."""
    await eventually(lambda: len(client.events["commented"]) >= times, what="told")
    assert {told["document"] for told in client.events["commented"]} == {cast.document.key}
    return [told["version"] for told in client.events["commented"]]


async def test_a_comment_is_told_at_once_on_both_transports(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    server = own_server(**SLOW)
    other = await orm(Document.objects.create, room=live_cast.room, title="Other")
    carol = await connect(server, live_cast.carol)
    vera = await connect(server, live_cast.vera, transport="polling")
    bob = await connect(server, live_cast.bob)
    for client in (carol, vera):
        await client.open(live_cast.document.key)
    await bob.open(other.key)
    assert await send(server, carol, live_cast) == 1
    assert await heard(carol, live_cast) == await heard(vera, live_cast) == [1]
    assert await send(server, carol, live_cast) == 2
    assert await heard(carol, live_cast, times=2) == await heard(vera, live_cast, times=2) == [1, 2]
    assert bob.events["commented"] == []


async def test_a_comment_made_in_another_process_is_found_by_looking(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    vera = await connect(server, live_cast.vera)
    await vera.open(live_cast.document.key)
    await orm(comment, live_cast)
    assert await heard(vera, live_cast) == [1]


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis() as running:
        yield running


async def test_with_redis_other_instances_tell_it_at_once(
    own_server: Callable[..., Server], redis: Redis, live_cast: Cast, connect: Connect
) -> None:
    """The instance whose page took the comment has nobody in the document."""
    first, second = (own_server(REDIS_URL=redis.url, COLLAB_INSTANCE=name, **SLOW) for name in "ab")
    carol, vera = await connect(first, live_cast.carol), await connect(second, live_cast.vera)
    await vera.open(live_cast.document.key)
    # Until an instance hears itself through Redis, it looks at the database each second.
    await eventually_in_database(Instance.objects.filter(name="b", hears=True).exists)
    await send(first, carol, live_cast)
    assert await heard(vera, live_cast) == [1]


async def test_whoever_is_out_hears_nothing_more(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    server = own_server(**{**SLOW, "COLLAB_HEAL_SECONDS": "0.3"})
    alice, bob, carol = [await connect(server, person) for person in (live_cast.alice, live_cast.bob, live_cast.carol)]
    for client in (alice, bob):
        await client.open(live_cast.document.key)
    await send(server, carol, live_cast)
    assert await heard(alice, live_cast) == await heard(bob, live_cast) == [1]
    await orm(members.remove_member, room=live_cast.room, user=live_cast.bob)
    await eventually(lambda: bob.events["access"], what="bob is told")
    await send(server, carol, live_cast)
    assert await heard(alice, live_cast, times=2) == [1, 2]
    # Bob's line is in order: what was sent before this answer would have arrived before it.
    mine = await orm(Document.objects.create, room=await orm(own_room, live_cast), title="His")
    await bob.open(mine.key)
    assert len(bob.events["commented"]) == 1


def own_room(cast: Cast) -> Any:
    room = type(cast.room).objects.create(name="His")
    room.memberships.create(user=cast.bob, role="owner")
    return room


# --- Step by step -----------------------------------------------------------------------------------------------------


async def test_what_an_older_look_saw_is_no_news(inside: Inside, live_cast: Cast) -> None:
    vera = await inside.visit(live_cast.vera)
    await vera.open(live_cast.document.key)
    (document,) = inside.live.documents.all()
    before = await inside.live.database.read(store.heads, [document.id])
    await orm(comment, live_cast)
    await inside.live.watch.look()
    await inside.live.watch._heal_all([document], before)
    await inside.live.watch.look()
    assert vera.heard("commented") == [{"document": live_cast.document.key, "version": 1}]


async def test_whoever_opens_a_document_is_told_of_what_comes_after(inside: Inside, live_cast: Cast) -> None:
    for _ in range(3):
        await orm(comment, live_cast)
    vera = await inside.visit(live_cast.vera)
    await vera.open(live_cast.document.key)
    await inside.live.watch.look()
    assert vera.heard("commented") == []
    await orm(comment, live_cast)
    await inside.live.watch.look()
    assert [told["version"] for told in vera.heard("commented")] == [4]


async def test_many_changes_are_looked_at_together(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    vera = await inside.visit(live_cast.vera)
    await vera.open(live_cast.document.key)
    looks: list[list[int]] = []

    def counted(ids: list[int]) -> dict[int, store.Head]:
        looks.append(ids)
        return heads(ids)

    heads = store.heads
    monkeypatch.setattr(store, "heads", counted)
    for _ in range(20):
        await orm(comment, live_cast)
    for _ in range(20):
        inside.live.watch.changed(live_cast.document.pk)
    inside.live.watch.changed(0)  # a document that nobody has open
    await eventually(lambda: vera.heard("commented"), what="told")
    assert vera.heard("commented") == [{"document": live_cast.document.key, "version": 20}]
    assert looks == [[live_cast.document.pk]]


async def test_a_database_that_is_away_costs_one_look(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    vera = await inside.visit(live_cast.vera)
    await vera.open(live_cast.document.key)
    await orm(comment, live_cast)

    async def away(*arguments: object) -> Any:
        raise Busy("away", retry_after=1)

    with monkeypatch.context() as patched:
        patched.setattr(inside.live.database, "read", away)
        inside.live.watch.changed(live_cast.document.pk)
        await eventually(lambda: "away" in caplog.text, what="said")
    inside.live.watch.changed(live_cast.document.pk)
    await eventually(lambda: vera.heard("commented"), what="told")
