"""Nobody is somebody else: not to the others, not in the log, and not under another page's client_id (trap Y5)."""

from typing import Any

import pytest
from pycrdt import Doc, Text

from rooms.core.access import Role
from rooms.models import Membership
from tests.conftest import Connect
from tests.harness.client import Client, Page, Refused, eventually, state
from tests.harness.orm import orm, rows, written
from tests.harness.people import Cast
from tests.harness.server import Server

CARET = {"anchor": b"a", "head": b"h"}
# What of a participant comes from the session, and a field of the log.
FORGED: dict[str, Any] = {
    "name": "Alice", "user": "alice", "color": "#000000", "role": "owner", "id": "x", "you": "x", "by": 1, "author": 1,
    "client_id": 7, "seq": 1, "epoch": 7, "cursor": [b"a", b"h"],
}  # fmt: skip


def frames(key: str, client_id: int) -> dict[str, dict[str, Any]]:
    return {
        "open": {"document": key, "have": b"\0", "client_id": client_id, "epoch": None},
        "edit": {"document": key, "update": b"\0\0"},
        "cursor": {"document": key, **CARET},
        "leave": {"document": key},
    }


@pytest.mark.parametrize("event", ["open", "edit", "cursor", "leave"])
async def test_no_event_takes_a_word_about_who_sends_it(
    server: Server, live_cast: Cast, connect: Connect, event: str
) -> None:
    alice, bob = await connect(server, live_cast.alice), await connect(server, live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    frame = frames(his.key, his.doc.client_id)[event]
    for field, value in FORGED.items():
        if field not in frame:
            with pytest.raises(Refused, match="bad_frame"):
                await bob.call(event, {**frame, field: value})
    await bob.call("cursor", {"document": his.key, **CARET})
    await eventually(lambda: his.you in carets(alice))
    assert faces(alice, hers) == {("Alice", "owner", hers.doc.client_id), ("Bob", "editor", his.doc.client_id)}


def faces(client: Client, page: Page) -> set[tuple[str, str, int]]:
    """Who is there, by all that a client was told."""
    joined = [one for told in client.events["people"] for one in told["joined"]]
    return {(one["name"], one["role"], one["client_id"]) for one in [*page.people, *joined]}


def carets(client: Client) -> set[str]:
    """Whose carets a client was told of."""
    moved = {participant for told in client.events["people"] for participant in told["cursors"]}
    return moved | {one["id"] for told in client.events["people"] for one in told["joined"] if one["cursor"]}


async def test_a_caret_is_always_ones_own(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice, bob = await connect(server, live_cast.alice), await connect(server, live_cast.bob)
    hers, his = await alice.open(live_cast.document.key), await bob.open(live_cast.document.key)
    await bob.call("cursor", {"document": his.key, **CARET})
    await eventually(lambda: carets(alice))
    assert carets(alice) == {his.you} != {hers.you}


async def test_what_one_sends_is_ones_own_in_the_log_whoever_wrote_it(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    """Bob sends all that he has: of hers nothing is new, and of the log only his own row is his."""
    alice, bob = await connect(server, live_cast.alice), await connect(server, live_cast.bob)
    hers, his = await alice.open(live_cast.document.key), await bob.open(live_cast.document.key)
    await hers.type("hers ")
    await eventually(lambda: str(his) == "hers ")
    his.write(5, "his")
    await bob.call("edit", {"document": his.key, "update": his.doc.get_update()})
    assert await orm(rows, live_cast.document) == [(1, live_cast.alice.pk), (2, live_cast.bob.pk)]
    await eventually(lambda: str(hers) == "hers his")


def forged(victim: int, seen: Page) -> bytes:
    """What somebody writes who goes on under another's client_id after what everybody has seen."""
    doc: Doc[Any] = Doc(client_id=victim)
    doc.get("text", type=Text)
    doc.apply_update(seen.doc.get_update())
    before = doc.get_state()
    doc.get("text", type=Text).insert(0, "EVIL")
    return doc.get_update(before)


async def refused(bob: Client, his: Page, victim: int) -> None:
    """Neither writing nor opening under that client_id gets in."""
    with pytest.raises(Refused, match="bad_frame"):
        await bob.call("edit", {"document": his.key, "update": forged(victim, his)})
    with pytest.raises(Refused, match="bad_frame"):
        await bob.call("open", {"document": his.key, "have": b"\0", "client_id": victim, "epoch": None})


async def same_everywhere(server: Server, cast: Cast, connect: Connect, *pages: Page) -> None:
    """All pages, what is stored, and what somebody gets who comes now."""
    late = await (await connect(server, cast.vera)).open(cast.document.key)
    stored = await orm(written, cast.document)
    await eventually(lambda: all(str(page) == stored and state(page) == state(late) for page in pages))
    assert str(late) == stored
    assert "EVIL" not in stored


async def comes_back(server: Server, cast: Cast, connect: Connect, hers: Page, his: Page, kept: str) -> None:
    """Alice comes with her page, and everybody gets what she wrote meanwhile."""
    back = await connect(server, cast.alice)
    await back.open(cast.document.key, hers)
    await eventually(lambda: kept in str(his))
    await same_everywhere(server, cast, connect, hers, his)


@pytest.mark.parametrize("wrote", ["something", "nothing"])
async def test_y5_the_client_id_of_somebody_who_is_offline_stays_theirs(
    server: Server, live_cast: Cast, connect: Connect, wrote: str
) -> None:
    """She goes on writing in a tunnel; what he writes in her name would keep her words from everybody for ever."""
    alice, bob = await connect(server, live_cast.alice), await connect(server, live_cast.bob)
    key = live_cast.document.key
    hers, his = await alice.open(key), await bob.open(key)
    if wrote == "something":
        await hers.type("before ")
        await eventually(lambda: str(his) == "before ")
    await alice.close()
    await eventually(lambda: any(hers.you in told["left"] for told in bob.events["people"]))
    hers.write(len(str(hers)), "in the tunnel ")
    hers.unsaved = True
    await refused(bob, his, hers.doc.client_id)
    await his.type("his ")
    await comes_back(server, live_cast, connect, hers, his, "in the tunnel")


async def test_y5_so_does_that_of_the_page_before(server: Server, live_cast: Cast, connect: Connect) -> None:
    """Her first page is closed, its last words are kept on her device, and a page under another client_id is open."""
    alice, bob = await connect(server, live_cast.alice), await connect(server, live_cast.bob)
    key = live_cast.document.key
    before, his = await alice.open(key), await bob.open(key)
    await before.type("sent ")
    known = before.doc.get_state()
    before.write(5, "kept ")
    kept = before.doc.get_update(known)
    await alice.call("leave", {"document": key})
    del alice.pages[key]
    now = await alice.open(key)
    await eventually(lambda: str(his) == "sent ")
    await refused(bob, his, before.doc.client_id)
    await alice.call("edit", {"document": key, "update": kept})
    now.take(kept)
    await same_everywhere(server, live_cast, connect, now, his)
    assert str(now) == "sent kept "


async def test_y5_whoever_sends_old_words_first_has_their_client_id(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    """They were written while no server that runs now knew of that page."""
    alice, bob = await connect(server, live_cast.alice), await connect(server, live_cast.bob)
    key = live_cast.document.key
    hers, his = await alice.open(key), await bob.open(key)
    offline: Doc[Any] = Doc(client_id=4242)
    offline.get("text", type=Text).insert(0, "old ")
    await alice.call("edit", {"document": key, "update": offline.get_update()})
    hers.take(offline.get_update())
    await eventually(lambda: str(his) == "old ")
    await refused(bob, his, 4242)
    await same_everywhere(server, live_cast, connect, hers, his)


async def test_a_reader_cannot_keep_a_writer_out(server: Server, live_cast: Cast, connect: Connect) -> None:
    """Vera opens under a client_id of Bob's while he is away: it is not hers for that."""
    bob = await connect(server, live_cast.bob)
    vera = await connect(server, live_cast.vera)
    key = live_cast.document.key
    page = Page()
    await vera.call("open", {"document": key, "have": b"\0", "client_id": page.doc.client_id, "epoch": None})
    await vera.call("leave", {"document": key})
    his = await bob.open(key, page)
    assert await his.type("his own") == 1


async def test_a_role_is_the_one_in_the_database(server: Server, live_cast: Cast, connect: Connect) -> None:
    """Whatever a page of hers was told before, and whatever it says now."""
    carol = await connect(server, live_cast.carol)
    page = await carol.open(live_cast.document.key)
    assert page.role == "commenter"
    with pytest.raises(Refused, match="forbidden"):
        await page.type("not mine to write")
    await orm(Membership.objects.filter(user=live_cast.carol).update, role=Role.EDITOR)
    again = await carol.open(live_cast.document.key)
    assert again.role == "editor"
