"""What is refused before the log, and that nobody else notices."""

import asyncio
import threading
from typing import Any

import pytest
from pycrdt import Doc, Text

from rooms import store
from tests.conftest import Connect
from tests.core import encoding as e
from tests.core.bombs import BOMBS
from tests.harness.client import Page, Refused, eventually, state
from tests.harness.inside import Inside
from tests.harness.orm import orm, rows, written
from tests.harness.people import Cast
from tests.harness.server import Server


def far_letter() -> bytes:
    """Operations of a client of a document that holds "ab" of client 7: a letter inside a letter."""
    return e.update(e.section(8, 0, e.text("c", parent=(7, 1))))


HARMFUL = {
    **BOMBS,
    "elements, 101 deep": e.nested(101),
    "elements, 40,000 deep": e.nested(40_000),
    "a letter inside a letter": e.update(e.section(8, 0, e.text("ab"), e.text("c", parent=(8, 1)))),
    "a letter inside somebody's letter": far_letter(),
    "what waits for itself": e.update(
        e.section(8, 0, e.text("a", origin=(9, 0))), e.section(9, 0, e.text("b", origin=(8, 0)))
    ),
    "an element that pycrdt cannot read": e.update(
        e.section(8, 0, e.item(e.TYPE, e.uint(5) + e.string("hook"), root="default"))
    ),
}


async def test_y4_no_bomb_hurts_the_document_the_process_or_anybody_in_it(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob)
    key = live_cast.document.key
    hers = await alice.open(key)
    await bob.open(key)
    await alice.call("edit", {"document": key, "update": e.update(e.section(7, 0, e.text("ab")))})
    for name, bomb in HARMFUL.items():
        with pytest.raises(Refused) as refused:
            await bob.call("edit", {"document": key, "update": bomb})
        assert refused.value.code == "bad_frame", name
    assert await hers.type("still here") == 2
    assert len(await orm(rows, live_cast.document)) == 2
    late = await (await connect(server, live_cast.carol)).open(key)
    assert "still here" in str(late)
    assert not bob.disconnected.is_set()


async def test_the_document_loads_again_after_all_of_it(inside: Inside, live_cast: Cast) -> None:
    """A letter inside a letter was stored once: no server could load the document from then on."""
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await bob.open(key)
    await bob.call("edit", {"document": key, "update": e.update(e.section(7, 0, e.text("ab")))})
    for bomb in HARMFUL.values():
        with pytest.raises(Refused):
            await bob.call("edit", {"document": key, "update": bomb})
    (document,) = inside.live.documents.all()
    inside.live.documents.drop(document)
    assert str(await (await inside.visit(live_cast.alice)).open(key)) == "ab"


async def test_y4_depth_adds_up_over_edits(inside: Inside, live_cast: Cast) -> None:
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await bob.open(key)
    await bob.call("edit", {"document": key, "update": e.nested(90)})
    with pytest.raises(Refused, match="bad_frame"):
        await bob.call("edit", {"document": key, "update": e.nested(90, clock=90, inside=(7, 89))})


async def test_a_child_of_what_was_deleted_and_compacted_is_taken(inside: Inside, live_cast: Cast) -> None:
    """Somebody offline wrote into a paragraph that others deleted: that is no fault of theirs."""
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await bob.open(key)
    await bob.call("edit", {"document": key, "update": e.update(e.section(7, 0, e.element()))})
    await bob.call("edit", {"document": key, "update": e.update(deletes=e.deleted(7, (0, 1)))})
    (document,) = inside.live.documents.all()
    await inside.live.documents.compact(document)
    inside.live.documents.drop(document)
    alice = await inside.visit(live_cast.alice)
    await alice.open(key)
    inside_it = e.update(e.section(8, 0, e.item(e.TYPE, e.uint(6), parent=(7, 0))))
    assert (await alice.call("edit", {"document": key, "update": inside_it}))["ok"]


async def test_y1_a_gap_is_answered_and_a_resync_mends_it(server: Server, live_cast: Cast, connect: Connect) -> None:
    bob = await connect(server, live_cast.bob)
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    his.write(0, "lost on the way ")
    with pytest.raises(Refused, match="gap"):
        await his.type("arrives")
    assert str(hers) == ""
    assert await orm(rows, live_cast.document) == []
    his.unsaved = True
    await bob.open(live_cast.document.key, his)
    await eventually(lambda: str(hers) == "lost on the way arrives", what="alice has both")


