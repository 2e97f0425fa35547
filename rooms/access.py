"""The only door: what may this person do with this room or document?

Pages, socket handlers and exports all ask here. A caller gets a grant and calls
`grant.require(Right.EDIT)`, which tells a stranger "not found" and a member with too small a
role "forbidden".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from rooms.core.access import STRANGER, Grant, Right, Role
from rooms.core.errors import NotFound
from rooms.core.presence import Person
from rooms.models import Document, Room, User
from rooms.statements import AT_ONCE, batches, roles_of


def grant_in(user: User, room: Room) -> Grant:
    """Return what `user` may do in `room`. A deactivated person is a stranger."""
    return grants([(user.pk, room.pk)])[user.pk, room.pk]


def grants(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Grant]:
    """Return (user id, room id) → grant for all `pairs`. Whoever is no active member is a stranger.

    One query for up to a thousand pairs.
    """
    wanted = sorted(set(pairs))
    found: dict[tuple[int, int], Grant] = {}
    with connection.cursor() as cursor:
        for some in batches(wanted, AT_ONCE):
            cursor.execute(*roles_of(some))
            found |= {(user, room): Grant(Role(role)) for user, room, role in cursor.fetchall()}
    return {pair: found.get(pair, STRANGER) for pair in wanted}


def room_for(user: User, key: str, right: Right) -> tuple[Room, Role]:
    """Return the room with that key and the role of `user` in it.

    Raises NotFound for a stranger and for a key that nobody has, Forbidden when the role is too small.
    """
    room = Room.objects.filter(key=key).first()
    if room is None:
        raise NotFound
    return room, grant_in(user, room).require(right)


def document_for(user: User, key: str, right: Right) -> tuple[Document, Role]:
    """Return the document with that key, its room loaded, and the role of `user`. Raises as `room_for`."""
    document = Document.objects.select_related("room").filter(key=key).first()
    if document is None:
        raise NotFound
    return document, grant_in(user, document.room).require(right)


@dataclass(frozen=True, slots=True)
class Opening:
    """A document that somebody wants to open, and what that person may do with it."""

    document_id: int
    head: int
    grant: Grant


def openings(wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Opening | None]:
    """Return (user id, document key) → the document and the grant, in two queries; None where there is no such
    document."""
    wanted = set(wanted)
    rows = Document.objects.filter(key__in={key for _, key in wanted}).values_list("key", "pk", "room_id", "head")
    documents = {key: (pk, room, head) for key, pk, room, head in rows}
    found = grants((user, documents[key][1]) for user, key in wanted if key in documents)
    return {
        (user, key): Opening(pk, head, found[user, room])
        for user, key, (pk, room, head) in ((user, key, documents[key]) for user, key in wanted if key in documents)
    } | {pair: None for pair in wanted if pair[1] not in documents}


def people_of(keys: Iterable[str]) -> dict[str, Person | None]:
    """Return session key → who the session belongs to, as of now, in two queries; None: nobody's any more.

    The session stands and has not expired, its account is active, and the password is the one that it was signed in
    with: a changed password leaves the sessions of other devices in the table.
    """
    wanted = set(keys)
    rows = Session.objects.filter(session_key__in=wanted, expire_date__gt=timezone.now())
    decode = SessionStore().decode
    contents = {key: decode(data) for key, data in rows.values_list("session_key", "session_data")}
    ids = {content[SESSION_KEY] for content in contents.values() if SESSION_KEY in content}
    users = {str(user.pk): user for user in User.objects.filter(pk__in=ids, is_active=True)}
    people: dict[str, Person | None] = dict.fromkeys(wanted)
    for key, content in contents.items():
        user = users.get(content.get(SESSION_KEY, ""))
        if user is not None and _is_of(content, user):
            people[key] = Person(user_id=user.pk, key=user.key, name=user.display_name, color=user.color)
    return people


def person_of(session_key: str | None) -> Person | None:
    """Return who a session belongs to, as of now, or None when it is nobody's any more."""
    return people_of([session_key])[session_key] if session_key else None


def _is_of(content: dict[str, str], user: User) -> bool:
    if content.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(content.get(HASH_SESSION_KEY, ""), one) for one in hashes)
