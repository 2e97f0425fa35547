"""Everything that takes access away, as a test does it: trigger → who is hit, what is told, what it leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.utils import timezone

from rooms.core.access import Role
from rooms.models import LinkGuest, Membership, Room, RoomGroup, ShareLink
from rooms.services import members, revoking, sharing
from tests.harness.people import Cast

# How bob came to the document: alone as a member, through a group, by a link.
MEMBER, GROUP, LINK = "member", "group", "link"


def arrive(cast: Cast, way: str) -> None:
    """Make that way the only one on which bob is in."""
    if way == MEMBER:
        return
    Membership.objects.filter(user=cast.bob).delete()
    if way == GROUP:
        group = Group.objects.create(name="Writers")
        cast.bob.groups.add(group)
        RoomGroup.objects.create(room=cast.room, group=group, role=Role.EDITOR)
    else:
        link = sharing.make_link(document=cast.document, by=cast.alice, role=Role.EDITOR)
        sharing.open_link(key=link.key, user=cast.bob)


@dataclass(frozen=True, slots=True)
class Trigger:
    """`pull` takes the access away. `told` is the reason in the event that bob hears; `signed_out`: his line closes."""

    way: str
    pull: Callable[[Cast], object]
    told: str
    signed_out: bool = False
    # What no row announces waits for the sweep.
    swept: bool = False


def _move(cast: Cast) -> None:
    cast.document.room = Room.objects.create(name="Elsewhere", created_by=cast.alice)
    cast.document.save()


def _deactivate(cast: Cast) -> None:
    cast.bob.is_active = False
    cast.bob.save()


def _change_password(cast: Cast) -> None:
    cast.bob.set_password("another horse battery")
    cast.bob.save()


def _session(cast: Cast) -> Session:
    (key,) = [
        one.session_key for one in Session.objects.all() if one.get_decoded()["_auth_user_id"] == str(cast.bob.pk)
    ]
    return Session.objects.get(session_key=key)


def _end_from_list(cast: Cast) -> None:
    session = _session(cast)
    UserSession.objects.create(user=cast.bob, session_key=session.session_key, ip="127.0.0.1", user_agent="x").end()


def _reset_factor(cast: Cast) -> None:
    session = _session(cast)
    UserSession.objects.create(user=cast.bob, session_key=session.session_key, ip="127.0.0.1", user_agent="x")
    Authenticator.objects.create(user=cast.bob, type=Authenticator.Type.TOTP, data={}).delete()


TRIGGERS = {
    "membership removed": Trigger(MEMBER, lambda cast: members.remove_member(room=cast.room, user=cast.bob), "removed"),
    "group left": Trigger(GROUP, lambda cast: cast.bob.groups.clear(), "removed"),
    "group taken out of the room": Trigger(
        GROUP, lambda cast: members.remove_group(room=cast.room, group=Group.objects.get()), "removed"
    ),
    "group deleted": Trigger(GROUP, lambda cast: Group.objects.get().delete(), "removed"),
    "link revoked": Trigger(LINK, lambda cast: sharing.revoke_link(link=ShareLink.objects.get()), "link_ended"),
    "link deleted": Trigger(LINK, lambda cast: ShareLink.objects.get().delete(), "link_ended"),
    "guest removed": Trigger(LINK, lambda cast: LinkGuest.objects.get().delete(), "link_ended"),
    "link expired": Trigger(
        LINK,
        lambda cast: ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
        "",
        swept=True,
    ),
    "document deleted": Trigger(MEMBER, lambda cast: cast.document.delete(), "deleted"),
    "document moved": Trigger(MEMBER, _move, "moved"),
    "room deleted": Trigger(MEMBER, lambda cast: cast.room.delete(), "deleted"),
    "all access revoked": Trigger(
        MEMBER, lambda cast: revoking.revoke_everything(user=cast.bob, room=cast.room), "revoked"
    ),
    "account deactivated": Trigger(MEMBER, _deactivate, "deactivated", signed_out=True),
    "account deleted": Trigger(MEMBER, lambda cast: cast.bob.delete(), "deleted", signed_out=True),
    "password changed": Trigger(MEMBER, _change_password, "password_changed", signed_out=True),
    "signed out": Trigger(MEMBER, lambda cast: _session(cast).delete(), "session_ended", signed_out=True),
    "session ended from the list": Trigger(MEMBER, _end_from_list, "session_ended", signed_out=True),
    "second factor reset": Trigger(MEMBER, _reset_factor, "session_ended", signed_out=True),
    "session expired": Trigger(
        MEMBER,
        lambda cast: Session.objects.filter(pk=_session(cast).pk).update(
            expire_date=timezone.now() - timedelta(seconds=1)
        ),
        "session_ended",
        signed_out=True,
        swept=True,
    ),
    "row changed by hand": Trigger(
        MEMBER,
        lambda cast: Membership.objects.filter(user=cast.bob)._raw_delete("default"),
        "",
        swept=True,
    ),
}
