"""What cannot be merged with what is on its way waits for it: repetitions, one writer under two pages, and too much."""

import asyncio
from typing import Any

import pytest
from pycrdt import Doc, Text

from tests.core import encoding as e
from tests.harness.client import eventually
from tests.harness.commits import (
    HeldCommits,
    answers,
    nothing_on_its_way,
    payloads,
    reloaded,
    send,
    send_soon,
    words,
)
from tests.harness.inside import Inside, Visitor
from tests.harness.orm import orm, rows
from tests.harness.people import Cast


def from_before(*texts: str) -> list[bytes]:
    """Return what a page wrote offline before it was closed, under a clientID that nobody connects with."""
    doc: Doc[Any] = Doc(client_id=4242)
    text = doc.get("text", type=Text)
    updates = []
    for one in texts:
        before = doc.get_state()
        text += one
        updates.append(doc.get_update(before))
    return updates


async def turns() -> None:
    """Let everything run that waits for nothing but its turn."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_an_edit_that_was_sent_again_waits_and_gets_a_row_of_its_own(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    his = await bob.open(key)
    first, second, third = words(his, "one ", "two ", "three")
    assert await answers(await send(bob, key, first)) == ["ok"]
    commits.hold()
    sent = [send_soon(bob, key, second)]
    await commits.begun(2)
    sent.append(send_soon(bob, key, first))
    await turns()
    participant = bob.client.participant(key)
    assert participant.waiting is None, "it waits for the commit before it"
    commits.let_one_go()
    await commits.begun(3)
    sent.append(send_soon(bob, key, third))
    await turns()
    assert participant.waiting is None, "what follows a repetition waits for that"
    commits.let_go()
    assert await answers(*sent) == ["ok"] * 3
    assert [payload for _, _, payload in await payloads(live_cast.document.pk)] == [first, second, first, third]
    await nothing_on_its_way(inside)
    assert await reloaded(inside, bob, key) == "one two three"


@pytest.mark.parametrize("while_", ["one waits", "one is committed"])
async def test_an_edit_that_repeats_what_is_only_on_its_way_waits_too(
    inside: Inside, live_cast: Cast, commits: HeldCommits, while_: str
) -> None:
    """It overlaps: the first operation is on its way, the second one is new."""
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await bob.open(key)
    (one, other), (both,) = from_before("a", "b"), from_before("ab")
    assert one != both != other
    commits.hold()
    sent = [send_soon(bob, key, one)]
    if while_ == "one is committed":
        await commits.begun(1)
    sent.append(send_soon(bob, key, both))
    await commits.begun(1)
    assert [entry.payload for entry in commits.batches[0]] == [one]
    assert bob.client.participant(key).waiting is None
    commits.let_go()
    assert await answers(*sent) == ["ok", "ok"]
    assert [payload for _, _, payload in await payloads(live_cast.document.pk)] == [one, both]
    assert await reloaded(inside, bob, key) == "ab"


async def test_a_repetition_is_not_merged_with_what_another_page_of_the_same_person_sends(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    """Nobody has checked the two of them together."""
    one, other = await inside.visit(live_cast.bob), await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await one.open(key)
    others = await other.open(key)
    old, *_ = from_before("old ")
    assert await answers(await send(one, key, old)) == ["ok"]
    other.hear()
    (new,) = words(others, "new ")
    sent = [await send(one, key, old), await send(other, key, new)]
    assert await answers(*sent) == ["ok", "ok"]
    assert [len(entries) for entries in commits.batches] == [1, 2]
    assert [payload for _, _, payload in await payloads(live_cast.document.pk)] == [old, old, new]
    await nothing_on_its_way(inside)
    assert await reloaded(inside, one, key) == "old new "


async def test_operations_sent_again_and_new_ones_of_the_same_writer_leave_no_hole(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    """One row with operations 0 and 2 of a writer has a hole, which was in neither edit."""
    one, other = await inside.visit(live_cast.bob), await inside.visit(live_cast.bob)
    key = live_cast.document.key
    his = await one.open(key)
    await other.open(key)
    first, second, third = words(his, "one ", "two ", "three")
    for update in (first, second):
        assert await answers(await send(one, key, update)) == ["ok"]
    sent = [send_soon(other, key, first), send_soon(one, key, third)]
    assert await answers(*sent) == ["ok", "ok"]
    await payloads(live_cast.document.pk)
    await nothing_on_its_way(inside)
    assert await reloaded(inside, one, key) == "one two three"


async def test_two_pages_with_the_words_of_an_old_one_wait_for_each_other(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    """Both were open when the network went, and both hold what a third page, closed since, had not sent."""
    one, other = await inside.visit(live_cast.bob), await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await one.open(key)
    await other.open(key)
    first, second = from_before("old ", "words")
    (document,) = inside.live.documents.all()
    participant = other.client.participant(key)
    commits.hold()
    sent = [await send(one, key, first)]
    sent += [send_soon(other, key, first), send_soon(other, key, second)]
    await commits.begun(1)
    await turns()
    assert (participant.waiting, participant.flying) == (None, None), "one page is writing under that clientID"
    sent += [send_soon(one, key, second)]
    await turns()
    commits.let_one_go()
    await commits.begun(2)
    await turns()
    assert (participant.waiting, participant.flying) == (None, None), "and it still is: half of it has landed"
    assert document.writing == {4242: one.client.participant(key)}
    assert [answer.done() for answer in sent] == [True, False, False, False], "neither is a gap: it waits"
    commits.let_go()
    assert await answers(*sent) == ["ok"] * 4
    await payloads(live_cast.document.pk)
    await nothing_on_its_way(inside)
    assert await reloaded(inside, one, key) == "old words"


async def test_two_stories_under_one_number_are_one_story_in_the_end(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    """A broken client used a clientID twice. The second story is known already by its numbers, and changes nothing."""
    one, other = await inside.visit(live_cast.bob), await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await one.open(key)
    await other.open(key)
    commits.hold()
    sent = [
        send_soon(one, key, e.update(e.section(9, 0, e.text("first")))),
        send_soon(other, key, e.update(e.section(9, 0, e.text("other")), deletes=e.deleted(9, (0, 1)))),
    ]
    await commits.begun(1)
    assert [len(batch) for batch in commits.batches] == [1]
    commits.let_go()
    assert await answers(*sent) == ["ok", "ok"]
    await payloads(live_cast.document.pk)
    assert await reloaded(inside, one, key) == "irst"


class Stubborn:
    """Sends edits as a line does: the next one once the one before is taken, whatever becomes of the answers."""

    def __init__(self, visitor: Visitor, key: str, updates: list[bytes]) -> None:
        self.taken: list[asyncio.Future[dict[str, Any]]] = []
        self.task = asyncio.create_task(self._send(visitor, key, updates))

    async def _send(self, visitor: Visitor, key: str, updates: list[bytes]) -> None:
        for update in updates:
            self.taken.append(await visitor.send("edit", {"document": key, "update": update}))


async def test_who_has_too_much_on_its_way_waits_and_nobody_else_does(
    inside: Inside, live_cast: Cast, commits: HeldCommits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.live.commits.MAX_AHEAD", 3)
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    key = live_cast.document.key
    hers, his = await alice.open(key), await bob.open(key)
    commits.hold()
    updates = words(his, *(f"{number} " for number in range(20)))
    first = await send(bob, key, updates[0])
    await commits.begun(1)
    line = Stubborn(bob, key, updates[1:])
    await eventually(lambda: len(line.taken) == 3, what="as much as may wait is taken")
    await turns()
    assert len(line.taken) == 3, "and no more"
    ahead = await send(alice, key, hers.write(0, "not held up "))
    commits.let_one_go()
    await commits.begun(2)
    assert await answers(first) == ["ok"]
    await eventually(lambda: len(line.taken) == 6, what="a batch has landed: there is room")
    await turns()
    assert len(line.taken) == 6
    commits.let_go()
    await asyncio.wait_for(line.task, 5)
    assert await answers(ahead, *line.taken) == ["ok"] * 20
    seqs = [one.result()["seq"] for one in (first, *line.taken)]
    assert seqs == sorted(seqs)
    await nothing_on_its_way(inside)
    alice.hear()
    assert str(hers) == await reloaded(inside, alice, key)
    assert str(hers).replace("not held up ", "") == str(his) == "".join(f"{number} " for number in range(20))
    assert len(await orm(rows, live_cast.document)) < 20


async def test_who_waits_with_too_much_on_its_way_is_answered_when_it_is_refused(
    inside: Inside, live_cast: Cast, commits: HeldCommits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edit that waited before the queue stands on those that failed: it is a gap then, and not lost in silence."""
    monkeypatch.setattr("rooms.live.commits.MAX_AHEAD", 2)
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    his = await bob.open(key)
    commits.hold()
    commits.fail_once(ZeroDivisionError())
    updates = words(his, *"abcdef")
    first = await send(bob, key, updates[0])
    await commits.begun(1)
    line = Stubborn(bob, key, updates[1:])
    await eventually(lambda: len(line.taken) == 2)
    commits.let_go()
    await asyncio.wait_for(line.task, 5)
    assert await answers(first, *line.taken) == ["internal"] * 3 + ["gap"] * 3
    await nothing_on_its_way(inside)
    his.unsaved = True
    await bob.open(key, his)
    assert await reloaded(inside, bob, key) == "abcdef"
