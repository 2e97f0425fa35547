"""Alice owns a room; in mallory's she is nobody, whatever key of it she sends in whatever event."""

from typing import Any

import pytest
from pycrdt import Doc, Text

from rooms.core.access import Role
from rooms.core.commenting import Kind
from rooms.models import Comment, Document, Membership, Room, Thread, Update, Writer
from rooms.services import comments, sharing
from rooms.services.documents import create_document
from rooms.services.rooms import create_room
from tests.harness.client import eventually
from tests.harness.commits import words
from tests.harness.inside import Inside
from tests.harness.orm import orm
from tests.harness.people import Cast

REMARK = comments.Beginning(Kind.COMMENT, None, None, "", "Who pays?", None)
NOBODYS = "A" * 22


def theirs(cast: Cast) -> Document:
    """A document in a room in which alice is not, with a comment and a link."""
    room = create_room(name="Theirs", by=cast.mallory)
    Membership.objects.create(room=room, user=cast.bob, role=Role.EDITOR)
    document = create_document(room=room, by=cast.mallory, title="Theirs")
    comments.begin(document=document, by=cast.mallory, beginning=REMARK)
    sharing.make_link(document=document, by=cast.mallory, role=Role.EDITOR)
    return document


def keys_of(document: Document) -> dict[str, str]:
    """Everything of it that has a name."""
    thread = Thread.objects.get(document=document)
    return {
        "document": document.key,
        "its number": str(document.pk),
        "room": document.room.key,
        "thread": thread.key,
        "comment": thread.comments.get().key,
        "link": document.links.get().key,
    }


def stored() -> list[Any]:
    rows = [list(model.objects.order_by("pk").values()) for model in (Room, Document, Update, Thread, Comment, Writer)]
    return [row for some in rows for row in some]


def frames(key: str) -> dict[str, dict[str, Any]]:
    doc: Doc[Any] = Doc()
    doc.get("text", type=Text).insert(0, "EVIL")
    return {
        "open": {"document": key, "have": b"\0", "client_id": doc.client_id, "epoch": None},
        "edit": {"document": key, "update": doc.get_update()},
        "cursor": {"document": key, "anchor": b"a", "head": b"h"},
        "leave": {"document": key},
    }


async def test_every_event_is_tried(inside: Inside) -> None:
    assert inside.live.handlers.events == set(frames(NOBODYS))


@pytest.mark.parametrize("event", frames(NOBODYS))
async def test_no_event_reaches_into_a_room_that_is_not_hers(inside: Inside, live_cast: Cast, event: str) -> None:
    """The answer is that for what nobody has; nothing is stored, and nobody there sees her."""
    document = await orm(theirs, live_cast)
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    hers = await alice.open(live_cast.document.key)  # she is in, elsewhere: the socket itself is good
    his = await bob.open(document.key)
    await bob.call("edit", {"document": document.key, "update": words(his, "his")[0]})
    before = await orm(stored)

    async def answer(key: str) -> Any:
        return await (await alice.send(event, frames(key)[event]))

    nobodys = await answer(NOBODYS)
    assert (nobodys["ok"], nobodys["code"]) == (False, "not_found")
    for name, key in (await orm(keys_of, document)).items():
        assert await answer(key) == nobodys, name
    opened = inside.live.documents.open_one(document.pk)
    assert opened is not None
    assert await orm(stored) == before
    assert {face.person.user_id for face in opened.presence.faces.values()} == {live_cast.bob.pk}
    await eventually(lambda: bob.heard("people"), what="who is there is told")
    assert "Alice" not in str(bob.heard("people"))
    assert alice.client.open.keys() == {live_cast.document.key}
    await alice.call("edit", {"document": hers.key, "update": words(hers, "hers")[0]})
    await bob.call("edit", {"document": document.key, "update": words(his, " again")[0]})
    assert [told["document"] for told in alice.heard("edited")] == []


@pytest.mark.parametrize("client_id", ["his", "her own"])
async def test_what_she_holds_of_it_from_before_opens_nothing(inside: Inside, live_cast: Cast, client_id: str) -> None:
    """She was in that room once, and has its words, its lineage and a page that wrote in it."""
    document = await orm(theirs, live_cast)
    membership = await orm(Membership.objects.create, room=document.room, user=live_cast.alice, role=Role.EDITOR)
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    hers, his = await alice.open(document.key), await bob.open(document.key)
    await alice.call("edit", {"document": document.key, "update": words(hers, "once ")[0]})
    await alice.call("leave", {"document": document.key})
    await orm(membership.delete)
    before = await orm(stored)
    page = hers if client_id == "her own" else his
    frame = {"document": document.key, "have": hers.doc.get_state(), "client_id": page.doc.client_id, "epoch": 1}
    answers = [
        await (await alice.send("open", frame)),
        await (await alice.send("edit", {"document": document.key, "update": words(hers, "EVIL")[0]})),
        await (await alice.send("cursor", {"document": document.key, "anchor": b"a", "head": b"h"})),
    ]
    assert [one["code"] for one in answers] == ["not_found"] * 3
    assert await orm(stored) == before


async def test_an_answer_says_nothing_of_whether_there_is_such_a_document(inside: Inside, live_cast: Cast) -> None:
    """Also when it was opened by others, was deleted, or holds her own page of it."""
    document = await orm(theirs, live_cast)
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    await bob.open(document.key)
    said = [await (await alice.send("open", frames(key)["open"])) for key in (document.key, NOBODYS)]
    await orm(document.delete)
    said.append(await (await alice.send("open", frames(document.key)["open"])))
    assert said[0] == said[1] == said[2]
    assert said[0]["code"] == "not_found"
