"""Who is in a room: roles, leaving, ownership, groups. A room keeps an owner, whatever people do to each other."""

from django.contrib.auth.models import Group
from django.db import transaction

from rooms.core.access import Role
from rooms.models import Membership, Room, RoomGroup, User


class LastOwner(Exception):
    """The room would be left without an owner."""


class AlreadyThere(Exception):
    """That group is in the room already."""


@transaction.atomic
def change_role(*, room: Room, user: User, role: Role) -> Membership:
    """Give a member another role. The caller has passed `Right.SHARE`.

    Raises Membership.DoesNotExist, or LastOwner when nobody else owns the room.
    """
    membership = _locked(room, user)
    if membership.role != role:
        if role is not Role.OWNER:
            _keep_an_owner(membership)
        membership.role = role
        membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def remove_member(*, room: Room, user: User) -> None:
    """Take a member out, or let one leave. Raises as `change_role`."""
    membership = _locked(room, user)
    _keep_an_owner(membership)
    membership.delete()


@transaction.atomic
def transfer_ownership(*, room: Room, owner: User, to: User) -> None:
    """Make the member `to` an owner and `owner` an editor, in one step. Raises Membership.DoesNotExist."""
    heir = _locked(room, to)
    heir.role = Role.OWNER
    heir.save(update_fields=["role"])
    former = Membership.objects.get(room=room, user=owner)
    if former.pk != heir.pk:
        former.role = Role.EDITOR
        former.save(update_fields=["role"])


def _locked(room: Room, user: User) -> Membership:
    """Return the membership, with the room's row locked: two owners cannot remove each other at the same time."""
    Room.objects.select_for_update().get(pk=room.pk)
    return Membership.objects.select_related("user", "room").get(room=room, user=user)


def _keep_an_owner(membership: Membership) -> None:
    others = Membership.objects.filter(room=membership.room_id, role=Role.OWNER).exclude(pk=membership.pk)
    if membership.role == Role.OWNER and not others.filter(user__is_active=True).exists():
        raise LastOwner


@transaction.atomic
def add_group(*, room: Room, group: Group, role: Role) -> RoomGroup:
    """Give everybody in `group` a role in the room. The caller has passed `Right.SHARE`. Raises AlreadyThere."""
    added, created = RoomGroup.objects.get_or_create(room=room, group=group, defaults={"role": role})
    if not created:
        raise AlreadyThere
    return added


@transaction.atomic
def remove_group(*, room: Room, group: Group) -> None:
    """Take a group out of the room. The caller has passed `Right.SHARE`."""
    for row in RoomGroup.objects.filter(room=room, group=group).select_related("room", "group"):
        row.delete()
