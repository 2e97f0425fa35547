"""People, their sessions and documents for the clients of a storm, in the database that the settings name."""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from rooms.core.access import Role
from rooms.models import Membership, Room, User
from rooms.services import documents, rooms


@dataclass(frozen=True)
class Seeded:
    """The key of the room, the keys of its documents, and a session cookie's value for each client."""

    room: str
    documents: list[str]
    sessions: list[str]


@transaction.atomic
def seed(clients: int, documents_wanted: int) -> Seeded:
    """Make a room with so many members, each signed in, and so many documents. Nobody has a password."""
    run = secrets.token_hex(4)
    people = [
        User.objects.create_user(f"storm-{number}-{run}@example.com", None, name=f"Storm {number}")
        for number in range(clients)
    ]
    room = rooms.create_room(name="Storm", by=people[0])
    Membership.objects.bulk_create(Membership(room=room, user=one, role=Role.EDITOR) for one in people[1:])
    made = [
        documents.create_document(room=room, by=people[0], title=f"Storm {number}")
        for number in range(documents_wanted)
    ]
    return Seeded(room.key, [one.key for one in made], [_sign_in(one) for one in people])


@transaction.atomic
def remove(seeded: Seeded) -> None:
    """Take away everything that `seed` made. Nobody of them may be connected any more."""
    room = Room.objects.get(key=seeded.room)
    people = list(room.memberships.values_list("user_id", flat=True))
    room.delete()
    User.objects.filter(pk__in=people).delete()
    SessionStore.get_model_class().objects.filter(session_key__in=seeded.sessions).delete()


def _sign_in(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
