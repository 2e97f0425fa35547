"""What was acknowledged, and what anybody else has seen, survives SIGKILL (DESIGN invariant 1)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.conftest import Connect
from tests.harness.client import Client, Page, Refused, eventually
from tests.harness.orm import orm, written
from tests.harness.people import Cast
from tests.harness.server import Server

ROUNDS = 8
BURST = 12  # acknowledged edits of each writer before the power goes


@dataclass
class Record:
    """What the outside world knows of a server that is gone now."""

    acknowledged: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)


def lost(record: Record, text: str) -> set[str]:
    """Return the tokens that were acknowledged, or seen by anybody but their writer, and are not in `text`."""
    return (record.acknowledged | record.seen) - set(text.split())


FABRICATED = {
    "an ack before the commit": (Record({"a1", "a2"}, {"a1"}), "a1 ", {"a2"}),
    "a relay before the commit": (Record({"a1"}, {"a1", "b1"}), "a1 ", {"b1"}),
    "half a token": (Record({"a10"}), "a1 ", {"a10"}),
    "nothing lost": (Record({"a1"}, {"b1"}), "a1 b1 b2 ", set()),
}


@pytest.mark.parametrize("case", FABRICATED)
def test_the_checker_finds_what_was_lost(case: str) -> None:
    record, text, expected = FABRICATED[case]
    assert lost(record, text) == expected


class Writer:
    """Types without a pause until the line breaks; remembers which of its tokens were acknowledged."""

    def __init__(self, name: str, page: Page, record: Record) -> None:
        self.name, self.page, self.record = name, page, record
        self.count = 0
        self.acknowledged_now = 0

    async def type_until_it_breaks(self, client: Client) -> None:
        waiting: asyncio.Future[Any] | None = None
        broken = asyncio.create_task(client.disconnected.wait())
        try:
            while not broken.done():
                self.count += 1
                token = f"{self.name}{self.count}"
                waiting = asyncio.ensure_future(self.page.type(f"{token} "))
                await asyncio.wait([waiting, broken], return_when=asyncio.FIRST_COMPLETED)
                if waiting.done() and waiting.exception() is None:
                    self.record.acknowledged.add(token)
                    self.acknowledged_now += 1
        finally:
            broken.cancel()
            if waiting is not None:
                waiting.cancel()
            await asyncio.gather(broken, *([waiting] if waiting else []), return_exceptions=True)


@pytest.mark.timeout(120)
async def test_nothing_acknowledged_and_nothing_seen_is_lost_by_sigkill(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    server = own_server()
    key = live_cast.document.key
    record = Record()
    people = {"a": live_cast.alice, "b": live_cast.bob, "c": live_cast.alice}
    writers = {name: Writer(name, Page(), record) for name in people}
    watching = Page()
    for _ in range(ROUNDS):
        clients = {name: await connect(server, user) for name, user in people.items()}
        watcher = await connect(server, live_cast.vera)
        await watcher.open(key, watching)
        for name, client in clients.items():
            await client.open(key, writers[name].page)
            writers[name].acknowledged_now = 0
        typing = [asyncio.create_task(writers[name].type_until_it_breaks(client)) for name, client in clients.items()]
        await eventually(
            lambda: all(writer.acknowledged_now >= BURST for writer in writers.values()), seconds=20, what="typing"
        )
        await asyncio.to_thread(server.kill)
        await asyncio.gather(*typing)
        record.seen |= set(str(watching).split())
        for name, writer in writers.items():
            record.seen |= {token for token in str(writer.page).split() if token[0] != name}
        await asyncio.gather(*(client.close() for client in (*clients.values(), watcher)))
        assert lost(record, await orm(written, live_cast.document)) == set()
        await asyncio.to_thread(server.start)
    assert len(record.acknowledged) >= ROUNDS * BURST * 3
    for name, user in people.items():
        writers[name].page.unsaved = True
        await (await connect(server, user)).open(key, writers[name].page)
    stored = await orm(written, live_cast.document)
    await (await connect(server, live_cast.vera)).open(key, watching)
    await eventually(lambda: {str(writer.page) for writer in writers.values()} == {stored}, what="equal")
    assert str(watching) == stored
    assert {f"{name}{number}" for name, writer in writers.items() for number in range(1, writer.count + 1)} == set(
        stored.split()
    ), "also what was never acknowledged was sent again"


async def test_what_was_acknowledged_survives_sigterm_and_the_process_ends_well(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    """With a reader on each transport; the long poll of one must not hold it up (trap P2)."""
    server = own_server()
    record = Record()
    alice = await connect(server, live_cast.alice)
    writer = Writer("a", Page(), record)
    await alice.open(live_cast.document.key, writer.page)
    for transport in ("websocket", "polling"):
        await (await connect(server, live_cast.vera, transport=transport)).open(live_cast.document.key)
    typing = asyncio.create_task(writer.type_until_it_breaks(alice))
    await eventually(lambda: writer.acknowledged_now >= 20, what="typing")
    loop = asyncio.get_running_loop()
    started = loop.time()
    assert await asyncio.to_thread(server.stop) == 0
    assert loop.time() - started < 30, "the graceful timeout of the server was waited out"
    await typing
    assert lost(record, await orm(written, live_cast.document)) == set()
    assert "Traceback" not in server.log()
    assert " ERROR " not in server.log()
    await asyncio.to_thread(server.start)
    late = await (await connect(server, live_cast.bob)).open(live_cast.document.key)
    assert lost(record, str(late)) == set()


async def test_a_refused_edit_is_not_in_the_log(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    server = own_server()
    carol = await connect(server, live_cast.carol)
    page = await carol.open(live_cast.document.key)
    with pytest.raises(Refused, match="forbidden"):
        await page.type("never")
    await asyncio.to_thread(server.kill)
    assert await orm(written, live_cast.document) == ""
