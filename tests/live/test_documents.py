"""Documents in memory follow the log: loading, healing, snapshots (DESIGN invariant 2)."""

import asyncio
from typing import Any

import pytest

from rooms import store
from rooms.core import state
from rooms.live.open_document import OpenDocument
from rooms.models import Document, Snapshot, Update
from tests.conftest import Connect
from tests.harness.client import Page, Refused, eventually
from tests.harness.inside import Inside
from tests.harness.orm import orm, rows, written
from tests.harness.people import Cast
from tests.harness.server import Server


def entry(cast: Cast, payload: bytes, **fields: Any) -> store.Entry:
    values = {"document_id": cast.document.pk, "epoch": 1, "author_id": cast.alice.pk, "payload": payload, **fields}
    return store.Entry(**values)


def append(cast: Cast, *payloads: bytes) -> None:
    """Write into the log as another process would: nobody is told."""
    for payload in payloads:
        assert not store.append([entry(cast, payload)], check_rights=True).refused


def written_alone(*words: str) -> list[bytes]:
    """Return the updates of somebody who writes these words, one after the other."""
    page = Page()
    return [page.write(len(str(page).encode()), word) for word in words]


# --- Opening ---------------------------------------------------------------------------------------------------


async def test_who_comes_back_gets_only_what_is_missing(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await hers.type("x" * 5000)
    bob = await connect(server, live_cast.bob)
    his = await bob.open(live_cast.document.key)
    await bob.call("leave", {"document": his.key})
    await hers.type("new")
    answer = await bob.call(
        "open", {"document": his.key, "have": his.doc.get_state(), "client_id": his.doc.client_id, "epoch": his.epoch}
    )
    assert len(answer["update"]) < 100
    his.take(answer["update"])
    assert str(his) == str(hers)
    assert state.decode(answer["have"]) == state.decode(hers.doc.get_state())


async def test_who_has_another_lineage_gets_everything(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await hers.type("x" * 1000)
    answer = await alice.call(
        "open", {"document": hers.key, "have": hers.doc.get_state(), "client_id": hers.doc.client_id, "epoch": 7}
    )
    assert (answer["epoch"], len(answer["update"]) > 1000) == (1, True)


async def test_who_wrote_offline_and_who_stayed_end_with_the_same(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    await hers.type("base ")
    await eventually(lambda: str(his) == "base ")
    await bob.close()
    his.write(5, "offline ")
    his.unsaved = True
    await hers.type("meanwhile ")
    back = await connect(server, live_cast.bob)
    await back.open(live_cast.document.key, his)
    await eventually(lambda: str(hers) == str(his), what="equal")
    assert sorted(str(his).split()) == ["base", "meanwhile", "offline"]


# --- Healing ---------------------------------------------------------------------------------------------------


async def test_y1_what_another_process_wrote_arrives_in_the_order_of_the_log(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    words = [f"{number} " for number in range(40)]
    await orm(append, live_cast, *written_alone(*words))
    await eventually(lambda: str(hers) == "".join(words), what="healed")
    assert [told["seq"] for told in alice.events["edited"]] == list(range(1, 41))


async def test_y1_also_between_edits_made_here(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice, bob = await connect(server, live_cast.alice), await connect(server, live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    theirs = written_alone(*(f"<{number}>" for number in range(20)))
    for number, update in enumerate(theirs):
        await orm(append, live_cast, update)
        await hers.type(f"[{number}]")
    await eventually(lambda: len(str(his)) == len(str(hers)) == 140, what="everything everywhere")
    assert str(his) == str(hers) == await orm(written, live_cast.document)
    assert [seq for seq, _ in await orm(rows, live_cast.document)] == list(range(1, 41))
    seqs = [told["seq"] for told in bob.events["edited"]]
    assert seqs == sorted(seqs)


async def test_a_new_title_is_told(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice = await connect(server, live_cast.alice)
    await alice.open(live_cast.document.key)
    await orm(Document.objects.filter(pk=live_cast.document.pk).update, title="Another plan")
    (told,) = await eventually(lambda: alice.events["renamed"], what="renamed")
    assert told == {"document": live_cast.document.key, "title": "Another plan"}


async def test_a_deleted_document_is_told_and_gone(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await orm(live_cast.document.delete)
    (told,) = await eventually(lambda: alice.events["access"], what="told")
    assert (told["document"], told["role"], told["code"]) == (hers.key, None, "not_found")
    with pytest.raises(Refused, match="not_found"):
        await hers.type("into nothing")
    with pytest.raises(Refused, match="not_found"):
        await alice.open(hers.key)


async def test_a_replaced_document_is_told_and_opened_anew(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await orm(Document.objects.filter(pk=live_cast.document.pk).update, epoch=2)
    with pytest.raises(Refused) as refused:
        await hers.type("of the old lineage")
    assert refused.value.code in {"stale_epoch", "not_found"}  # by the commit, or after the healing loop closed it
    (told,) = await eventually(lambda: alice.events["access"], what="told")
    assert (told["role"], told["code"]) == ("owner", "stale_epoch")
    fresh = await alice.open(hers.key)
    assert fresh.epoch == 2


async def test_one_broken_document_does_not_keep_the_others_from_healing(
    inside: Inside, live_cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    other = await orm(Document.objects.create, room=live_cast.room, title="Other")
    alice = await inside.visit(live_cast.alice)
    await alice.open(live_cast.document.key)
    hers = await alice.open(other.key)
    await orm(append, live_cast, b"\x01no update at all")
    (update,) = written_alone("healed")
    await orm(store.append, [entry(live_cast, update, document_id=other.pk)], check_rights=True)
    await inside.live.watch.look()
    alice.hear()
    assert str(hers) == "healed"
    assert "failed" in caplog.text


# --- Snapshots -------------------------------------------------------------------------------------------------


async def test_a_snapshot_empties_exactly_the_rows_that_it_holds(inside: Inside, live_cast: Cast) -> None:
    alice = await inside.visit(live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    for word in ("one ", "two "):
        await hers.type(word)
    before = await orm(lambda: list(Update.objects.order_by("seq").values_list("seq", "author_id", "at")))
    (document,) = inside.live.documents.all()
    await orm(append, live_cast, *written_alone("not seen here yet "))
    await inside.live.documents.compact(document)
    after = await orm(lambda: list(Update.objects.order_by("seq").values_list("seq", "author_id", "at", "payload")))
    assert [row[:3] for row in after[:2]] == before
    assert [row[3] is None for row in after] == [True, True, False]
    assert await orm(lambda: list(Snapshot.objects.values_list("seq", "epoch"))) == [(2, 1)]
    assert sorted((await orm(written, live_cast.document)).split()) == ["here", "not", "one", "seen", "two", "yet"]
    inside.live.documents.drop(document)
    assert len(str(await (await inside.visit(live_cast.bob)).open(hers.key))) == 26


async def test_y2_nothing_is_emptied_while_something_waits(
    inside: Inside, live_cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    one, _, three = written_alone("one ", "two ", "three")
    await orm(append, live_cast, one, three)
    await (await inside.visit(live_cast.alice)).open(live_cast.document.key)
    (document,) = inside.live.documents.all()
    await inside.live.documents.compact(document)
    assert await orm(Snapshot.objects.count) == 0
    assert await orm(Update.objects.filter(payload=None).count) == 0
    assert "no snapshot" in caplog.text


async def test_documents_are_compacted_after_so_many_rows_and_not_before(inside: Inside, live_cast: Cast) -> None:
    alice = await inside.visit(live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await hers.type("a")
    await inside.live.watch.compact()
    assert await orm(Snapshot.objects.count) == 0
    await orm(append, live_cast, *written_alone(*("x" * 500)))
    await inside.live.watch.look()
    await inside.live.watch.compact()
    assert await orm(Snapshot.objects.count) == 1
    assert len(await orm(written, live_cast.document)) == 501


async def test_who_reads_on_over_a_snapshot_of_another_process_misses_nothing(inside: Inside, live_cast: Cast) -> None:
    alice = await inside.visit(live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await hers.type("mine ")
    updates = written_alone("theirs ", "too ", "last ")

    def elsewhere() -> None:
        append(live_cast, *updates[:2])
        document = OpenDocument(store.load(live_cast.document.pk))
        whole = document.whole()
        assert whole is not None
        assert store.compact(document.id, epoch=1, seq=document.seq, payload=whole)
        append(live_cast, updates[2])

    await orm(elsewhere)
    await inside.live.watch.look()
    alice.hear()
    assert sorted(str(hers).split()) == ["last", "mine", "theirs", "too"]
    assert str(hers) == await orm(written, live_cast.document)


async def test_several_who_ask_at_once_load_a_document_once(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[int] = []
    load = store.load

    def counted(pk: int) -> store.Loaded:
        loads.append(pk)
        return load(pk)

    monkeypatch.setattr("rooms.store.load", counted)
    visitors = [await inside.visit(live_cast.bob) for _ in range(5)]
    await asyncio.gather(*(visitor.open(live_cast.document.key) for visitor in visitors))
    assert len(loads) == 1


async def test_a_document_that_everybody_left_is_let_go(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.live.documents.LINGER_SECONDS", 0.05)
    alice = await inside.visit(live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await hers.type("kept")
    await alice.hang_up()
    await eventually(lambda: not inside.live.documents.all(), what="let go")
    assert str(await (await inside.visit(live_cast.bob)).open(hers.key)) == "kept"


# --- What other instances tell -----------------------------------------------------------------------------------


async def test_rows_that_are_told_out_of_turn_are_taken_in_turn(inside: Inside, live_cast: Cast) -> None:
    visitor = await inside.visit(live_cast.alice)
    page = await visitor.open(live_cast.document.key)
    first, second, third = written_alone("one ", "two ", "three ")
    documents, pk = inside.live.documents, live_cast.document.pk
    for seq, update in ((2, second), (3, third), (2, second)):
        documents.hear(pk, 1, (seq, seq), update)
    visitor.hear()
    assert str(page) == ""
    documents.hear(pk, 1, (1, 1), first)
    visitor.hear()
    assert str(page) == "one two three "
    document = documents.open_one(pk)
    assert document is not None
    assert (document.seq, document.parked) == (3, {})


async def test_rows_that_nobody_told_are_read_from_the_log(inside: Inside, live_cast: Cast) -> None:
    visitor = await inside.visit(live_cast.alice)
    page = await visitor.open(live_cast.document.key)
    updates = written_alone("one ", "two ", "three ")
    await orm(append, live_cast, *updates)
    inside.live.documents.hear(live_cast.document.pk, 1, (3, 3), updates[2])

    def caught_up() -> bool:
        visitor.hear()
        return str(page) == "one two three "

    await eventually(caught_up, seconds=3)


async def test_what_is_told_of_another_lineage_is_not_taken(inside: Inside, live_cast: Cast) -> None:
    visitor = await inside.visit(live_cast.alice)
    page = await visitor.open(live_cast.document.key)
    (update,) = written_alone("one ")
    inside.live.documents.hear(live_cast.document.pk, 2, (1, 1), update)
    visitor.hear()
    assert str(page) == ""
