"""A writer waits for no answer: what it sends stands on what it has sent, and on nothing else that is on its way."""

import asyncio
from typing import Any

import pytest

from rooms.core.access import Role
from rooms.models import Membership
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


async def test_edits_sent_without_waiting_share_a_commit_and_are_answered_in_order_once_they_are_durable(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await alice.open(key)
    his = await bob.open(key)
    told: list[tuple[int, int, int]] = []

    def note(number: int) -> Any:
        def hear(done: "asyncio.Future[dict[str, Any]]") -> None:
            shown = alice.heard("edited")
            told.append((number, done.result()["seq"], shown[-1]["seq"] if shown else 0))

        return hear

    commits.hold()
    first, *others = words(his, *(f"{number} " for number in range(10)))
    sent = [await send(bob, key, first)]
    await commits.begun(1)
    sent += [await send(bob, key, update) for update in others]
    for number, one in enumerate(sent):
        one.add_done_callback(note(number))
    assert await orm(rows, live_cast.document) == []
    commits.let_one_go()
    await commits.begun(2)
    assert [one.done() for one in sent] == [True] + [False] * 9
    assert await orm(rows, live_cast.document) == [(1, live_cast.bob.pk)]
    commits.let_go()
    assert await answers(*sent) == ["ok"] * 10
    assert told == [(0, 1, 1), *((number, 2, 2) for number in range(1, 10))]
    assert [len(batch) for batch in commits.batches] == [1, 1], "nine edits are one row"
    assert [(seq, author) for seq, author, _ in await payloads(live_cast.document.pk)] == [
        (1, live_cast.bob.pk),
        (2, live_cast.bob.pk),
    ]
    await nothing_on_its_way(inside)
    assert str(alice.pages[key]) == await reloaded(inside, alice, key) == str(his)


async def test_only_the_writer_itself_builds_on_what_is_not_committed(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    """Of another person's edit nobody knows yet whether it will ever be there."""
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    key = live_cast.document.key
    hers, his = await alice.open(key), await bob.open(key)
    updates = words(his, "one ", "two ", "three ", "four ")
    commits.hold()
    sent = [await send(bob, key, updates[0]), await send(bob, key, updates[1])]  # the first one waits for a commit
    sent += [await send(alice, key, hers.write(0, "zero "))]
    for update in updates:
        hers.take(update)
    builds_on_his = hers.write(str(hers).index("four ") + 5, "five")
    await commits.begun(1)
    sent += [await send(bob, key, updates[2]), await send(bob, key, updates[3])]  # now on one, now on both
    assert await answers(await send(alice, key, builds_on_his)) == ["gap"]
    assert not any(one.done() for one in sent)
    commits.let_one_go()
    await commits.begun(2)
    assert await answers(await send(alice, key, builds_on_his)) == ["gap"], "half of it has landed"
    commits.let_go()
    assert await answers(*sent) == ["ok"] * 5
    assert await answers(await send(alice, key, builds_on_his)) == ["ok"]
    await nothing_on_its_way(inside)
    assert await reloaded(inside, bob, key) == str(hers)
    assert "one two three four five" in str(hers)


async def test_another_page_of_the_same_person_does_not_build_on_it_either(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    """Each participant is refused by itself, so each stands on its own edits."""
    one, other = await inside.visit(live_cast.bob), await inside.visit(live_cast.bob)
    key = live_cast.document.key
    first, second = await one.open(key), await other.open(key)
    (update,) = words(first, "one ")
    second.take(update)
    (builds_on_it,) = words(second, "two")
    commits.hold()
    sent = await send(one, key, update)
    assert await answers(await send(other, key, builds_on_it)) == ["gap"]
    commits.let_go()
    assert await answers(sent) == ["ok"]
    assert await answers(await send(other, key, builds_on_it)) == ["ok"]
    assert await reloaded(inside, one, key) == "one two"


# (what is on its way, what stands on it, what becomes of that)
ON_TOP = {
    "in a letter": (e.update(e.section(7, 0, e.text("ab"))), e.section(7, 2, e.text("c", parent=(7, 1))), "bad_frame"),
    "in an element": (e.update(e.section(7, 0, e.element())), e.section(8, 0, e.element(parent=(7, 0))), "ok"),
    "a letter in an element": (
        e.update(e.section(7, 0, e.element())),
        e.section(8, 0, e.text("c", parent=(7, 0))),
        "bad_frame",
    ),
    "too deep": (e.nested(60), e.nested(41, clock=60, inside=(7, 59))[1:-1], "bad_frame"),
    "as deep as may be": (e.nested(60), e.nested(40, clock=60, inside=(7, 59))[1:-1], "ok"),
}


@pytest.mark.parametrize("waits", ["for a commit to begin", "for a commit to end", "for either"])
@pytest.mark.parametrize("case", ON_TOP)
async def test_y4_what_stands_on_an_edit_on_its_way_is_checked_with_it(
    inside: Inside, live_cast: Cast, commits: HeldCommits, case: str, waits: str
) -> None:
    """Each edit is harmless by itself, and with some second ones nobody could load the document any more."""
    first, section, expected = ON_TOP[case]
    second = e.update(section)
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await bob.open(key)
    commits.hold()
    sent = [await send(bob, key, first)]
    if waits != "for a commit to begin":
        await commits.begun(1)
    if waits == "for either":
        sent.append(await send(bob, key, e.update(e.section(9, 0, e.text("between")))))
    on_top = await send(bob, key, second)
    commits.let_go()
    assert await answers(on_top) == [expected]
    assert set(await answers(*sent)) == {"ok"}, "what was right is not refused with it"
    assert await answers(await send(bob, key, second)) == [expected]
    await nothing_on_its_way(inside)
    await reloaded(inside, bob, key)


async def test_who_never_stops_writing_keeps_no_trail_of_what_has_landed(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    """Each edit is checked against what is on its way, over the document: not over all that was on its way once."""
    bob = await inside.visit(live_cast.bob)
    key = live_cast.document.key
    his = await bob.open(key)
    participant = bob.client.participant(key)
    commits.hold()
    sent = [await send(bob, key, *words(his, "first "))]
    for turn in range(1, 8):
        await commits.begun(turn)
        sent.append(await send(bob, key, *words(his, f"{turn} ")))
        beneath, layers = participant.outline.beneath, 1
        while beneath is not None:
            beneath, layers = beneath.beneath, layers + 1
        assert layers <= 3, "what waits, what is being committed, and the document"
        commits.let_one_go()
    commits.let_go()
    assert set(await answers(*sent)) == {"ok"}
    assert await reloaded(inside, bob, key) == str(his)


async def test_who_hangs_up_in_the_middle_leaves_what_it_sent_and_nothing_else(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    """The page comes back, with the same clientID and all it wrote, before its commit is over."""
    alice, bob = await inside.visit(live_cast.alice), await inside.visit(live_cast.bob)
    key = live_cast.document.key
    await alice.open(key)
    his = await bob.open(key)
    first, second, _ = words(his, "sent ", "and waiting ", "and never sent")
    commits.hold()
    await send(bob, key, first)
    await commits.begun(1)
    await send(bob, key, second)
    await bob.hang_up()
    again = await inside.visit(live_cast.bob)
    his.unsaved = True
    opening = asyncio.create_task(again.open(key, his))
    await eventually(lambda: again.client.open, what="bob is back")
    assert not opening.done(), "what it sends again waits for what is on its way"
    commits.let_go()
    await asyncio.wait_for(opening, 5)
    await nothing_on_its_way(inside)
    await payloads(live_cast.document.pk)
    alice.hear()
    assert str(alice.pages[key]) == await reloaded(inside, alice, key) == "sent and waiting and never sent"


async def test_several_people_who_never_wait_end_with_the_same(
    inside: Inside, live_cast: Cast, commits: HeldCommits
) -> None:
    await orm(Membership.objects.filter(user=live_cast.carol).update, role=Role.EDITOR)
    key = live_cast.document.key
    visitors: list[Visitor] = [
        await inside.visit(user) for user in (live_cast.alice, live_cast.bob, live_cast.bob, live_cast.carol)
    ]
    pages = [await visitor.open(key) for visitor in visitors]
    sent = []
    for turn in range(12):
        for visitor, page in zip(visitors, pages, strict=True):
            visitor.hear()
            sent.append(send_soon(visitor, key, page.write(0, f"{turn}")))
        await asyncio.sleep(0)
    assert set(await answers(*sent)) == {"ok"}
    await nothing_on_its_way(inside)
    for visitor in visitors:
        visitor.hear()
    assert len({str(page) for page in pages}) == 1
    await payloads(live_cast.document.pk)
    assert await reloaded(inside, visitors[0], key) == str(pages[1])
