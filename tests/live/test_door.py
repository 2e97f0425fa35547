"""In a flood handshakes come in one at a time, each address in its turn; otherwise nobody waits."""

import asyncio
from collections.abc import Callable

import aiohttp
import pytest

from rooms.live.door import MOST_WAITING, PAUSE_SECONDS, Door, _network
from tests.harness.client import eventually
from tests.harness.orm import orm
from tests.harness.people import Cast, sign_in
from tests.harness.raw import CONNECT, RawWebSocket
from tests.harness.server import Server

HOG, FEW = "192.0.2.7", "192.0.2.8"


class Hall:
    """A door, and who came through it, in that order; `refused` has those who did not."""

    def __init__(self) -> None:
        self.is_flooded = True
        self.door = Door(is_flooded=lambda: self.is_flooded)
        self.inside: list[str] = []
        self.refused: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, address: str, count: int) -> list[asyncio.Task[None]]:
        """Have so many come, and return once each of them stands before the door."""
        came = [asyncio.create_task(self._pass(address)) for _ in range(count)]
        self.tasks += came
        await asyncio.sleep(0)
        return came

    async def _pass(self, address: str) -> None:
        (self.inside if await self.door.pass_through(address) else self.refused).append(address)


async def test_without_a_flood_nobody_waits() -> None:
    hall = Hall()
    hall.is_flooded = False
    await hall.come(HOG, 1_000)
    assert len(hall.inside) == 1_000


async def test_in_a_flood_one_at_a_time_comes_in() -> None:
    hall = Hall()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await hall.come(HOG, 20)
    assert len(hall.inside) == 1
    await asyncio.gather(*hall.tasks)
    assert loop.time() - began >= 19 * PAUSE_SECONDS * 0.9


async def test_whoever_comes_from_elsewhere_waits_for_one_of_the_flood_at_most() -> None:
    hall = Hall()
    await hall.come(HOG, 200)
    await asyncio.gather(*await hall.come(FEW, 1))
    assert hall.inside.index(FEW) <= hall.inside.count(HOG)
    assert hall.inside.count(HOG) <= 3


async def test_of_too_many_the_newest_are_refused_of_those_who_come_most() -> None:
    hall = Hall()
    few = await hall.come(FEW, 5)
    hog = await hall.come(HOG, MOST_WAITING + 100)
    assert all(one.done() for one in hog[-90:])
    assert not hog[0].done()
    assert set(hall.refused) == {HOG}
    more = await hall.come(FEW, 5)
    await asyncio.gather(*few, *more)
    assert hall.refused.count(FEW) == 0


async def test_when_it_is_over_all_who_wait_come_in_at_once() -> None:
    hall = Hall()
    await hall.come(HOG, MOST_WAITING)
    hall.is_flooded = False
    async with asyncio.timeout(MOST_WAITING * PAUSE_SECONDS / 2):
        await asyncio.gather(*hall.tasks)
    assert len(hall.inside) == MOST_WAITING


async def test_a_flood_of_addresses_has_its_bound_too() -> None:
    hall = Hall()
    for number in range(2 * MOST_WAITING):
        await hall.come(f"192.0.{number // 256}.{number % 256}", 1)
    assert hall.door._count == MOST_WAITING == sum(map(len, hall.door._waiting.values()))
    assert all(hall.door._waiting.values()), "what nobody waits in is forgotten"


async def test_whoever_gives_up_makes_nobody_wait_longer_than_their_turn() -> None:
    hall = Hall()
    gone = await hall.come(HOG, 5)
    for one in gone[1:]:
        one.cancel()
    await asyncio.gather(*await hall.come(FEW, 1))
    assert hall.inside == [HOG, FEW]


def test_one_person_has_a_whole_network_of_ipv6() -> None:
    assert _network("2001:db8::1") == _network("2001:db8::ffff:1") != _network("2001:db8:0:1::1")
    assert _network("fe80::1%eth0") == _network("fe80::2")
    assert _network("192.0.2.1") != _network("192.0.2.2")
    assert _network("::ffff:192.0.2.1") != _network("::ffff:192.0.2.2")
    assert _network("") == ""
    assert _network("what: a proxy says") == "what: a proxy says"


@pytest.mark.timeout(120)
async def test_in_a_flood_pages_do_not_wait_and_people_from_elsewhere_come_in(
    own_server: Callable[..., Server], live_cast: Cast
) -> None:
    """Behind a proxy that says where each comes from. Each of the flood asks again as soon as it is answered."""
    server = own_server(COLLAB_PROXY_COUNT="1")
    session = await orm(sign_in, live_cast.alice)
    alice = await RawWebSocket(server.url, session, **{"Origin": server.url, "X-Forwarded-For": FEW}).dial()
    assert (await alice.greet())["type"] == CONNECT
    ends = asyncio.Event()
    handshakes = 0

    async def flood(http: aiohttp.ClientSession) -> None:
        nonlocal handshakes
        while not ends.is_set():
            async with http.get(f"{server.url}/socket.io/?EIO=4&transport=polling") as answer:
                assert answer.status in {200, 401, 503}
                handshakes += 1

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers={"X-Forwarded-For": HOG}, connector=connector) as http:
        flooding = [asyncio.create_task(flood(http)) for _ in range(100)]
        try:
            await eventually(lambda: "many lines come to nothing" in server.log(), what="it is seen")
            loop = asyncio.get_running_loop()
            before, began = handshakes, loop.time()
            for _ in range(5):
                async with http.get(f"{server.url}/readyz") as answer:
                    assert answer.status == 200
            line = await RawWebSocket(server.url, session, **{"Origin": server.url, "X-Forwarded-For": FEW}).dial()
            assert (await line.greet())["type"] == CONNECT
            await line.close()
            # A hundred of the flood stood before the door when this one came.
            assert handshakes - before < 90
            await asyncio.sleep(1)
            assert handshakes - before <= (loop.time() - began) / PAUSE_SECONDS + 10
        finally:
            ends.set()
            await asyncio.gather(*flooding)
            await alice.close()
