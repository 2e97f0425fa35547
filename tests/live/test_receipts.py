"""The receipt of a revocation: which processes answered, what they closed, and who has not answered.

The server that most tests share may be running and answer as well: nothing here counts on its being there or not.
"""

import asyncio
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from rooms import announcements
from rooms.announcements import GONE_AFTER, WINDOW, Answers, Outcome, Reason
from rooms.models import Announcement, Instance, Receipt
from rooms.services import members
from tests.conftest import Connect
from tests.harness.client import eventually
from tests.harness.inside import Inside
from tests.harness.orm import orm
from tests.harness.people import Cast
from tests.harness.server import ROOT, Server
from tests.live.test_revocation import eventually_in_database

SWEEP = 15.0


def last() -> Announcement:
    return Announcement.objects.latest("pk")


def answers(announcement: Announcement | None = None) -> Answers:
    return announcements.answers(announcement or last(), sweep_seconds=SWEEP)


async def test_every_process_gives_a_receipt(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    first, second = own_server(COLLAB_INSTANCE="first"), own_server(COLLAB_INSTANCE="second")
    for server in (first, second, second):
        bob = await connect(server, live_cast.bob)
        await bob.open(live_cast.document.key)
    idle = await connect(first, live_cast.bob)
    assert await orm(lambda: set(Instance.objects.values_list("name", flat=True))) >= {"first", "second"}
    await orm(members.remove_member, room=live_cast.room, user=live_cast.bob)
    found = await eventually_in_database(lambda: answers() if answers().over else None)
    assert (found.closed, found.changed, found.missing) == (3, 0, [])
    assert await orm(lambda: set(Receipt.objects.filter(closed__gt=0).values_list("instance", "closed"))) == {
        ("first", 1),
        ("second", 2),
    }
    assert 0 < found.last_ms < 10_000
    assert not idle.disconnected.is_set(), "who has the document not open loses nothing"


async def test_a_process_that_does_not_answer_is_named_until_the_sweep_has_passed(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    own_server(COLLAB_INSTANCE="answers")
    await eventually_in_database(Instance.objects.filter(name="answers").exists)
    await orm(Instance.objects.create, name="silent", started_at=timezone.now() - timedelta(hours=1))
    await orm(members.remove_member, room=live_cast.room, user=live_cast.bob)
    found = await eventually_in_database(lambda: answers() if answers().missing == ["silent"] else None)
    assert found.instances
    assert not found.over
    await orm(Announcement.objects.update, at=timezone.now() - timedelta(seconds=SWEEP))
    found = await orm(answers)
    assert (found.missing, found.over) == (["silent"], True)


async def test_a_command_from_a_terminal_reaches_open_sockets_and_waits_for_the_receipts(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect
) -> None:
    server = own_server(COLLAB_INSTANCE="serving")
    bob = await connect(server, live_cast.bob)
    await bob.open(live_cast.document.key)
    command = [sys.executable, "manage.py", "revoke", live_cast.bob.email]
    running = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=server.environment(), stdout=asyncio.subprocess.PIPE
    )
    said = (await running.communicate())[0].decode()
    assert running.returncode == 0
    assert said.startswith("bob@example.com: 1 membership, 0 groups, 0 links, 0 invitations, ")
    assert "1 socket closed on " in said
    (told,) = await eventually(lambda: bob.events["access"], what="bob hears")
    assert (told["role"], told["code"]) == (None, "not_found")


async def test_a_process_that_stops_says_goodbye(own_server: Callable[..., Server], live_cast: Cast) -> None:
    server = own_server(COLLAB_INSTANCE="leaving")
    await eventually_in_database(Instance.objects.filter(name="leaving").exists)
    server.stop()
    assert not await orm(Instance.objects.filter(name="leaving").exists)


def announced(**fields: Any) -> Announcement:
    return Announcement.objects.create(reason=Reason.REMOVED, **fields)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seen_before", "started_before", "asked"),
    [
        (0, 60, True),
        (GONE_AFTER.total_seconds() - 1, 60, True),
        (GONE_AFTER.total_seconds() + 1, 60, False),
        (0, -1, False),
    ],
)
def test_only_processes_that_were_there_are_waited_for(seen_before: float, started_before: float, asked: bool) -> None:
    now = timezone.now()
    row = announced(at=now)
    Instance.objects.create(
        name="one", started_at=now - timedelta(seconds=started_before), seen_at=now - timedelta(seconds=seen_before)
    )
    assert answers(row).missing == (["one"] if asked else [])


@pytest.mark.django_db
def test_a_second_receipt_changes_nothing() -> None:
    row = announced()
    announcements.give_receipts("one", [Outcome(row.pk, closed=2, changed=0, after_ms=5)])
    announcements.give_receipts("one", [Outcome(row.pk, closed=0, changed=1, after_ms=9)])
    announcements.give_receipts("other", [Outcome(row.pk, closed=1, changed=1, after_ms=7)])
    found = answers(row)
    assert (found.closed, found.changed, found.instances, found.last_ms, found.over) == (3, 1, 2, 7, True)


@pytest.mark.django_db(transaction=True)
def test_an_announcement_that_is_gone_needs_no_receipt() -> None:
    gone, here = announced(), announced()
    number = gone.pk
    gone.delete()
    outcomes = [Outcome(pk, closed=1, changed=0, after_ms=5) for pk in (number, here.pk)]
    announcements.give_receipts("one", outcomes)
    assert list(Receipt.objects.values_list("announcement_id", flat=True)) == [here.pk]


@pytest.mark.django_db
def test_a_row_that_commits_late_is_seen_although_a_later_one_was(cast: Cast) -> None:
    """Numbers are drawn before the commit: rows 2 and 3 can be seen before row 1 is."""
    rows = [announced() for _ in range(3)]
    seen = {row.pk for row in rows[1:]}
    assert [notice.id for notice in announcements.unseen({*seen, *_others(rows)})] == [rows[0].pk]
    Announcement.objects.filter(pk=rows[0].pk).update(at=timezone.now() - WINDOW)
    assert not announcements.unseen({*seen, *_others(rows)})


def _others(rows: list[Announcement]) -> set[int]:
    return set(Announcement.objects.exclude(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_beat_forgets_processes_and_receipts_that_are_long_gone() -> None:
    now = timezone.now()
    Instance.objects.create(name="long gone", seen_at=now - 5 * GONE_AFTER)
    announced(at=now - announcements.KEPT - timedelta(days=1))
    kept = announced(at=now - announcements.KEPT + timedelta(days=1))
    announcements.beat("here", hears=None)
    announcements.beat("here", hears=None)
    assert list(Instance.objects.values_list("name", flat=True)) == ["here"]
    assert list(Announcement.objects.all()) == [kept]


async def test_a_session_stands_in_no_row(inside: Inside, live_cast: Cast) -> None:
    """A key is a password: the outbox has its hash, and only that one session goes."""
    bob = await inside.visit(live_cast.bob)
    inside.listen()
    await orm(Session.objects.filter(session_key=bob.client.session_key).delete)
    await eventually(lambda: bob.socket.closed)
    row = await orm(last)
    assert row.session_hash == announcements.session_hash(bob.client.session_key)
    assert bob.client.session_key not in str(vars(row))
