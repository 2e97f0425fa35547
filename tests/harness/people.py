"""The cast: alice owns, bob edits, carol comments, vera views, mallory is a stranger."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from rooms.core.access import Role
from rooms.models import Document, Membership, Room, User
from rooms.services import documents, rooms

PASSWORD = "correct horse battery"


@dataclass
class Cast:
    alice: User
    bob: User
    carol: User
    vera: User
    mallory: User
    room: Room
    document: Document


def gather() -> Cast:
    """Make everybody, a room of alice's with the others in their roles, and one empty document."""
    people = {
        name: User.objects.create_user(f"{name}@example.com", PASSWORD, name=name.title())
        for name in ("alice", "bob", "carol", "vera", "mallory")
    }
    room = rooms.create_room(name="Design review", by=people["alice"])
    for name, role in (("bob", Role.EDITOR), ("carol", Role.COMMENTER), ("vera", Role.VIEWER)):
        Membership.objects.create(room=room, user=people[name], role=role)
    document = documents.create_document(room=room, by=people["alice"], title="Launch plan")
    return Cast(**people, room=room, document=document)


def sign_in(user: User) -> str:
    """Return the value of a session cookie of `user`, as a sign-in would have made it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key is not None
    return session.session_key