async def test_an_edit_sent_twice_changes_nothing(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    edit = {"document": his.key, "update": his.write(0, "once")}
    first, second = await bob.call("edit", edit), await bob.call("edit", edit)
    assert second["seq"] >= first["seq"]
    await hers.type("!", at=0)
    await eventually(lambda: str(his) == "!once")
    assert str(hers) == await orm(written, live_cast.document) == "!once"


async def test_what_was_sent_again_and_what_is_new_leave_no_hole_in_one_batch(inside: Inside, live_cast: Cast) -> None:
    """Merged side by side they would have a hole between them, and the document would load for nobody."""
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    his = await bob.open(key)
    updates = [his.write(len(str(his.text)), word) for word in ("one ", "two ", "three ")]
    for update in updates[:2]:
        await bob.call("edit", {"document": key, "update": update})
    other = await inside.visit(live_cast.bob)
    await other.open(key)
    sent = [
        asyncio.ensure_future(other.call("edit", {"document": key, "update": updates[0]})),
        asyncio.ensure_future(bob.call("edit", {"document": key, "update": updates[2]})),
    ]
    assert [answer["ok"] for answer in await asyncio.gather(*sent)] == [True, True]
    (document,) = inside.live.documents.all()
    inside.live.documents.drop(document)
    assert str(await (await inside.visit(live_cast.alice)).open(key)) == "one two three "


async def test_two_different_operations_under_one_number_are_checked_one_after_the_other(
    inside: Inside, live_cast: Cast
) -> None:
    """Side by side both would pass, and the child of the element would become the child of the letter."""
    key = live_cast.document.key
    one, other = await inside.visit(live_cast.bob), await inside.visit(live_cast.bob)
    await one.open(key)
    await other.open(key)
    letter = e.update(e.section(9, 0, e.text("a")))
    child = e.update(e.section(9, 0, e.element(), e.text("c", parent=(9, 0))))
    answers = await asyncio.gather(
        one.call("edit", {"document": key, "update": letter}),
        other.call("edit", {"document": key, "update": child}),
        return_exceptions=True,
    )
    assert isinstance(answers[1], Refused)
    (document,) = inside.live.documents.all()
    inside.live.documents.drop(document)
    assert str(await (await inside.visit(live_cast.alice)).open(key)) == "a"


async def test_y5_nobody_writes_under_anothers_client_id(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    await hers.type("AB")
    await eventually(lambda: str(his) == "AB")
    forged: Doc[Any] = Doc(client_id=hers.doc.client_id)
    text = forged.get("text", type=Text)
    forged.apply_update(his.doc.get_update())
    before = forged.get_state()
    text += "EVIL"
    with pytest.raises(Refused, match="bad_frame"):
        await bob.call("edit", {"document": his.key, "update": forged.get_update(before)})
    with pytest.raises(Refused, match="bad_frame"):
        await bob.call("open", {"document": his.key, "have": b"\0", "client_id": hers.doc.client_id, "epoch": None})
    await hers.type(" good")
    await eventually(lambda: str(his) == "AB good")
    assert state(hers) == state(his)


async def test_a_page_that_is_loaded_again_sends_what_the_page_before_it_wrote(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    """The words were kept on the device; the connection of the page before was cut and is not noticed to be gone."""
    before = await connect(server, live_cast.bob)
    here = await before.open(live_cast.document.key)
    await here.type("sent ")
    known = here.doc.get_state()
    here.doc.get("text", type=Text).__iadd__("kept")
    kept = here.doc.get_update(known)
    again = await connect(server, live_cast.bob)
    there = await again.open(live_cast.document.key)
    await again.call("edit", {"document": there.key, "update": kept})
    alice = await (await connect(server, live_cast.alice)).open(live_cast.document.key)
    assert str(alice) == "sent kept"


async def test_y5_what_everybody_has_may_be_sent_by_anybody(server: Server, live_cast: Cast, connect: Connect) -> None:
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob)
    hers = await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    await hers.type("AB")
    await eventually(lambda: str(his) == "AB")
    assert (await bob.call("edit", {"document": his.key, "update": his.doc.get_update()}))["ok"]


async def test_y5_the_same_person_comes_back_with_the_same_client_id(
    server: Server, live_cast: Cast, connect: Connect
) -> None:
    """The page's old connection broke, and nobody has noticed yet."""
    old = await connect(server, live_cast.bob)
    page = await old.open(live_cast.document.key)
    await page.type("mine")
    new = await connect(server, live_cast.bob)
    again = await new.open(live_cast.document.key, page)
    await eventually(old.disconnected.is_set, what="the old line is closed")
    assert await again.type(" still") == 2
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    assert [one["name"] for one in hers.people] == ["Bob", "Alice"]


async def test_many_edits_at_once_reach_a_reader_merged(server: Server, live_cast: Cast, connect: Connect) -> None:
    reader = await connect(server, live_cast.vera)
    seen = await reader.open(live_cast.document.key)
    pages: list[Page] = [await (await connect(server, live_cast.bob)).open(live_cast.document.key) for _ in range(12)]
    for turn in range(10):
        await asyncio.gather(*(page.type(f"<{number}.{turn}>") for number, page in enumerate(pages)))
    await eventually(lambda: len(str(seen)) == len(str(pages[0])) == 620, what="everything arrived")
    assert len(reader.events["edited"]) < 120
    assert str(seen) == await orm(written, live_cast.document)
    seqs = [told["seq"] for told in reader.events["edited"]]
    assert seqs == sorted(seqs)


async def test_s4_a_fault_of_ours_is_answered_too(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bob = await inside.visit(live_cast.bob)

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("rooms.access.openings", broken)
    with pytest.raises(Refused, match="internal"):
        await bob.open(live_cast.document.key)
    assert "ZeroDivisionError" in caplog.text


async def test_s4_a_fault_in_the_commit_is_answered_to_everybody_in_it(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = await inside.visit(live_cast.bob)
    his = await bob.open(live_cast.document.key)

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("rooms.store.append", broken)
        with pytest.raises(Refused, match="internal"):
            await his.type("kept by the client")
    his.unsaved = True
    await bob.open(live_cast.document.key, his)
    assert await orm(written, live_cast.document) == "kept by the client"


async def test_invariant_1_nobody_sees_or_is_told_before_the_commit(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit is held back: no answer, no frame. It is let go: both."""
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    await alice.open(live_cast.document.key)
    his = await bob.open(live_cast.document.key)
    let_go, append = threading.Event(), store.append

    def slow(*args: Any, **kwargs: Any) -> Any:
        let_go.wait(10)
        return append(*args, **kwargs)

    monkeypatch.setattr("rooms.store.append", slow)
    edit = {"document": his.key, "update": his.write(0, "words")}
    answer = await bob.send("edit", edit)
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert not answer.done()
    assert alice.heard("edited") == []
    assert await orm(rows, live_cast.document) == []
    let_go.set()
    assert (await answer)["ok"]
    assert [told["seq"] for told in alice.heard("edited")] == [1]
