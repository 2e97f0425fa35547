"""`manage.py revoke`: what it takes, what it says, and for whom it waits."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from rooms import access
from rooms.announcements import GONE_AFTER
from rooms.core.access import Role
from rooms.core.errors import NotFound
from rooms.management.commands import revoke as command
from rooms.models import Announcement, AuditEntry, Instance, Membership, Receipt, Room, RoomGroup
from rooms.services import sharing
from tests.harness.people import Cast, sign_in

pytestmark = pytest.mark.django_db

Answering = Callable[..., list[str]]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """`answering("web-1", …)` has these processes give their receipts while the command waits, one each time."""

    def prepare(*names: str) -> list[str]:
        silent = list(names)

        def sleep(seconds: float) -> None:
            assert seconds < 0.1, "it looks often"
            assert silent, "it waits for somebody who is not there"
            row = Announcement.objects.latest("pk")
            Receipt.objects.create(
                announcement=row, instance=silent.pop(0), closed=2, changed=0, after_ms=9 + len(silent)
            )

        monkeypatch.setattr(command, "time", SimpleNamespace(sleep=sleep))
        return silent

    return prepare


def serving(name: str, *, seen: timedelta = timedelta(), started: timedelta = timedelta(minutes=1)) -> None:
    """A process that started so long ago, and was last heard of so long ago."""
    now = timezone.now()
    Instance.objects.create(name=name, started_at=now - started, seen_at=now - seen)


def revoke(*args: str) -> list[str]:
    """Run the command, and return the lines that it says."""
    out = StringIO()
    call_command("revoke", *args, stdout=out)
    return out.getvalue().splitlines()


def signed_in(cast: Cast) -> None:
    """Bob is signed in on two devices, in a group that writes in the room, and came by a link as well."""
    for _ in range(2):
        UserSession.objects.create(user=cast.bob, session_key=sign_in(cast.bob), ip="127.0.0.1", user_agent="x")
    group = Group.objects.create(name="Writers")
    cast.bob.groups.add(group)
    RoomGroup.objects.create(room=cast.room, group=group, role=Role.EDITOR)
    link = sharing.make_link(document=cast.document, by=cast.alice, role=Role.VIEWER)
    sharing.open_link(key=link.key, user=cast.bob)


# --- What it refuses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["nobody@example.com"], "Nobody has the address nobody@example.com."),
        (["bob@example.com", f"--room={'A' * 22}"], f"No room has the key {'A' * 22}."),
        (["bob@example.com", "--room={room}", "--sign-out"], "--sign-out ends sessions, which belong to no room"),
    ],
    ids=["an unknown address", "an unknown room", "sessions of one room"],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(cast: Cast, asked: list[str], said: str) -> None:
    before = Announcement.objects.count()
    with pytest.raises(CommandError, match=said):
        revoke(*(word.format(room=cast.room.key) for word in asked))
    assert cast.room.memberships.count() == 4
    assert Announcement.objects.count() == before


# --- What it takes --------------------------------------------------------------------------------------------


def test_it_takes_every_path_and_session_everywhere(cast: Cast) -> None:
    signed_in(cast)
    assert revoke("Bob@Example.com") == [
        "bob@example.com: 1 membership, 1 group, 1 link, 0 invitations, 2 sessions ended.",
        "No process is serving: there was nothing to close.",
    ]
    assert access.paths(cast.bob, cast.document) == []
    assert not UserSession.objects.filter(user=cast.bob).exists()
    row = Announcement.objects.latest("pk")
    assert (row.reason, row.user_number, row.room_number, row.by_id) == ("revoked", cast.bob.pk, None, None)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor_name, entry.action, entry.subject_name) == ("manage.py revoke", "revoked", "bob@example.com")
    assert entry.address is None


def test_in_one_room_the_others_the_groups_and_the_sessions_stay(cast: Cast) -> None:
    signed_in(cast)
    elsewhere = Room.objects.create(name="Elsewhere", created_by=cast.bob)
    Membership.objects.create(room=elsewhere, user=cast.bob, role=Role.OWNER)
    Room.objects.filter(pk=cast.room.pk).update(key="-begins-with-a-dash")  # as one of 64 keys does
    said = revoke("bob@example.com", "--room=-begins-with-a-dash")
    assert said[0] == "bob@example.com: 1 membership, 0 groups, 1 link, 0 invitations, 0 sessions ended."
    assert elsewhere.memberships.exists()
    assert UserSession.objects.filter(user=cast.bob).count() == 2
    assert [path.through for path in access.paths(cast.bob, cast.document)] == ["Writers"]
    row = Announcement.objects.latest("pk")
    assert (row.reason, row.user_number, row.room_number) == ("revoked", cast.bob.pk, cast.room.pk)


def test_a_room_that_is_left_without_an_owner_is_named_with_its_key(cast: Cast) -> None:
    said = revoke("alice@example.com")
    assert f"Nobody owns the room 'Design review' ({cast.room.key}) any more." in said
    assert not any("any more" in line for line in revoke("bob@example.com"))


def test_signing_out_leaves_what_somebody_may_do(cast: Cast) -> None:
    signed_in(cast)
    said = revoke("bob@example.com", "--sign-out")
    assert said[0] == "bob@example.com: 2 sessions ended."
    assert len(access.paths(cast.bob, cast.document)) == 3
    assert not UserSession.objects.filter(user=cast.bob).exists()
    assert AuditEntry.objects.latest("pk").actor_name == "manage.py revoke"


# --- For whom it waits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [[], ["--sign-out"]], ids=["revoke", "sign out"])
def test_it_waits_for_the_receipt_of_every_process(cast: Cast, answering: Answering, how: list[str]) -> None:
    serving("web-1")
    serving("web-2")
    silent = answering("web-1", "web-2")
    said = revoke("bob@example.com", *how)
    assert silent == []
    assert said[1:] == ["4 sockets closed on 2 instances, the last after 10 ms."]


def test_it_names_a_process_that_stays_silent_once_its_sweep_has_passed(cast: Cast, settings: Settings) -> None:
    settings.COLLAB_SWEEP_SECONDS = 0.2
    serving("web-1")
    began = timezone.now()
    said = revoke("bob@example.com")
    assert timezone.now() - began >= timedelta(seconds=0.2)
    assert said[1:] == [
        "0 sockets closed on 0 instances, the last after 0 ms.",
        "web-1 has not answered. Its sweep has passed since, if it is running at all.",
    ]


def test_it_does_not_wait_for_a_process_that_is_gone_or_came_later(cast: Cast, answering: Answering) -> None:
    """Whoever missed three beats has no sockets any more; whoever starts later reads the rights as they are then."""
    serving("gone", seen=GONE_AFTER + timedelta(seconds=1))
    serving("new", started=timedelta(seconds=-60))
    answering()
    assert revoke("bob@example.com")[1:] == ["No process is serving: there was nothing to close."]


def test_no_way_back_lies_in_a_mailbox(cast: Cast) -> None:
    _, token = sharing.invite(room=cast.room, email=cast.mallory.email.upper(), role=Role.EDITOR, by=cast.alice)
    call_command("revoke", cast.mallory.email)
    with pytest.raises(NotFound):
        sharing.accept_invitation(token=token, user=cast.mallory)


@pytest.mark.parametrize("options", [[], ["--sign-out"]])
def test_a_dry_run_says_what_would_end_and_changes_nothing(cast: Cast, options: list[str]) -> None:
    before = Announcement.objects.count(), AuditEntry.objects.count()
    said = revoke("bob@example.com", "--dry-run", *options)
    assert said[-1] == "That was a dry run: nothing is changed."
    assert len(said) == 2
    assert Membership.objects.filter(user=cast.bob).exists()
    assert (Announcement.objects.count(), AuditEntry.objects.count()) == before
