"""Who is here and where: participants, carets, and how quickly somebody is gone."""

from typing import Any

import pytest

from rooms.core import presence
from tests.conftest import Connect, Dial
from tests.harness.client import Client, eventually
from tests.harness.inside import Inside
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


# --- A crowd ---------------------------------------------------------------------------------------------------


def names(people: list[dict[str, Any]]) -> list[str]:
    return [one["name"] for one in people]


async def test_of_a_crowd_those_who_write_are_shown_and_the_rest_is_a_number(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "CROWD", 2)
    key = live_cast.document.key
    alice, bob, carol, vera = [
        await inside.visit(user) for user in (live_cast.alice, live_cast.bob, live_cast.carol, live_cast.vera)
    ]
    pages = [await visitor.open(key) for visitor in (alice, bob, carol, vera)]
    assert [(names(page.people), page.others) for page in pages] == [
        (["Alice"], 0),
        (["Alice", "Bob"], 0),
        (["Alice", "Bob", "Carol"], 0),
        (["Alice", "Bob", "Vera"], 1),
    ]

    def told(others: int, *joined: str) -> bool:
        """Whether this is the last that each was told."""
        last = [visitor.heard("people")[-1] for visitor in (alice, bob, carol, vera)]
        return all((change["others"], names(change["joined"])) == (others, [*joined]) for change in last)

    await eventually(lambda: vera.heard("people") and alice.heard("people")[-1]["others"] == 2, what="two more")
    assert {"Carol", "Vera"}.isdisjoint(name for change in alice.heard("people") for name in names(change["joined"]))
    await alice.call("cursor", {"document": key, "anchor": b"a", "head": b"h"})
    await carol.call("cursor", {"document": key, "anchor": b"a", "head": b"h"})
    await eventually(lambda: told(2, "Carol"), what="carol is shown")
    assert bob.heard("people")[-1]["left"] == [pages[1].you]
    again = await bob.open(key, pages[1])
    assert (names(again.people), again.others) == (["Alice", "Carol", "Bob"], 1)
    await carol.call("leave", {"document": key})
    await eventually(lambda: names(alice.heard("people")[-1]["joined"]) == ["Vera"], what="vera has waited longest")
    assert alice.heard("people")[-1]["others"] == 1


async def test_whoever_comes_into_a_crowd_is_one_number_for_the_others(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "CROWD", 3)
    key = live_cast.document.key
    alice = await inside.visit(live_cast.alice)
    await alice.open(key)
    tabs = [await inside.visit(live_cast.bob) for _ in range(12)]
    for number, tab in enumerate(tabs, 1):
        page = await tab.open(key)
        assert (len(page.people), page.others) == (min(number + 1, 4), max(number - 3, 0))
    await eventually(lambda: [change["others"] for change in alice.heard("people")][-1:] == [10], what="ten others")
    assert sum(len(change["joined"]) for change in alice.heard("people")) == 3
    for tab in tabs[:3:-1]:
        await tab.hang_up()
    await eventually(lambda: alice.heard("people")[-1]["others"] == 2, what="two others")
    assert not any(change["left"] for change in alice.heard("people"))
