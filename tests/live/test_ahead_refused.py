"""What a refusal takes with it: all that the same participant sent after it, and nothing of anybody else."""

from typing import Any

import pytest
from django.db import OperationalError

from rooms.core.access import Role
from rooms.core.errors import NotFound
from rooms.live.documents import Documents
from rooms.live.open_document import OpenDocument
from rooms.models import Document, Membership
from rooms.services.rooms import create_room
from tests.core import encoding as e
from tests.harness.client import Page
from tests.harness.commits import (
    HeldCommits,
    answers,
    nothing_on_its_way,
    payloads,
    reloaded,
    send,
)
from tests.harness.inside import Inside, Visitor
from tests.harness.orm import orm, written
from tests.harness.people import Cast


def word(page: Page, text: str) -> bytes:
    """Write `text` at the end."""
    return page.write(len(str(page).encode()), text)


async def set_role(cast: Cast, name: str, role: Role) -> None:
    """Change a role where the server does not see it: in the database."""
    await orm(Membership.objects.filter(room=cast.room, user=getattr(cast, name)).update, role=role)


async def resync(visitor: Visitor, page: Page) -> None:
    """Do what docs/protocol.md asks of a client whose edit did not get in: open again, send what is missing."""
    page.unsaved = True
    await visitor.open(page.key, page)


