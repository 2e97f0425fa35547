"""A cold or lagging process lets people in one after the other; a warm one lets in everybody."""

import asyncio
from collections.abc import Callable

import pytest
from socketio.exceptions import ConnectionError as NotLetIn

from rooms.core.errors import Busy
from rooms.live import gate as gates
from rooms.live.gate import Gate
from tests.harness.client import Client
from tests.harness.orm import orm
from tests.harness.people import Cast, sign_in
from tests.harness.server import Server


class Clock:
    """Seconds that pass when a test says so: of the wall, and of the processor."""

    def __init__(self) -> None:
        self.now, self.cpu = 1_000.0, 0.0

    def monotonic(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.cpu


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(gates, "time", clock)
    return clock


def crowd(gate: Gate, number: int) -> int:
    """Return how many of `number` come in at this moment."""
    inside = 0
    told: list[int] = []
    for _ in range(number):
        try:
            gate.enter()
            inside += 1
        except Busy as busy:
            told.append(busy.answer()["retry_after_ms"])
    assert all(wait > 0 for wait in told)
    return inside


async def test_a_warm_process_lets_in_everybody(clock: Clock) -> None:
    assert crowd(Gate(per_second=10, warmup_seconds=0), 5_000) == 5_000


async def test_a_cold_one_lets_in_what_it_carries(clock: Clock) -> None:
    gate = Gate(per_second=100, warmup_seconds=15)
    assert 20 <= crowd(gate, 5_000) <= 30
    clock.now += 16
    assert crowd(gate, 5_000) == 5_000


async def test_one_that_is_about_to_end_lets_in_nobody(clock: Clock) -> None:
    gate = Gate(per_second=100, warmup_seconds=0)
    gate.close()
    assert crowd(gate, 10) == 0
    assert gate.refused == 10


async def ticks(gate: Gate, clock: Clock, late: float, seconds: float = 0.0) -> None:
    """Let the gate's timer come `late`, once or for some seconds."""
    clock.now += gates.TICK_SECONDS + late
    gate._tick()
    while seconds > 0:
        seconds -= gates.TICK_SECONDS
        clock.now += gates.TICK_SECONDS
        gate._tick()
    gate.stop()


async def test_one_that_lags_lets_in_what_it_carries_until_it_has_caught_up(clock: Clock) -> None:
    gate = Gate(per_second=100, warmup_seconds=0)
    gate._tick()
    await ticks(gate, clock, late=gates.LAGGING_SECONDS + 0.1)
    assert crowd(gate, 5_000) <= 30
    await ticks(gate, clock, late=0, seconds=gates.CALM_FOR_SECONDS + 0.2)
    assert crowd(gate, 5_000) == 5_000


async def test_a_small_delay_is_no_reason(clock: Clock) -> None:
    gate = Gate(per_second=100, warmup_seconds=0)
    gate._tick()
    await ticks(gate, clock, late=gates.LAGGING_SECONDS - 0.05)
    assert gate.is_wide_open


async def test_the_rate_is_what_this_machine_can_carry(clock: Clock) -> None:
    """Connects that cost 20 ms each: half of a core is 25 a second, whatever the setting says."""
    gate = Gate(per_second=200, warmup_seconds=60)
    gate._tick()
    gate.stop()
    for _ in range(200):
        clock.cpu += 0.02 * crowd(gate, 50)
        await ticks(gate, clock, late=0)
    assert 15 < gate.per_second < 40
    for _ in range(400):  # and when they become cheap again it lets in more, up to the setting
        clock.cpu += 0.0005 * crowd(gate, 100)
        await ticks(gate, clock, late=0)
    assert gate.per_second == pytest.approx(200, rel=0.05)


async def test_a_client_is_told_when_to_come_again_and_is_let_in_then(
    own_server: Callable[..., Server], live_cast: Cast
) -> None:
    server = own_server(COLLAB_WARMUP_SECONDS="60", COLLAB_CONNECTS_PER_SECOND="4")
    clients = [Client(server.url, await orm(sign_in, live_cast.bob)) for _ in range(6)]
    try:
        came = await asyncio.gather(*(client.connect() for client in clients), return_exceptions=True)
        refused = [client for client, one in zip(clients, came, strict=True) if isinstance(one, NotLetIn)]
        assert 2 <= len(refused) < 6, "a cold server that lets in four a second"
        assert {client.refusal["data"]["code"] for client in refused} == {"busy"}
        waits = [client.refusal["data"]["retry_after_ms"] / 1_000 for client in refused]
        assert len(set(waits)) == len(waits), "each has a place of its own"

        async def come_again(client: Client, wait: float) -> None:
            await asyncio.sleep(wait)
            await client.connect()
            await client.open(live_cast.document.key)

        await asyncio.gather(*map(come_again, refused, waits))
    finally:
        for client in clients:
            await client.close()
