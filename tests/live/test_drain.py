"""The end of an instance: people leave one after the other, nothing that they wrote is lost, and it exits with 0."""

import asyncio
import json
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from socketio.exceptions import ConnectionError as NotLetIn

from tests.conftest import Connect
from tests.harness.client import Client, eventually
from tests.harness.orm import orm, written
from tests.harness.people import Cast
from tests.harness.server import Server


def term(server: Server) -> None:
    assert server._process is not None
    server._process.send_signal(signal.SIGTERM)


def readiness(server: Server) -> tuple[int, list[str]]:
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=5) as answer:
            return answer.status, json.loads(answer.read())["reasons"]
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())["reasons"]


async def ended(server: Server) -> int:
    return await asyncio.to_thread(server.stop)


async def test_it_is_unready_first_and_lets_nobody_in_afterwards(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    server = own_server(COLLAB_DRAIN_NOTICE_SECONDS="1.5", COLLAB_DRAIN_SECONDS="3", COLLAB_DRAIN_PER_SECOND="1")
    alice = await connect(server, live_cast.alice)
    term(server)
    await asyncio.sleep(0.3)
    status, reasons = await asyncio.to_thread(readiness, server)
    assert status == 503
    assert reasons[0].startswith("draining")
    bob = await connect(server, live_cast.bob)  # the load balancer has not noticed yet: he is served
    his = await bob.open(live_cast.document.key)
    await his.type("in time")
    await eventually(lambda: alice.events["drain"], what="alice is told when to leave")
    with pytest.raises(NotLetIn):
        await connect(server, live_cast.vera)
    assert await ended(server) == 0
    assert await orm(written, live_cast.document) == "in time"


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_p2_everybody_gets_a_moment_of_their_own_and_then_it_ends(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect, transport: str
) -> None:
    server = own_server(COLLAB_DRAIN_SECONDS="1.5", COLLAB_DRAIN_PER_SECOND="5")
    people = [await connect(server, live_cast.bob, transport=transport) for _ in range(6)]
    await (await people[0].open(live_cast.document.key)).type("kept")
    term(server)
    for one in people:
        await eventually(lambda one=one: one.events["drain"], what="told")
    moments = sorted(one.events["drain"][0]["slot_ms"] for one in people)
    assert moments == [0, 200, 400, 600, 800, 1_000]
    began = time.monotonic()
    assert await ended(server) == 0
    assert time.monotonic() - began < 12, "it does not wait out its whole window"
    assert "drained after" in server.log()
    assert await orm(written, live_cast.document) == "kept"


async def test_those_who_leave_in_their_moment_end_it_sooner(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    server = own_server(COLLAB_DRAIN_SECONDS="20", COLLAB_DRAIN_PER_SECOND="10")
    people = [await connect(server, live_cast.bob) for _ in range(5)]

    async def obey(one: Client) -> None:
        (told,) = await eventually(lambda: one.events["drain"])
        await asyncio.sleep(told["slot_ms"] / 1_000)
        await one.close()

    term(server)
    began = time.monotonic()
    await asyncio.gather(*map(obey, people))
    assert await ended(server) == 0
    assert time.monotonic() - began < 8


async def test_edits_that_are_on_their_way_are_stored_and_answered(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    server = own_server(COLLAB_DRAIN_SECONDS="2", COLLAB_DRAIN_PER_SECOND="1")
    bob = await connect(server, live_cast.bob)
    his = await bob.open(live_cast.document.key)
    acknowledged: list[str] = []

    async def type_on() -> None:
        for number in range(10_000):
            await his.type(f"w{number} ")
            acknowledged.append(f"w{number}")

    typing = asyncio.create_task(type_on())
    await asyncio.sleep(0.5)
    code = await ended(server)
    typing.cancel()
    await asyncio.gather(typing, return_exceptions=True)
    assert code == 0
    assert len(acknowledged) > 20
    stored = set((await orm(written, live_cast.document)).split())
    assert set(acknowledged) <= stored
    await bob.close()


async def test_nobody_there_is_no_reason_to_wait(own_server: Callable[..., Server]) -> None:
    server = own_server()
    began = time.monotonic()
    assert await ended(server) == 0
    assert time.monotonic() - began < 6
    assert re.search(r"drained after 0\.\d s", server.log())


async def test_quit_ends_it_at_once(own_server: Callable[..., Server], live_cast: Cast, connect: Connect) -> None:
    """What the master makes of Ctrl-C: it sends QUIT to its worker."""
    server = own_server(COLLAB_DRAIN_NOTICE_SECONDS="30")
    await connect(server, live_cast.alice)
    began = time.monotonic()
    assert server._process is not None
    server._process.send_signal(signal.SIGINT)
    await asyncio.to_thread(server._process.wait, 20)
    assert time.monotonic() - began < 9


async def test_a_second_signal_ends_it_at_once(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    server = own_server(COLLAB_DRAIN_NOTICE_SECONDS="30")
    await connect(server, live_cast.alice)
    began = time.monotonic()
    term(server)
    await asyncio.sleep(0.5)
    assert server._process is not None
    server._process.send_signal(signal.SIGINT)
    await ended(server)
    assert time.monotonic() - began < 15
