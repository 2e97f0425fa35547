"""Every change of access stands in the audit log: what, whose, by whom, from where."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.test import Client

from rooms import actor
from rooms.core.access import Role
from rooms.models import Announcement, AuditEntry, Document, Membership, Room, RoomGroup
from rooms.services import members, revoking, sharing
from tests.harness.people import PASSWORD, Cast

Action = AuditEntry.Action


def entries() -> list[tuple[str, str, str, str]]:
    """Return (action, actor, whose access, room) of every entry, the oldest first."""
    fields = ("action", "actor_name", "subject_name", "room_name")
    return list(AuditEntry.objects.order_by("pk").values_list(*fields))


def after(change: Callable[[], object]) -> list[tuple[str, str]]:
    """Return (action, whose access) of what `change` leaves in the log."""
    AuditEntry.objects.all().delete()
    change()
    return [(action, subject) for action, _, subject, _ in entries()]


def test_membership_and_role(cast: Cast) -> None:
    bob = cast.bob.email
    change = after(lambda: members.change_role(room=cast.room, user=cast.bob, role=Role.VIEWER))
    assert change == [(Action.ROLE_CHANGED, bob)]
    assert AuditEntry.objects.get().detail == "editor → viewer"
    assert after(lambda: members.change_role(room=cast.room, user=cast.bob, role=Role.VIEWER)) == []
    assert after(lambda: members.remove_member(room=cast.room, user=cast.bob)) == [(Action.REMOVED, bob)]
    joined = after(lambda: Membership.objects.create(room=cast.room, user=cast.bob, role=Role.EDITOR))
    assert joined == [(Action.JOINED, bob)]
    transferred = after(lambda: members.transfer_ownership(room=cast.room, owner=cast.alice, to=cast.bob))
    assert transferred == [(Action.ROLE_CHANGED, bob), (Action.ROLE_CHANGED, cast.alice.email)]


@pytest.mark.parametrize("reverse", [False, True])
def test_groups_from_either_side(cast: Cast, reverse: bool) -> None:
    group = Group.objects.create(name="Writers")
    people: Any = group.user_set if reverse else cast.mallory.groups
    one = cast.mallory if reverse else group
    assert after(lambda: people.add(one)) == [(Action.GROUP_JOINED, cast.mallory.email)]
    assert after(lambda: people.add(one)) == []
    added = after(lambda: members.add_group(room=cast.room, group=group, role=Role.VIEWER))
    assert added == [(Action.JOINED, "group Writers")]
    assert after(lambda: people.remove(one)) == [(Action.GROUP_LEFT, cast.mallory.email)]
    people.add(one)
    assert after(people.clear) == [(Action.GROUP_LEFT, cast.mallory.email)]
    people.add(one)
    gone = after(group.delete)
    assert (Action.GROUP_LEFT, cast.mallory.email) in gone
    assert (Action.REMOVED, "group Writers") in gone
    assert not RoomGroup.objects.exists()


def test_links_invitations_and_requests(cast: Cast) -> None:
    assert after(lambda: sharing.make_link(document=cast.document, by=cast.alice, role=Role.VIEWER)) == [
        (Action.LINK_MADE, "")
    ]
    link = cast.document.links.get()
    opened = after(lambda: sharing.open_link(key=link.key, user=cast.mallory))
    assert opened == [(Action.LINK_OPENED, cast.mallory.email)]
    assert after(lambda: sharing.open_link(key=link.key, user=cast.mallory)) == []
    assert after(lambda: sharing.revoke_link(link=link)) == [(Action.LINK_ENDED, "link")]
    assert after(lambda: sharing.revoke_link(link=link)) == []
    mallory = cast.mallory.email
    invited = after(lambda: sharing.invite(room=cast.room, email=mallory, role=Role.VIEWER, by=cast.alice))
    assert invited == [(Action.INVITED, mallory)]
    invitation = cast.room.invitations.get()
    withdrawn = after(lambda: sharing.withdraw_invitation(invitation=invitation))
    assert withdrawn == [(Action.INVITATION_ENDED, mallory)]
    asked = after(lambda: sharing.ask_for_access(key=cast.document.key, user=cast.mallory))
    assert asked == [(Action.ACCESS_ASKED, mallory)]
    request = cast.document.requests.get()
    assert after(lambda: sharing.grant_request(request=request, role=Role.VIEWER)) == [(Action.JOINED, mallory)]


def test_documents_and_rooms_that_move_or_go(cast: Cast) -> None:
    elsewhere = Room.objects.create(name="Elsewhere", created_by=cast.alice)

    def move() -> None:
        cast.document.room = elsewhere
        cast.document.save(update_fields=["room"])

    assert after(move) == [(Action.DOCUMENT_MOVED, "")]
    assert after(lambda: cast.document.save(update_fields=["title"])) == []
    assert after(cast.document.delete) == [(Action.DOCUMENT_DELETED, "")]
    Document.objects.create(room=cast.room, title="Other")
    gone = after(cast.room.delete)
    assert gone.count((Action.REMOVED, cast.bob.email)) == 1
    assert gone[-1] == (Action.ROOM_DELETED, "")
    assert {room for *_, room in entries()} == {"Design review"}, "the log keeps the name of what is gone"


def test_accounts(cast: Cast) -> None:
    def deactivate() -> None:
        cast.bob.is_active = False
        cast.bob.save()

    assert after(deactivate) == [(Action.DEACTIVATED, cast.bob.email)]
    assert after(cast.bob.save) == []

    def change() -> None:
        cast.vera.set_password("another horse battery")
        cast.vera.save(update_fields=["password"])

    assert after(change) == [(Action.PASSWORD_CHANGED, cast.vera.email)]
    assert after(lambda: cast.carol.delete())[-1] == (Action.ACCOUNT_DELETED, cast.carol.email)
    revoked = after(lambda: revoking.revoke_everything(user=cast.vera))
    assert revoked == [(Action.REMOVED, cast.vera.email), (Action.REVOKED, cast.vera.email)]


def test_signing_in_and_out_says_from_where(cast: Cast, client: Client) -> None:
    AuditEntry.objects.all().delete()
    client.post("/accounts/login/", {"login": cast.bob.email, "password": "wrong"})
    client.post("/accounts/login/", {"login": cast.bob.email, "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")
    client.post("/accounts/logout/")
    found = list(AuditEntry.objects.order_by("pk").values_list("action", "subject_name", "address"))
    assert found == [
        (Action.SIGN_IN_FAILED, cast.bob.email, "127.0.0.1"),
        (Action.SIGNED_IN, cast.bob.email, "192.0.2.7"),
        (Action.SIGNED_OUT, cast.bob.email, "127.0.0.1"),
    ]
    assert Announcement.objects.filter(reason="session_ended", user_number=cast.bob.pk).count() == 1
    assert not Session.objects.exists()


def test_who_did_it(cast: Cast, client: Client) -> None:
    AuditEntry.objects.all().delete()
    with actor.named("manage.py revoke"):
        revoking.revoke_everything(user=cast.vera)
    assert {name for _, name, _, _ in entries()} == {"manage.py revoke"}
    AuditEntry.objects.all().delete()
    members.remove_member(room=cast.room, user=cast.carol)
    assert {name for _, name, _, _ in entries()} == {""}


def test_a_change_that_fails_leaves_no_entry(cast: Cast) -> None:
    with pytest.raises(members.LastOwner):
        members.remove_member(room=cast.room, user=cast.alice)
    assert not AuditEntry.objects.filter(action=Action.REMOVED).exists()
