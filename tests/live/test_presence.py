"""Who is here and where: participants, carets, and how quickly somebody is gone."""

from typing import Any

import pytest

from tests.conftest import Connect, Dial
from tests.harness.client import Client, eventually
from tests.harness.people import Cast
from tests.harness.raw import RawPolling, RawWebSocket
from tests.harness.server import Server


def left(client: Client, participant: str) -> bool:
    return any(participant in told["left"] for told in client.events["people"])


async def test_two_pages_of_one_person_are_two_participants_and_one_user(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    first, second = await connect(server, live_cast.bob), await connect(server, live_cast.bob)
    one = await first.open(live_cast.document.key)
    other = await second.open(live_cast.document.key)
    assert one.you != other.you
    assert {face["user"] for face in other.people} == {live_cast.bob.key}
    assert [face["id"] for face in other.people] == [one.you, other.you]


@pytest.mark.parametrize("way", ["leave", "hang up", "close the line"])
async def test_who_goes_is_gone_for_the_others(server: Server, live_cast: Cast, connect: Connect, way: str) -> None:
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob)
    await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    await eventually(lambda: any(one["id"] == his.you for told in alice.events["people"] for one in told["joined"]))
    if way == "leave":
        await bob.call("leave", {"document": his.key})
    elif way == "hang up":
        await bob.sio.disconnect()
    else:
        await bob.close()
    await eventually(lambda: left(alice, his.you), seconds=5, what="bob left")
    third = await (await connect(server, live_cast.carol)).open(live_cast.document.key)
    assert [face["name"] for face in third.people] == ["Alice", "Carol"]


async def test_of_a_hundred_moves_few_are_told_and_the_last_is_right(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob)
    await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    for step in range(100):
        await bob.sio.emit("cursor", {"document": his.key, "anchor": b"%d" % step, "head": b"%d" % step})

    def caret() -> Any:
        told = [one["cursor"] for people in alice.events["people"] for one in people["joined"] if one["id"] == his.you]
        moved = [people["cursors"][his.you] for people in alice.events["people"] if his.you in people["cursors"]]
        return [None, *told, *moved][-1]

    await eventually(lambda: caret() == [b"99", b"99"], what="the last position")
    assert len(alice.events["people"]) < 30
    late = await (await connect(server, live_cast.vera)).open(live_cast.document.key)
    assert [face["cursor"] for face in late.people if face["id"] == his.you] == [[b"99", b"99"]]
    await bob.call("cursor", {"document": his.key, "anchor": None, "head": None})
    await eventually(lambda: caret() is None, what="no caret any more")


@pytest.mark.parametrize("transport", [RawWebSocket, RawPolling])
async def test_whose_line_dies_silently_is_gone_after_missed_heartbeats(
    own_server: Any, live_cast: Cast, connect: Connect, dial: Dial, transport: Any
) -> None:
    """No close, no packet, no answer to the ping: a laptop whose lid was closed. The bound here is generous."""
    server = own_server(COLLAB_HEARTBEAT_SECONDS="2")
    alice = await connect(server, live_cast.alice)
    await alice.open(live_cast.document.key)
    line = await dial(transport, server, live_cast.bob)
    await line.greet()
    opening = {"document": live_cast.document.key, "have": b"\0", "client_id": 7, "epoch": None}
    (answer,) = await line.ask("open", opening)
    line._reader.cancel()
    await eventually(lambda: left(alice, answer["you"]), seconds=15, what="bob is gone")
    assert not alice.disconnected.is_set()


async def test_opening_again_is_a_resync_and_no_second_face(server: Server, live_cast: Cast, connect: Connect) -> None:
    bob = await connect(server, live_cast.bob)
    page = await bob.open(live_cast.document.key)
    you = page.you
    await bob.call("cursor", {"document": page.key, "anchor": b"a", "head": b"h"})
    await bob.open(live_cast.document.key, page)
    assert page.you == you
    assert [(face["id"], face["cursor"]) for face in page.people] == [(you, [b"a", b"h"])]
