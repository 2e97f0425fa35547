"""Two instances on one database with Redis between them: edits, people and changes of access arrive at once.

Healing is set to half a minute here: what arrives sooner came through Redis.
"""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Connect
from tests.harness.client import Page, eventually, state
from tests.harness.orm import orm, rows, written
from tests.harness.people import Cast
from tests.harness.redis import Redis
from tests.harness.server import Server

SLOW = "30"


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis() as running:
        yield running


@pytest.fixture
def pair(own_server: Callable[..., Server], redis: Redis) -> list[Server]:
    return [
        own_server(REDIS_URL=redis.url, COLLAB_INSTANCE=name, COLLAB_HEAL_SECONDS=SLOW, COLLAB_SWEEP_SECONDS="300")
        for name in "ab"
    ]


async def test_an_edit_on_one_instance_is_seen_on_the_other_at_once(
    pair: list[Server], live_cast: Cast, connect: Connect
) -> None:
    alice, bob = await connect(pair[0], live_cast.alice), await connect(pair[1], live_cast.bob)
    hers, his = await alice.open(live_cast.document.key), await bob.open(live_cast.document.key)
    await asyncio.sleep(0.3)  # both listen by now
    await hers.type("from a ")
    await eventually(lambda: str(his) == "from a ", seconds=2)
    await his.type("from b")
    await eventually(lambda: str(hers) == "from a from b", seconds=2)


async def test_without_redis_it_is_not(own_server: Callable[..., Server], live_cast: Cast, connect: Connect) -> None:
    """The post's second trap, as it is without its cure."""
    first, second = (own_server(COLLAB_INSTANCE=name, COLLAB_HEAL_SECONDS=SLOW) for name in "ab")
    alice, bob = await connect(first, live_cast.alice), await connect(second, live_cast.bob)
    hers, his = await alice.open(live_cast.document.key), await bob.open(live_cast.document.key)
    await asyncio.sleep(0.3)
    await hers.type("from a ")
    await asyncio.sleep(2)
    assert str(his) == ""


async def test_two_instances_that_write_at_once_have_the_same_and_all_of_it(
    pair: list[Server], live_cast: Cast, connect: Connect
) -> None:
    key = live_cast.document.key
    pages: list[Page] = []
    for number, user in enumerate((live_cast.alice, live_cast.bob, live_cast.alice, live_cast.bob)):
        pages.append(await (await connect(pair[number % 2], user)).open(key))

    async def type_on(page: Page, letter: str) -> None:
        for number in range(50):
            await page.type(f"{letter}{number} ", at=0)

    await asyncio.gather(*(type_on(page, letter) for page, letter in zip(pages, "klmn", strict=True)))
    expected = {f"{letter}{number}" for letter in "klmn" for number in range(50)}
    for page in pages:
        await eventually(lambda page=page: set(str(page).split()) == expected, what="everything is everywhere")
    assert len({str(page) for page in pages}) == 1
    assert str(pages[0]) == await orm(written, live_cast.document)
    assert len({tuple(sorted(state(page).items())) for page in pages}) == 1
    stored = [seq for seq, _ in await orm(rows, live_cast.document)]
    assert stored == list(range(1, len(stored) + 1))


async def test_a_large_update_comes_too(pair: list[Server], live_cast: Cast, connect: Connect) -> None:
    """It is announced and read from the log: through Redis it would be a risk for the listeners (trap R4)."""
    alice, bob = await connect(pair[0], live_cast.alice), await connect(pair[1], live_cast.bob)
    hers, his = await alice.open(live_cast.document.key), await bob.open(live_cast.document.key)
    await asyncio.sleep(0.3)
    book = "a long book " * 40_000
    await hers.type(book)
    await eventually(lambda: str(his) == book, seconds=5)


async def test_what_is_written_before_an_instance_listens_is_not_missed(
    pair: list[Server], live_cast: Cast, connect: Connect
) -> None:
    """Somebody types without a pause while somebody else opens, over and over."""
    alice = await connect(pair[0], live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    typed = 0
    ended = asyncio.Event()

    async def type_on() -> None:
        nonlocal typed
        while not ended.is_set():
            await hers.type("x")
            typed += 1

    typing = asyncio.create_task(type_on())
    for _ in range(6):
        bob = await connect(pair[1], live_cast.bob)
        his = await bob.open(live_cast.document.key)
        await asyncio.sleep(0.15)
        seen = typed
        await eventually(lambda his=his, seen=seen: len(str(his)) >= seen, seconds=3)
        await bob.close()
    ended.set()
    await typing
