"""Two server processes on one database, and nothing else between them: they converge through the log alone."""

import asyncio
from collections.abc import Callable

from tests.conftest import Connect
from tests.harness.client import eventually, state
from tests.harness.orm import orm, rows, written
from tests.harness.people import Cast
from tests.harness.server import Server


async def test_people_on_two_processes_converge_through_the_database(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    first, second = (own_server(COLLAB_HEAL_SECONDS="0.2") for _ in range(2))
    alice, bob, vera = (
        await connect(first, live_cast.alice),
        await connect(second, live_cast.bob),
        await connect(second, live_cast.vera),
    )
    key = live_cast.document.key
    hers, his, seen = await alice.open(key), await bob.open(key), await vera.open(key)
    acknowledged: list[int] = []

    async def type_on(page: object, letter: str) -> None:
        for number in range(30):
            seq = await page.type(f"{letter}{number} ")  # type: ignore[attr-defined]
            acknowledged.append(seq)
            assert seq in {row for row, _ in await orm(rows, live_cast.document)}, "acknowledged means stored"

    await asyncio.gather(type_on(hers, "a"), type_on(his, "b"))
    expected = {f"{letter}{number}" for letter in "ab" for number in range(30)}
    await eventually(lambda: set(str(hers).split()) == set(str(seen).split()) == expected, what="converged")
    assert str(hers) == str(his) == str(seen) == await orm(written, live_cast.document)
    assert state(hers) == state(his)
    stored = [seq for seq, _ in await orm(rows, live_cast.document)]
    assert stored == list(range(1, len(stored) + 1))
    assert len(acknowledged) == 60


async def test_a_reader_elsewhere_reads_what_is_acknowledged_here(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    """The other process has the document open and is behind: opening it asks the log."""
    first, second = own_server(COLLAB_HEAL_SECONDS="30"), own_server(COLLAB_HEAL_SECONDS="30")
    alice, bob = await connect(first, live_cast.alice), await connect(second, live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    await bob.open(live_cast.document.key)
    seq = await hers.type("acknowledged")
    late = await connect(second, live_cast.vera)
    answer = await late.call("open", {"document": live_cast.document.key, "have": b"\0", "client_id": 7, "epoch": None})
    assert answer["seq"] == seq
    await eventually(lambda: str(bob.pages[live_cast.document.key]) == "acknowledged", what="bob is healed with it")
