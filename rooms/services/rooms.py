"""Making and naming rooms, and who is in them."""

from django.db import transaction
from django.utils.translation import gettext as _

from rooms.core.access import Role
from rooms.models import Membership, Room, User


class NoSuchPerson(Exception):
    """Nobody has an account with that email address."""


class AlreadyMember(Exception):
    """That person is in the room already."""


@transaction.atomic
def create_room(*, name: str, by: User) -> Room:
    """Make a room that `by` owns."""
    room = Room.objects.create(name=name, created_by=by)
    Membership.objects.create(room=room, user=by, role=Role.OWNER)
    return room


def rename_room(*, room: Room, name: str) -> None:
    """Give `room` another name. The caller has passed `Right.OWN`."""
    room.name = name
    room.save(update_fields=["name"])


@transaction.atomic
def delete_room(*, room: Room) -> None:
    """Delete `room` with its documents. The caller has passed `Right.OWN`."""
    room.delete()


@transaction.atomic
def add_member(*, room: Room, email: str, role: Role) -> Membership:
    """Let the person with that email address into `room`. The caller has passed `Right.SHARE`.

    Raises NoSuchPerson or AlreadyMember.
    """
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise NoSuchPerson
    membership, created = Membership.objects.get_or_create(room=room, user=user, defaults={"role": role})
    if not created:
        raise AlreadyMember
    return membership


def welcome(*, person: User) -> Room:
    """Give somebody who has just signed up a room of their own, so that their first screen is not empty."""
    return create_room(name=_("%(name)s’s room") % {"name": person.display_name}, by=person)
