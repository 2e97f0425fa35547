"""Taking all access away at once: what staff do when somebody leaves, or a laptop is lost."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from rooms.announcements import Reason, announce
from rooms.core.access import Role
from rooms.models import (
    AccessRequest,
    Announcement,
    AuditEntry,
    Invitation,
    LinkGuest,
    Membership,
    Room,
    ShareLink,
    User,
)
from rooms.services.sharing import revoke_link, withdraw_invitation
from rooms.triggers import end_sessions, record


@dataclass(frozen=True, slots=True)
class Revoked:
    """What was taken, the row under which the receipts will be, and the rooms that have no owner left."""

    memberships: int
    groups: int
    links: int
    sessions: int
    announcement: Announcement
    ownerless: list[Room]
    invitations: int = 0


@transaction.atomic
def revoke_everything(*, user: User, room: Room | None = None) -> Revoked:
    """Take away every path of `user`, in one room or, without one, everywhere, together with all sessions.

    Groups are left everywhere only: in one room a group is taken out by its owners. Somebody's being the last owner
    does not keep the access: the rooms that are left without one are in the answer.
    """
    members = Membership.objects.filter(user=user).select_related("room", "user")
    guests = LinkGuest.objects.filter(user=user).select_related("link__document__room", "user")
    asked = AccessRequest.objects.filter(user=user)
    invited = Invitation.objects.filter(email__iexact=user.email).select_related("room")
    if room is not None:
        members = members.filter(room=room)
        guests = guests.filter(link__document__room=room)
        asked = asked.filter(document__room=room)
        invited = invited.filter(room=room)
    owned = [one.room for one in members if one.role == Role.OWNER]
    memberships = [one.delete() for one in members]
    links = [one.delete() for one in guests]
    asked.delete()
    invitations = list(invited)  # else the way back lies in a mailbox
    for invitation in invitations:
        withdraw_invitation(invitation=invitation)
    groups = 0
    sessions = 0
    if room is None:
        groups = user.groups.count()
        user.groups.clear()
        sessions = end_sessions(user)
    row = announce(Reason.REVOKED, user_id=user.pk, room_id=room.pk if room else None)
    record(AuditEntry.Action.REVOKED, subject=user.email, room=room)
    return Revoked(len(memberships), groups, len(links), sessions, row, _without_owner(owned), len(invitations))


@transaction.atomic
def close_room(*, room: Room) -> Revoked:
    """Take away every path into `room` but its owners' memberships: members, groups, links, and open invitations.

    Whoever owns the room through a group alone loses it too.
    """
    # Whoever is being added or made an owner meanwhile comes before this, and is seen, or after it.
    Room.objects.select_for_update().get(pk=room.pk)
    members = room.memberships.exclude(role=Role.OWNER).select_related("room", "user")
    memberships = [one.delete() for one in members]
    groups = [one.delete() for one in room.groups.select_related("room", "group")]
    links = list(ShareLink.objects.standing().filter(document__room=room).select_related("document__room"))
    for link in links:
        revoke_link(link=link)
    invitations = list(room.invitations.select_related("room"))
    for invitation in invitations:
        withdraw_invitation(invitation=invitation)
    row = announce(Reason.REVOKED, room_id=room.pk)
    record(AuditEntry.Action.REVOKED, subject="everybody but owners", room=room)
    return Revoked(len(memberships), len(groups), len(links), 0, row, _without_owner([room]), len(invitations))


@transaction.atomic
def end_memberships(*, memberships: Iterable[Membership]) -> list[Room]:
    """Delete memberships, owners' as well. Returns the rooms that are left without an owner."""
    ended = list(memberships)
    for membership in ended:
        membership.delete()
    return _without_owner(one.room for one in ended)


def _without_owner(rooms: Iterable[Room]) -> list[Room]:
    """Return those of `rooms`, each once, that no active person owns by a membership."""
    distinct = {room.pk: room for room in rooms}.values()
    return [one for one in distinct if not one.memberships.filter(role=Role.OWNER, user__is_active=True).exists()]


@transaction.atomic
def sign_out_everywhere(*, user: User) -> tuple[int, Announcement]:
    """End every session of `user`. Returns how many there were, and the row under which the receipts will be."""
    ended = end_sessions(user)
    row = announce(Reason.SESSION_ENDED, user_id=user.pk)
    record(AuditEntry.Action.SESSION_ENDED, subject=user.email, detail=f"{ended} sessions")
    return ended, row
