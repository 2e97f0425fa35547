"""Two people write in one document: the way of one edit, through real sockets."""

import pytest

from tests.conftest import Connect
from tests.harness.client import eventually
from tests.harness.people import Cast
from tests.harness.server import Server


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_two_people_see_each_others_words(
    server: Server, live_cast: Cast, connect: Connect, transport: str
) -> None:
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob, transport=transport)
    hers = await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)

    first = await hers.type("Hello ")
    await eventually(lambda: str(his) == "Hello ", what="bob sees alice's words")
    second = await his.type("world")
    await eventually(lambda: str(hers) == "Hello world", what="alice sees bob's words")

    assert (first, second) == (1, 2)
    late = await (await connect(server, live_cast.carol)).open(live_cast.document.key)
    assert str(late) == "Hello world"
    assert late.role == "commenter"
