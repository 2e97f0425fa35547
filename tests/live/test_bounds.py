"""How large a document, a crowd and the queue may become, and what is said beyond."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Callable
from typing import cast

import pytest
import pytest_asyncio
from django.test import override_settings

from rooms.core import updates
from rooms.live.commits import EDIT_BYTES, OPERATION_BYTES, Edit
from rooms.live.participants import Participant
from tests.conftest import Connect
from tests.core import encoding as e
from tests.harness.client import Page, Refused
from tests.harness.commits import HeldCommits, answers, nothing_on_its_way, send, words
from tests.harness.inside import Inside
from tests.harness.orm import orm, written
from tests.harness.people import Cast
from tests.harness.server import Server

MOST = 65_536


def cut(page: Page, start: int, end: int) -> bytes:
    """Delete letters and return the update."""
    before = page.doc.get_state()
    del page.text[start:end]
    return page.doc.get_update(before)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_full_document_takes_nothing_new_and_still_gets_smaller(
    transport: str, own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    server = own_server(COLLAB_MAX_DOCUMENT_BYTES=str(MOST))
    key = live_cast.document.key
    bob = await connect(server, live_cast.bob, transport=transport)
    his = await bob.open(key)
    await his.type("x" * 60_000)
    alice = await connect(server, live_cast.alice, transport=transport)

    async def she_writes() -> str:
        """What alice hears of a page of hers."""
        page = await alice.open(key)
        try:
            await page.type("y" * 10_000, at=0)
        except Refused as refused:
            return str(refused)
        return ""

    assert "the document has" in await she_writes()
    assert (await bob.call("edit", {"document": key, "update": cut(his, 0, 30_000)}))["ok"]
    for _ in range(40):  # how much it is now is seen with the next snapshot, within seconds
        if not await she_writes():
            break
        await asyncio.sleep(0.25)
    else:
        pytest.fail("half of it was deleted, and there is no room")
    assert await orm(written, live_cast.document) == "y" * 10_000 + "x" * 30_000


@pytest_asyncio.fixture
async def small(live_cast: Cast) -> AsyncIterator[Inside]:
    """The live part with small bounds."""
    with override_settings(
        COLLAB_MAX_DOCUMENT_BYTES=MOST,
        COLLAB_MAX_PEOPLE_PER_DOCUMENT=3,
        COLLAB_MAX_PENDING_EDITS=5,
        COLLAB_MAX_PENDING_BYTES=100_000,
    ):
        async with Inside() as inside:
            yield inside


async def test_what_is_on_its_way_into_a_document_counts(small: Inside, live_cast: Cast, commits: HeldCommits) -> None:
    """Everybody at once, before the first of it is committed: it would be too much all the same."""
    key = live_cast.document.key
    alice, bob = await small.visit(live_cast.alice), await small.visit(live_cast.bob)
    hers, his = await alice.open(key), await bob.open(key)
    commits.hold()
    sent = [await send(alice, key, *words(hers, "a" * 40_000))]
    assert await answers(await send(bob, key, *words(his, "b" * 40_000))) == ["too_large"]
    commits.let_go()
    assert await answers(*sent) == ["ok"]
    (document,) = small.live.documents.all()
    assert document.coming == 0
    assert 40_000 < document.size < 41_000


async def test_what_was_refused_is_not_counted_any_more(small: Inside, live_cast: Cast, commits: HeldCommits) -> None:
    key = live_cast.document.key
    bob = await small.visit(live_cast.bob)
    his = await bob.open(key)
    commits.hold()
    commits.fail_once(ZeroDivisionError())
    first, second = words(his, "b" * 30_000, "c" * 30_000)
    sent = [await send(bob, key, first)]
    await commits.begun(1)
    sent += [await send(bob, key, second)]
    commits.let_go()
    assert await answers(*sent) == ["internal", "internal"]
    (document,) = small.live.documents.all()
    assert (document.coming, document.size) == (0, 0)


async def test_a_full_document_takes_what_it_has_and_paragraphs_that_are_joined(small: Inside, live_cast: Cast) -> None:
    key = live_cast.document.key
    bob = await small.visit(live_cast.bob)
    his = await bob.open(key)
    (first,) = words(his, "x" * 65_000)
    assert await answers(await send(bob, key, first)) == ["ok"]
    assert await answers(await send(bob, key, first)) == ["ok"], "an answer was lost, and it is sent again"
    (document,) = small.live.documents.all()
    assert small.live.documents.long() == [document], "it is weighed anew"
    await small.live.documents.compact(document)
    assert 65_000 < document.size < 66_000
    assert small.live.documents.long() == []
    before = his.doc.get_state()
    with his.doc.transaction():
        del his.text[0:1_000]
        his.text.insert(0, "y" * 1_000)
    assert await answers(await send(bob, key, his.doc.get_update(before))) == ["ok"]
    assert await answers(await send(bob, key, his.write(0, "z" * 1_001))) == ["too_large"]
    await small.live.documents.compact(document)
    small.live.documents.drop(document)
    await (await small.visit(live_cast.alice)).open(key)
    (loaded,) = small.live.documents.all()
    assert loaded.size == document.size


async def test_a_document_that_is_full_of_people_says_so_and_lets_the_next_one_in_when_one_leaves(
    small: Inside, live_cast: Cast
) -> None:
    key = live_cast.document.key
    inside = [await small.visit(live_cast.bob) for _ in range(3)]
    pages = [await one.open(key) for one in inside]
    vera = await small.visit(live_cast.vera)
    with pytest.raises(Refused) as refused:
        await vera.open(key)
    assert refused.value.code == "busy"
    assert refused.value.answer["reason"] == "crowd"
    assert refused.value.answer["retry_after_ms"] > 0
    await inside[0].open(key, pages[0])  # whoever is in may ask again
    await inside[1].hang_up()
    assert (await vera.open(key)).role == "viewer"


async def test_people_on_other_instances_count_as_well(small: Inside, live_cast: Cast) -> None:
    key = live_cast.document.key
    await (await small.visit(live_cast.bob)).open(key)
    (document,) = small.live.documents.all()
    document.presence.count_elsewhere("another instance", 2)
    with pytest.raises(Refused, match="busy"):
        await (await small.visit(live_cast.vera)).open(key)


async def test_when_the_queue_is_full_edits_are_told_to_come_again_and_nothing_is_lost(
    small: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    key = live_cast.document.key
    bob = await small.visit(live_cast.bob)
    his = await bob.open(key)
    commits.hold()
    updates = words(his, *(f"{number} " for number in range(7)))
    sent = [await send(bob, key, updates[0])]
    await commits.begun(1)
    sent += [await send(bob, key, update) for update in updates[1:6]]
    with pytest.raises(Refused) as refused:
        await bob.call("edit", {"document": key, "update": updates[6]})
    assert refused.value.code == "busy"
    assert refused.value.answer["retry_after_ms"] > 0
    commits.let_go()
    assert await answers(*sent) == ["ok"] * 6
    assert await answers(await send(bob, key, updates[6])) == ["ok"]
    await nothing_on_its_way(small)
    assert str(his) == await orm(written, live_cast.document)


async def test_edits_that_wait_count_with_the_memory_that_they_take_and_not_with_their_bytes(
    live_cast: Cast, commits: HeldCommits
) -> None:
    """A letter has twenty bytes, and takes a thousand."""
    most = 100_000
    key = live_cast.document.key
    with override_settings(COLLAB_MAX_PENDING_BYTES=most):
        async with Inside() as inside:
            bob = await inside.visit(live_cast.bob)
            letters = words(await bob.open(key), *"a" * 150)
            commits.hold()
            sent = [await send(bob, key, letters[0])]
            await commits.begun(1)
            sent += [await send(bob, key, update) for update in letters[1:]]
            queue = inside.live.commits
            assert most - 2 * EDIT_BYTES < queue.waiting * (EDIT_BYTES + OPERATION_BYTES + 20) < most + 2 * EDIT_BYTES
            commits.let_go()
            told = await answers(*sent)
            taken = told.count("ok")
            assert told[: taken + 1] == ["ok"] * taken + ["busy"]
            assert set(told[taken:]) <= {"busy", "gap"}, "what builds on a letter that was not taken is none either"
            await nothing_on_its_way(inside)
            assert await orm(written, live_cast.document) == "a" * taken


async def test_an_edit_that_takes_more_than_may_wait_is_taken_by_itself(live_cast: Cast) -> None:
    """Told to come again it would do so for ever."""
    key = live_cast.document.key
    with override_settings(COLLAB_MAX_PENDING_BYTES=1_000):
        async with Inside() as inside:
            bob = await inside.visit(live_cast.bob)
            (update,) = words(await bob.open(key), "a" * 5_000)
            assert await answers(await send(bob, key, update)) == ["ok"]


@pytest.mark.parametrize("operations", [1, 3, 200])
def test_what_an_edit_is_said_to_hold_is_what_python_counts(operations: int) -> None:
    writer = 2**32 - 5
    structs = (e.text("a", origin=(writer, 5_000)) for _ in range(operations))
    made = e.update(e.section(writer, 5_001, *structs))
    count = 30_000 // operations  # Python has some thousand small things in stock, which do not count
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        edits = [Edit(cast(Participant, None), bytes(bytearray(made)), updates.read(made)) for _ in range(count)]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(edit.held for edit in edits) == pytest.approx(after - before, rel=0.3)
