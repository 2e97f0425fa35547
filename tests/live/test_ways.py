"""The product does the same with and without its short cuts through uvicorn: a real server for each way."""

from collections.abc import Iterator
from typing import Any

import pytest
from pycrdt import Doc, Text

from tests.conftest import Connect, Dial
from tests.harness.client import eventually
from tests.harness.orm import orm, written
from tests.harness.people import Cast
from tests.harness.raw import EVENT, SOON, RawWebSocket, opening, packet
from tests.harness.server import Server


class Deflating(RawWebSocket):
    compress = 15


# worker: what its clients offer
WAYS = {
    "collab.worker.CollabWorker": RawWebSocket,
    "tests.harness.workers.PublicWorker": RawWebSocket,
    "tests.harness.workers.DeflatingWorker": Deflating,
}
EDITS = 50


@pytest.fixture(scope="module", params=WAYS, ids=lambda worker: worker.rpartition(".")[2])
def way(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Server, Any]]:
    """A server, and the kind of line that its clients have."""
    server = Server(tmp_path_factory.mktemp("way") / "log", worker=request.param)
    with django_db_blocker.unblock():
        server.start()
    yield server, WAYS[request.param]
    server.kill()


async def test_one_conversation_goes_the_same_way_with_every_worker(
    way: tuple[Server, Any], live_cast: Cast, connect: Connect, dial: Dial
) -> None:
    server, kind = way
    key = live_cast.document.key
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(key)
    line = await dial(kind, server, live_cast.bob)
    assert bool(line.line.compress) is (kind is Deflating)
    await line.greet()
    doc: Doc[Any] = Doc()
    text = doc.get("text", type=Text)
    (opened,) = await line.ask("open", opening(key, doc))
    edits = []
    for number in range(EDITS):
        before = doc.get_state()
        text += f"{number} " + "x" * (3_000 if number % 10 == 9 else 0)
        edits.append({"document": key, "update": doc.get_update(before)})
    first = line.number()
    await line.send(packet(EVENT, ["edit", edits[0]], first))
    await line.send(*(packet(EVENT, ["edit", edit], line.number()) for edit in edits[1:]))
    (moved,) = await line.ask("cursor", {"document": key, "anchor": b"a", "head": b"h"})
    assert moved["ok"]
    await eventually(lambda: len(line.answers()) == EDITS + 2, what="everything is answered")
    numbers = range(first, first + EDITS)
    assert [number for number in line.answers() if number in numbers] == list(numbers), "in the order of sending"
    answers = [line.answers()[number][0] for number in numbers]
    assert {answer["ok"] for answer in answers} == {True}
    seqs = [answer["seq"] for answer in answers]
    assert seqs == sorted(seqs)
    await eventually(lambda: str(hers) == str(text), what="alice has all of it")
    assert [told["seq"] for told in alice.events["edited"]] == sorted({*seqs})

    def caret() -> bool:
        told = [people["cursors"].get(opened["you"]) for people in alice.events["people"]]
        told += [face["cursor"] for people in alice.events["people"] for face in people["joined"]]
        return [b"a", b"h"] in told

    await eventually(caret, what="alice sees where bob is")
    await hers.type("!")
    await eventually(lambda: line.events("edited"), what="bob hears alice")
    await line.frame(b"\xc1")
    await eventually(line.closed.is_set, seconds=SOON, what="what cannot be read closes the line")
    await eventually(
        lambda: any(opened["you"] in told["left"] for told in alice.events["people"]), seconds=SOON, what="bob left"
    )
    assert await orm(written, live_cast.document) == str(hers) == f"{text}!"
    assert not alice.disconnected.is_set()
    assert "Traceback" not in server.log()
