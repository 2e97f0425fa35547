"""A client id stays whose it was: over a restart, on another instance, and after its person is gone (trap Y5)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pycrdt import Doc, Text

from rooms import store, writers
from rooms.core.errors import BadFrame
from rooms.live.writers import MAX_REMEMBERED, NOBODY, Writers
from rooms.models import Document, User, Writer
from rooms.services.documents import delete_document
from rooms.statements import Rows, Statement, Transaction
from tests.conftest import Connect
from tests.core import encoding as e
from tests.harness.client import Page, Refused, eventually
from tests.harness.commits import HeldCommits, answers, send, words
from tests.harness.inside import Inside, Visitor
from tests.harness.orm import orm, written
from tests.harness.people import Cast
from tests.harness.server import Server
from tests.live.test_forging import comes_back, forged, refused, same_everywhere

WORDS = e.update(e.section(7, 0, e.text("words")))


def rows(document: Document) -> dict[int, int | None]:
    """Return client id → user id as the database has it."""
    return dict(Writer.objects.filter(document=document).values_list("client_id", "user_id"))


def entry(document: Document, author: User, *client_ids: int) -> store.Entry:
    return store.Entry(document.pk, 1, author.pk, WORDS, document.room_id, client_ids)


# --- What is stored ---------------------------------------------------------------------------------------------------


def test_a_client_id_is_stored_in_the_commit_of_its_first_words(cast: Cast) -> None:
    assert not store.append([entry(cast.document, cast.alice, 7, 2**53 - 1)], check_rights=True).refused
    assert rows(cast.document) == {7: cast.alice.pk, 2**53 - 1: cast.alice.pk}


@pytest.mark.parametrize("check_rights", [True, False])
def test_y5_of_what_is_somebody_elses_nothing_is_stored_and_everything_else_is(cast: Cast, check_rights: bool) -> None:
    """Another instance may have stored it meanwhile: nothing that a process knows is asked but the table."""
    store.append([entry(cast.document, cast.alice, 7)], check_rights=True)
    batch = [entry(cast.document, cast.bob, 8), entry(cast.document, cast.bob, 7), entry(cast.document, cast.alice, 7)]
    result = store.append(batch, check_rights=check_rights)
    assert {key: type(refusal) for key, refusal in result.refused.items()} == {
        (cast.document.pk, cast.bob.pk): BadFrame
    }
    assert result.stored == {cast.document.pk: (2, 2)}
    assert rows(cast.document) == {7: cast.alice.pk}


def test_y5_of_two_in_one_commit_the_first_has_it(cast: Cast) -> None:
    batch = [entry(cast.document, author, 7) for author in (cast.alice, cast.bob)]
    assert set(store.append(batch, check_rights=True).refused) == {(cast.document.pk, cast.bob.pk)}
    assert rows(cast.document) == {7: cast.alice.pk}


def test_a_client_id_is_of_one_document(cast: Cast) -> None:
    other = Document.objects.create(room=cast.room, title="Other")
    batch = [entry(cast.document, cast.alice, 7), entry(other, cast.bob, 7)]
    assert not store.append(batch, check_rights=True).refused
    assert (rows(cast.document), rows(other)) == ({7: cast.alice.pk}, {7: cast.bob.pk})


def test_whoever_may_not_write_gets_no_client_id(cast: Cast) -> None:
    store.append([entry(cast.document, cast.vera, 7), entry(cast.document, cast.mallory, 8)], check_rights=True)
    assert rows(cast.document) == {}


def test_of_somebody_who_is_gone_a_client_id_is_nobodys_and_of_a_document_nothing_is_left(cast: Cast) -> None:
    store.append([entry(cast.document, cast.bob, 7)], check_rights=True)
    cast.bob.delete()
    assert rows(cast.document) == {7: None}
    assert store.append([entry(cast.document, cast.alice, 7)], check_rights=True).refused
    assert writers.look_up([(cast.document.pk, 7), (cast.document.pk, 8)]) == {
        (cast.document.pk, 7): None,
        (cast.document.pk, 8): None,
    }
    delete_document(document=cast.document)
    assert not Writer.objects.exists()


def test_more_client_ids_than_a_statement_takes(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.writers.AT_ONCE", 3)
    many = range(10)
    store.append([entry(cast.document, cast.alice, *many)], check_rights=True)
    assert rows(cast.document) == dict.fromkeys(many, cast.alice.pk)
    assert store.append([entry(cast.document, cast.bob, 100, 9)], check_rights=True).refused
    found = writers.look_up([(cast.document.pk, one) for one in many])
    assert found == {(cast.document.pk, one): cast.alice.pk for one in many}


def test_a_new_client_id_costs_two_statements_and_no_round_trip_and_a_known_one_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    send_all = Transaction._send

    def counted(running: Transaction, statements: Sequence[Statement]) -> list[Rows]:
        sent.append(len(statements))
        return send_all(running, statements)

    monkeypatch.setattr(Transaction, "_send", counted)
    for client_ids in ((), (7,), ()):
        store.append([entry(cast.document, cast.alice, *client_ids)], check_rights=True)
    assert sent == [3, 3, 4, 4, 3, 3]


# --- What a process does with it --------------------------------------------------------------------------------------


async def test_only_the_first_words_under_a_client_id_ask_the_database(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    key = live_cast.document.key
    alice = await inside.visit(live_cast.alice)
    page = await alice.open(key)
    for text in ("one", "two", "three"):
        await alice.call("edit", {"document": key, "update": words(page, text)[0]})
    assert [batch[0].writers for batch in commits.batches] == [(page.doc.client_id,), (), ()]
    assert await orm(rows, live_cast.document) == {page.doc.client_id: live_cast.alice.pk}


async def test_what_is_refused_leaves_the_client_id_to_its_owner(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    """Bob came first here; but on another instance, which nothing was heard of, alice has written under it."""
    key = live_cast.document.key
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    hers = Page()
    await bob.call("open", {"document": key, "have": b"\0", "client_id": hers.doc.client_id, "epoch": None})
    before: Doc[Any] = Doc(client_id=hers.doc.client_id)
    before.get("text", type=Text).insert(0, "EVIL")
    elsewhere = store.Entry(
        live_cast.document.pk, 1, live_cast.alice.pk, hers.write(0, "hers "), writers=(hers.doc.client_id,)
    )
    await orm(store.append, [elsewhere], check_rights=True)
    assert await answers(await send(bob, key, before.get_update())) == ["bad_frame"]
    assert await written_now(live_cast) == "hers "
    await alice.open(key, hers)
    await alice.call("edit", {"document": key, "update": words(hers, "goes on")[0]})
    assert await written_now(live_cast) == "hers goes on"
    assert bob.socket.closed  # who held it is put out, as the page before of the same person would be


async def written_now(cast: Cast) -> str:
    text: str = await orm(written, cast.document)
    return text


async def reload(inside: Inside) -> None:
    """Forget every document, as a restart does."""
    for document in inside.live.documents.all():
        for participant in list(document.participants.values()):
            inside.live.handlers.leave(participant)
        inside.live.documents.drop(document)


async def turned_down(visitor: Visitor, key: str, page: Page, victim: int) -> None:
    frame = {"document": key, "have": b"\0", "client_id": victim, "epoch": None}
    with pytest.raises(Refused, match="bad_frame"):
        await visitor.call("open", frame)
    with pytest.raises(Refused, match="bad_frame"):
        await visitor.call("edit", {"document": key, "update": forged(victim, page)})


@pytest.mark.parametrize("whose", ["without a row", "of somebody who is gone"])
async def test_what_is_nobodys_stays_so_and_a_new_page_writes_on(inside: Inside, live_cast: Cast, whose: str) -> None:
    """Words from before the table, or that a command wrote: not even their author goes on under that client id."""
    key = live_cast.document.key
    alice = await inside.visit(live_cast.alice)
    old = await alice.open(key)
    await alice.call("edit", {"document": key, "update": words(old, "old ")[0]})
    if whose == "without a row":
        await orm(Writer.objects.all().delete)
    else:
        await orm(Writer.objects.update, user=None)
    await reload(inside)
    now = await alice.open(key)
    await turned_down(alice, key, now, old.doc.client_id)
    await alice.call("edit", {"document": key, "update": words(now, "new")[0]})
    assert await written_now(live_cast) == "old new"


async def test_words_that_are_known_are_taken_from_anybody(inside: Inside, live_cast: Cast) -> None:
    """Nothing of them is new: a page that sends all it has is answered as ever, also after a restart."""
    key = live_cast.document.key
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    hers = await alice.open(key)
    await alice.call("edit", {"document": key, "update": words(hers, "hers ")[0]})
    await reload(inside)
    his = await bob.open(key)
    words(his, "his")
    await bob.call("edit", {"document": key, "update": his.doc.get_update()})
    assert await orm(rows, live_cast.document) == {
        hers.doc.client_id: live_cast.alice.pk,
        his.doc.client_id: live_cast.bob.pk,
    }


async def test_a_restart_is_one_question_for_all_who_come_back(inside: Inside, live_cast: Cast) -> None:
    """And none for whoever comes with a new page, and none again for each edit."""
    key = live_cast.document.key
    alice = await inside.visit(live_cast.alice)
    page = await alice.open(key)
    await alice.call("edit", {"document": key, "update": words(page, "one ")[0]})
    await reload(inside)
    asked: list[list[tuple[int, int]]] = []
    look_up = inside.live.handlers._owners._read

    async def counted(keys: Any) -> Any:
        asked.append(list(keys))
        return await look_up(keys)

    inside.live.handlers._owners._read = counted
    bob = await inside.visit(live_cast.bob)
    his = await bob.open(key)
    await bob.call("edit", {"document": key, "update": words(his, "two ")[0]})
    assert asked == []
    await alice.open(key, page)
    await alice.call("edit", {"document": key, "update": words(page, "three ")[0]})
    await alice.open(key, page)
    assert asked == [[(live_cast.document.pk, page.doc.client_id)]]


async def test_a_page_sends_what_those_before_it_wrote_also_after_a_restart(inside: Inside, live_cast: Cast) -> None:
    """Three pages, each loaded without a network after the one before: one update with the client ids of all."""
    key = live_cast.document.key
    alice = await inside.visit(live_cast.alice)
    first = await alice.open(key)
    await alice.call("edit", {"document": key, "update": words(first, "first ")[0]})
    await reload(inside)
    have = first.doc.get_state()
    words(first, "and more ")
    second = Page()
    second.take(first.doc.get_update())
    words(second, "second ")
    third = await alice.open(key)
    third.take(second.doc.get_update())
    words(third, "third")
    await alice.call("edit", {"document": key, "update": third.doc.get_update(have)})
    assert await written_now(live_cast) == "first and more second third"
    assert await orm(rows, live_cast.document) == dict.fromkeys(
        (page.doc.client_id for page in (first, second, third)), live_cast.alice.pk
    )


async def test_so_many_client_ids_in_one_update_are_too_many(inside: Inside, live_cast: Cast) -> None:
    """Each would be a row. What is not new is not counted."""
    key = live_cast.document.key
    alice = await inside.visit(live_cast.alice)
    await alice.open(key)
    inside.live.handlers._max_update_writers = 20

    def update(start: int, count: int) -> bytes:
        return e.update(*(e.section(client, 0, e.text("x")) for client in range(start, start + count)))

    await alice.call("edit", {"document": key, "update": update(1, 20)})
    with pytest.raises(Refused, match="too_large: new operations under 21 client_ids"):
        await alice.call("edit", {"document": key, "update": update(100, 21)})
    await alice.call("edit", {"document": key, "update": update(1, 21)})
    assert len(await orm(rows, live_cast.document)) == 21


def test_what_is_remembered_is_bounded_and_what_is_stored_counts_more_than_who_came_first() -> None:
    of = Writers()
    for client_id in range(MAX_REMEMBERED + 5):
        of.claim(client_id, 1)
        of.stored(10**6 + client_id, 2)
    assert (of.owner(0), of.owner(10**6)) == (None, None)
    assert (of.owner(5), of.owner(10**6 + 5)) == (1, 2)
    of.stored(5, None)
    assert of.owner(5) == NOBODY


# --- Whole servers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_y5_a_client_id_stays_hers_over_a_restart(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect, end: str
) -> None:
    """Alice writes in a tunnel while the server is restarted; bob, who has what she sent, goes on in her name."""
    server = own_server()
    key = live_cast.document.key
    alice, bob = await connect(server, live_cast.alice), await connect(server, live_cast.bob)
    hers, his = await alice.open(key), await bob.open(key)
    await hers.type("before ")
    await eventually(lambda: str(his) == "before ")
    await alice.close()
    await bob.close()
    hers.write(len(str(hers)), "in the tunnel ")
    hers.unsaved = True
    await asyncio.to_thread(getattr(server, end))
    await asyncio.to_thread(server.start)
    bob = await connect(server, live_cast.bob)
    await bob.open(key, his)
    await refused(bob, his, hers.doc.client_id)
    await his.type("his ")
    await comes_back(server, live_cast, connect, hers, his, "in the tunnel")


async def test_y5_and_on_another_instance_without_redis(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    """Neither hears of the other but by the log: what alice wrote on one is not to be gone on with on the other."""
    one, other = own_server(COLLAB_HEAL_SECONDS="0.3"), own_server(COLLAB_HEAL_SECONDS="0.3")
    key = live_cast.document.key
    alice, bob = await connect(one, live_cast.alice), await connect(other, live_cast.bob)
    hers, his = await alice.open(key), await bob.open(key)
    await hers.type("hers ")
    await eventually(lambda: str(his) == "hers ")
    await refused(bob, his, hers.doc.client_id)
    await alice.close()
    hers.write(len(str(hers)), "and more ")
    hers.unsaved = True
    await his.type("his ")
    await comes_back(other, live_cast, connect, hers, his, "and more")
    await same_everywhere(one, live_cast, connect, hers, his)


async def test_y5_of_two_instances_that_have_not_heard_of_each_other_one_stores_it(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    """Both pages come under one client id at the same time, each on its instance, and both write."""
    one, other = own_server(COLLAB_HEAL_SECONDS="30"), own_server(COLLAB_HEAL_SECONDS="30")
    key = live_cast.document.key
    alice, bob = await connect(one, live_cast.alice), await connect(other, live_cast.bob)
    hers = Page()
    await alice.open(key, hers)
    evil: Doc[Any] = Doc(client_id=hers.doc.client_id)
    evil.get("text", type=Text).insert(0, "EVIL")
    await bob.call("open", {"document": key, "have": b"\0", "client_id": hers.doc.client_id, "epoch": None})
    await hers.type("hers")
    with pytest.raises(Refused, match="bad_frame"):
        await bob.call("edit", {"document": key, "update": evil.get_update()})
    assert await written_now(live_cast) == "hers"
    late = await bob.open(key)
    await late.type(" his")
    await same_everywhere(one, live_cast, connect, late)
