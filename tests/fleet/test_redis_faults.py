"""Redis killed, stopped, deaf or forged: people here notice nothing, people there get it later, and nothing is lost.

Bounds are the issue's: two seconds over the database while Redis is known to be away, everything as before within five
seconds of its return.
"""

import asyncio
import socket
from collections.abc import Callable, Iterator

import pytest

from rooms.live import app, bus, kept
from tests.conftest import Connect
from tests.harness.client import Client, Page, eventually
from tests.harness.orm import orm, written
from tests.harness.people import Cast
from tests.harness.proxy import Proxy
from tests.harness.redis import Redis
from tests.harness.server import Server

# Until a silent Redis is known to be away, and a look at the database.
KNOWN_SECONDS = 4.0
LOOK_SECONDS = 2.0
BACK_SECONDS = 5.0


@pytest.fixture
def redis() -> Iterator[Redis]:
    with Redis() as running:
        yield running


class Two:
    """Alice on one instance, bob on the other, in the same document."""

    def __init__(self, hers: Page, his: Page) -> None:
        self.hers, self.his = hers, his
        self.number = 0

    async def reaches(self, seconds: float) -> float:
        """Type on one side and wait for the other; return how long typing took, in seconds."""
        self.number += 1
        word = f"w{self.number} "
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self.hers.type(word)
        took = loop.time() - began
        await eventually(lambda: word in str(self.his), seconds=seconds, what=f"{word}on the other instance")
        return took


@pytest.fixture
def two(own_server: Callable[..., Server], live_cast: Cast, connect: Connect) -> Callable[..., "asyncio.Future[Two]"]:
    async def make(*urls: str) -> Two:
        pages = []
        for name, url, user in zip("ab", urls * 2, (live_cast.alice, live_cast.bob), strict=False):
            server = own_server(REDIS_URL=url, COLLAB_INSTANCE=name, COLLAB_HEAL_SECONDS="20")
            client: Client = await connect(server, user)
            pages.append(await client.open(live_cast.document.key))
        await asyncio.sleep(1.5)
        pair = Two(*pages)
        await pair.reaches(1)
        return pair

    return make  # type: ignore[return-value]


MakeTwo = Callable[..., "asyncio.Future[Two]"]


async def test_redis_killed_and_back(redis: Redis, two: MakeTwo, live_cast: Cast) -> None:
    pair = await two(redis.url)
    redis.kill()
    await asyncio.sleep(KNOWN_SECONDS)
    for _ in range(5):
        assert await pair.reaches(LOOK_SECONDS) < 1
    redis.start()
    await asyncio.sleep(BACK_SECONDS)
    for _ in range(5):
        await pair.reaches(0.5)
    assert str(pair.his) == str(pair.hers) == await orm(written, live_cast.document)


async def test_r3_redis_stopped_blocks_nobody(redis: Redis, two: MakeTwo, live_cast: Cast) -> None:
    pair = await two(redis.url)
    redis.stop_for_a_while()
    loop = asyncio.get_running_loop()
    began = loop.time()
    slowest = 0.0
    while loop.time() - began < KNOWN_SECONDS + 2:
        started = loop.time()
        await pair.hers.type("x")
        slowest = max(slowest, loop.time() - started)
    assert slowest < 1, "an edit waits for the database and never for Redis"
    await pair.reaches(LOOK_SECONDS)
    redis.go_on()
    await asyncio.sleep(BACK_SECONDS)
    await pair.reaches(0.5)
    assert str(pair.his) == str(pair.hers) == await orm(written, live_cast.document)


async def test_an_instance_cut_off_from_redis_alone_goes_on(redis: Redis, two: MakeTwo, live_cast: Cast) -> None:
    """A partition: one instance reaches Redis, the other does not; and what is on its way is lost in the cut."""
    proxy = Proxy().start(redis.port)
    try:
        pair = await two(f"redis://127.0.0.1:{proxy.port}/0", redis.url)
        proxy.cut()
        await asyncio.sleep(0.2)
        await pair.hers.type("right after the cut ")
        await asyncio.sleep(KNOWN_SECONDS)
        his = str(pair.his)
        proxy.mend()
        await asyncio.sleep(BACK_SECONDS)
        await pair.reaches(0.5)
        assert "right after the cut " in str(pair.his), his
        assert str(pair.his) == str(pair.hers) == await orm(written, live_cast.document)
    finally:
        proxy.stop()


async def test_r4_a_listener_that_was_cut_off_for_being_slow_hears_again(two: MakeTwo, live_cast: Cast) -> None:
    """Redis drops a listener whose output is too large, here by a command; it comes back and reads what it missed."""
    with Redis() as redis:
        pair = await two(redis.url)
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", redis.port), timeout=2) as line:
                line.sendall(b"CLIENT KILL TYPE pubsub\r\n")
                assert line.recv(64).startswith(b":")
            await pair.hers.type("while nobody listens ")
            await asyncio.sleep(1.5)
        await pair.reaches(1)
        assert str(pair.his).count("while nobody listens") == 3


async def test_r6_what_a_stranger_publishes_is_not_heard(redis: Redis, two: MakeTwo, live_cast: Cast) -> None:
    pair = await two(redis.url)
    document = live_cast.document.pk
    with socket.create_connection(("127.0.0.1", redis.port), timeout=2) as line:
        for channel, body in ((f"collab:document:{document}", b"\x95\xa4edit"), ("collab:all", b"\x92\xa6access\xa1x")):
            payload = bytes(16) + body
            line.sendall(
                b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%s\r\n$%d\r\n" % (len(channel), channel.encode(), len(payload))
            )
            line.sendall(payload + b"\r\n")
            assert line.recv(64) == b":2\r\n", "both instances listen there"
    await pair.reaches(0.5)
    assert str(pair.his) == str(pair.hers) == await orm(written, live_cast.document)


def test_the_bounds_hold_together() -> None:
    assert bus.DEAF_SECONDS + bus.BEAT_SECONDS <= KNOWN_SECONDS
    assert app.ALONE_SECONDS < LOOK_SECONDS
    assert kept.RETRY_SECONDS[1] + 2 * kept.ANSWER_SECONDS <= BACK_SECONDS
