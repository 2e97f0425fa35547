"""Who may do what over a live line, and that it ends when it ends (DESIGN invariants 1 and 3)."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from socketio.exceptions import ConnectionError as Refusal

from rooms.core.access import Role
from rooms.models import Membership
from tests.conftest import Connect
from tests.harness.client import Refused, eventually
from tests.harness.orm import orm, rows, written
from tests.harness.people import Cast
from tests.harness.server import Server

TRANSPORTS = pytest.mark.parametrize("transport", ["websocket", "polling"])

# person: (what `open` answers, what `edit` answers, what `cursor` answers)
TABLE = {
    "alice": ("owner", "ok", "ok"),
    "bob": ("editor", "ok", "ok"),
    "carol": ("commenter", "forbidden", "ok"),
    "vera": ("viewer", "forbidden", "ok"),
    "mallory": ("not_found", "not_found", "not_found"),
}


async def code(doing: Any) -> Any:
    try:
        return await doing
    except Refused as refused:
        return refused.code


@TRANSPORTS
@pytest.mark.parametrize("name", TABLE)
async def test_each_role_may_exactly_this(
    server: Server, live_cast: Cast, connect: Connect, name: str, transport: str
) -> None:
    client = await connect(server, getattr(live_cast, name), transport=transport)
    key = live_cast.document.key
    page = await code(client.open(key))
    opened = page if isinstance(page, str) else page.role
    edited = await code(client.call("edit", {"document": key, "update": b"\x00\x00"}))
    moved = await code(client.call("cursor", {"document": key, "anchor": b"a", "head": b"h"}))
    result = tuple("ok" if isinstance(answer, dict) and answer["ok"] else answer for answer in (opened, edited, moved))
    assert result == TABLE[name]


@TRANSPORTS
async def test_a_stranger_cannot_tell_a_document_from_none(
    server: Server, live_cast: Cast, connect: Connect, transport: str
) -> None:
    mallory = await connect(server, live_cast.mallory, transport=transport)
    answers = []
    for key in (live_cast.document.key, "no-such-document"):
        with pytest.raises(Refused) as refused:
            await mallory.open(key)
        answers.append(refused.value.answer)
    assert answers[0] == answers[1]


@TRANSPORTS
async def test_b10_who_is_signed_out_is_told_so(server: Server, connect: Connect, transport: str) -> None:
    with pytest.raises(Refusal):
        await connect(server, None, transport=transport)


async def test_what_was_not_opened_cannot_be_written(server: Server, live_cast: Cast, connect: Connect) -> None:
    bob = await connect(server, live_cast.bob)
    with pytest.raises(Refused, match="not_found"):
        await bob.call("edit", {"document": live_cast.document.key, "update": b"\x00\x00"})
    await bob.open(live_cast.document.key)
    await bob.call("leave", {"document": live_cast.document.key})
    with pytest.raises(Refused, match="not_found"):
        await bob.call("edit", {"document": live_cast.document.key, "update": b"\x00\x00"})


@pytest.mark.parametrize("check", ["database", "grant"])
@pytest.mark.parametrize("change", ["removed", "viewer"])
async def test_an_edit_after_the_role_is_gone_is_refused(
    own_server: Any, live_cast: Cast, connect: Connect, check: str, change: str
) -> None:
    """Nobody tells the server. `database`: the very next edit is refused; `grant`: at the latest after the sweep."""
    sweep = "300" if check == "database" else "0.5"
    server = own_server(COLLAB_EMIT_CHECK=check, COLLAB_SWEEP_SECONDS=sweep)
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    await his.type("allowed")
    membership = Membership.objects.filter(user=live_cast.bob)
    if change == "removed":
        await orm(membership.delete)
    else:
        await orm(membership.update, role=Role.VIEWER)
    if check == "grant":
        await eventually(lambda: bob.events["access"], what="the sweep told bob")
    expected = "not_found" if change == "removed" else "forbidden"
    with pytest.raises(Refused, match=expected):
        await his.type(" forbidden")
    (told,) = await eventually(lambda: bob.events["access"], what="bob is told")
    assert (told["role"], told["code"]) == ((None, "not_found") if change == "removed" else ("viewer", None))
    await hers.type("!", at=0)
    assert str(hers) == "!allowed"
    assert await orm(written, live_cast.document) == "!allowed"
    assert await orm(rows, live_cast.document) == [(1, live_cast.bob.pk), (2, live_cast.alice.pk)]


async def test_a_reader_who_was_removed_is_told_and_receives_nothing_more(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    alice = await connect(server, live_cast.alice)
    vera = await connect(server, live_cast.vera)
    hers = await alice.open(live_cast.document.key)
    seen = await vera.open(live_cast.document.key)
    await hers.type("before")
    await eventually(lambda: str(seen) == "before")
    await orm(Membership.objects.filter(user=live_cast.vera).delete)
    (told,) = await eventually(lambda: vera.events["access"], what="vera is told")
    assert (told["document"], told["role"], told["code"]) == (live_cast.document.key, None, "not_found")
    await eventually(lambda: any(seen.you in one["left"] for one in alice.events["people"]), what="the face is gone")
    people = len(vera.events["people"])
    await hers.type(" after")
    with pytest.raises(Refused, match="not_found"):  # an answer on the same line: whatever came before it has arrived
        await vera.open(live_cast.document.key)
    assert str(seen) == "before"
    assert len(vera.events["people"]) == people
    assert not vera.disconnected.is_set()


async def test_a_smaller_role_is_told_and_the_others_see_it(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    await bob.call("cursor", {"document": his.key, "anchor": b"a", "head": b"h"})
    await orm(Membership.objects.filter(user=live_cast.bob).update, role=Role.COMMENTER)
    (told,) = await eventually(lambda: bob.events["access"], what="bob is told")
    assert (told["role"], told["code"]) == ("commenter", None)

    def face() -> Any:
        told = [one for people in alice.events["people"] for one in people["joined"] if one["id"] == his.you]
        return [one for one in told if one["role"] == "commenter"]

    (seen,) = await eventually(face, what="alice sees the new role")
    assert seen["cursor"] == [b"a", b"h"], "the caret stays"
    await hers.type("still read")
    await eventually(lambda: str(his) == "still read")


def delete_sessions(cast: Cast) -> None:
    Session.objects.all().delete()


def expire_sessions(cast: Cast) -> None:
    Session.objects.update(expire_date="2020-01-01T00:00:00Z")


def deactivate(cast: Cast) -> None:
    cast.bob.is_active = False
    cast.bob.save()


def change_password(cast: Cast) -> None:
    cast.bob.set_password("another horse battery")
    cast.bob.save()


def delete_person(cast: Cast) -> None:
    cast.bob.delete()


@pytest.mark.parametrize("end", [delete_sessions, expire_sessions, deactivate, change_password, delete_person])
@TRANSPORTS
async def test_a_line_ends_with_its_session(
    server: Server, live_cast: Cast, connect: Connect, end: Any, transport: str
) -> None:
    bob = await connect(server, live_cast.bob, transport=transport)
    await bob.open(live_cast.document.key)
    await orm(end, live_cast)
    await eventually(bob.disconnected.is_set, what="bob's line is closed")
    (told,) = await eventually(lambda: bob.events["signed_out"], what="bob is told why")
    assert told["code"] == "signed_out"
    with pytest.raises(Refusal):
        await bob.connect()


async def test_the_others_stay_when_one_session_ends(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    await bob.open(live_cast.document.key)
    await orm(change_password, live_cast)
    await eventually(bob.disconnected.is_set, what="bob's line is closed")
    assert await hers.type("here") == 1