async def test_who_may_no_longer_write_is_refused_with_all_that_followed_and_nobody_else_is(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    """The role is smaller in the database only: here everybody may write when these edits are taken."""
    alice, bob, vera = [await inside.visit(user) for user in (live_cast.alice, live_cast.bob, live_cast.vera)]
    key = live_cast.document.key
    hers, his = await alice.open(key), await bob.open(key)
    await vera.open(key)
    commits.hold()
    his_sent = [await send(bob, key, word(his, "not ")), await send(bob, key, word(his, "allowed "))]
    her_sent = [await send(alice, key, word(hers, "allowed "))]
    await commits.begun(1)
    await set_role(live_cast, "bob", Role.VIEWER)
    his_sent += [await send(bob, key, word(his, "any ")), await send(bob, key, word(his, "more "))]
    her_sent += [await send(alice, key, word(hers, "all along"))]
    commits.let_go()
    assert await answers(*his_sent) == ["forbidden"] * 4
    assert await answers(*her_sent) == ["ok"] * 2
    assert {author for _, author, _ in await payloads(live_cast.document.pk)} == {live_cast.alice.pk}
    assert [told["seq"] for told in vera.heard("edited")] == [1, 2]
    assert str(vera.pages[key]) == "allowed all along"
    await nothing_on_its_way(inside)
    await set_role(live_cast, "bob", Role.EDITOR)
    await resync(bob, his)
    assert await reloaded(inside, vera, key) == str(his)
    assert "not allowed any more" in str(his)


async def test_who_is_refused_in_one_document_is_not_refused_in_another(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    room = await orm(create_room, name="His own", by=live_cast.bob)
    own = await orm(Document.objects.create, room=room, title="Notes")
    bob = await inside.visit(live_cast.bob)
    theirs, notes = await bob.open(live_cast.document.key), await bob.open(own.key)
    commits.hold()
    sent = [await send(bob, page.key, word(page, "one ")) for page in (theirs, notes)]
    await commits.begun(1)
    await set_role(live_cast, "bob", Role.COMMENTER)
    sent += [await send(bob, page.key, word(page, "two")) for page in (theirs, notes)]
    commits.let_go()
    assert await answers(*sent) == ["forbidden", "ok", "forbidden", "ok"]
    await nothing_on_its_way(inside)
    assert await orm(written, own) == "one two"
    assert await payloads(live_cast.document.pk) == []


@pytest.mark.parametrize(
    ("error", "code"), [(ZeroDivisionError(), "internal"), (OperationalError("no database"), "busy")]
)
async def test_a_batch_that_fails_takes_what_its_writers_sent_after_it_and_a_resync_brings_all_of_it(
    inside: Inside, live_cast: Cast, commits: HeldCommits, error: Exception, code: str
) -> None:
    await set_role(live_cast, "carol", Role.EDITOR)
    alice, bob, carol = [await inside.visit(user) for user in (live_cast.alice, live_cast.bob, live_cast.carol)]
    key = live_cast.document.key
    hers, his, carols = [await visitor.open(key) for visitor in (alice, bob, carol)]
    commits.hold()
    commits.fail_once(error)
    sent = [await send(alice, key, word(hers, "A1 ")), await send(bob, key, word(his, "B1 "))]
    await commits.begun(1)
    sent += [await send(bob, key, word(his, "B2 ")), await send(bob, key, word(his, "B3 "))]
    old = e.update(e.section(7, 0, e.text("B0 ")))
    sent += [await send(bob, key, old)]  # of a page that was closed: nothing of that writer is in the batch that fails
    was_in_no_batch = await send(carol, key, word(carols, "C1 "))
    commits.let_go()
    assert await answers(*sent) == [code] * 5
    assert await answers(was_in_no_batch) == ["ok"]
    assert [author for _, author, _ in await payloads(live_cast.document.pk)] == [live_cast.carol.pk]
    await nothing_on_its_way(inside)
    await resync(bob, his)
    await resync(alice, hers)
    await nothing_on_its_way(inside)
    for visitor in (alice, bob, carol):
        visitor.hear()
    assert str(hers) == str(his) == str(carols) == await reloaded(inside, alice, key)
    assert sorted(str(his).split()) == ["A1", "B1", "B2", "B3", "C1"]
    await payloads(live_cast.document.pk)


async def test_an_edit_that_is_refused_before_the_queue_takes_nothing_with_it(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    """What follows stands on what was sent before it, as if it had never been sent."""
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    his = await bob.open(key)
    commits.hold()
    sent = [await send(bob, key, word(his, "one "))]
    assert await answers(await send(bob, key, b"\xff\xff")) == ["bad_frame"]
    sent.append(await send(bob, key, word(his, "two")))
    commits.let_go()
    assert await answers(*sent) == ["ok", "ok"]
    await nothing_on_its_way(inside)
    assert await reloaded(inside, bob, key) == "one two"


@pytest.mark.parametrize(("error", "code"), [(ZeroDivisionError(), "internal"), (NotFound("gone"), "not_found")])
@pytest.mark.parametrize("broken", [0, 1, 2])
async def test_of_a_batch_one_document_that_cannot_be_shown_is_answered_so_and_the_others_are_shown(
    inside: Inside,
    live_cast: Cast,
    commits: HeldCommits,
    monkeypatch: pytest.MonkeyPatch,
    broken: int,
    error: Exception,
    code: str,
) -> None:
    """It is stored, and read from the log when somebody opens the document again."""
    more = [await orm(Document.objects.create, room=live_cast.room, title=f"{number}") for number in range(2)]
    documents = [live_cast.document, *more]
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    pages = {document.pk: await bob.open(document.key) for document in documents}
    for document in documents:
        await alice.open(document.key)
    advance = Documents.advance

    async def refuse_one(self: Documents, document: OpenDocument, *others: Any) -> None:
        if document.id == documents[broken].pk:
            raise error
        await advance(self, document, *others)

    commits.hold()
    with monkeypatch.context() as patch:
        patch.setattr(Documents, "advance", refuse_one)
        sent = [await send(bob, page.key, word(page, "one ")) for page in pages.values()]
        await commits.begun(1)
        sent += [await send(bob, page.key, word(page, "two")) for page in pages.values()]
        commits.let_one_go()
        await commits.begun(2)
        expected = ["ok", "ok", "ok"]
        expected[broken] = code
        assert await answers(*sent[:3]) == expected
        assert [one.done() for one in sent[3:]] == [answer != "ok" for answer in expected], "it stood on the other"
    commits.let_go()
    assert await answers(*sent[3:]) == expected
    alice.hear()
    shown = [str(alice.pages[document.key]) for document in documents]
    assert shown == ["one two" if answer == "ok" else "" for answer in expected]
    await nothing_on_its_way(inside)
    await resync(bob, pages[documents[broken].pk])
    assert [await reloaded(inside, alice, document.key) for document in documents] == ["one two"] * 3
