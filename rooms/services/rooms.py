"""Making and naming rooms, and who is in them."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from rooms.core.access import Role
from rooms.models import Membership, Room, User


class NoSuchPerson(Exception):
    """Nobody has an account with that email address."""


class AlreadyMember(Exception):
    """That person is in the room already."""


class TooManyRooms(Exception):
    """That person has COLLAB_MAX_ROOMS_PER_PERSON already."""


@transaction.atomic
def create_room(*, name: str, by: User) -> Room:
    """Make a room that `by` owns. Raises TooManyRooms.

    Those count that they started and still own: nobody takes the place from somebody else by giving rooms away.
    """
    # Two at once must not both take the last place, so they wait for the person's row.
    list(User.objects.select_for_update(no_key=True).filter(pk=by.pk).values_list("pk"))
    own = Room.objects.filter(created_by=by, memberships__user=by, memberships__role=Role.OWNER)
    if own.count() >= settings.COLLAB_MAX_ROOMS_PER_PERSON:
        raise TooManyRooms
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
