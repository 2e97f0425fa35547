"""The only door: what may this person do with this room or document?

Pages, socket handlers and exports all ask here. A caller gets a grant and calls
`grant.require(Right.EDIT)`, which tells a stranger "not found" and a member with too small a
role "forbidden".
"""

from collections.abc import Iterable
from importlib import import_module
from types import SimpleNamespace

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from rooms.core.access import STRANGER, Grant, Right, Role
from rooms.core.errors import NotFound
from rooms.core.presence import Person
from rooms.models import Document, Membership, Room, User


def grant_in(user: User, room: Room) -> Grant:
    """Return what `user` may do in `room`. A deactivated person is a stranger."""
    return grants([(user.pk, room.pk)])[user.pk, room.pk]


def grants(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Grant]:
    """Return (user id, room id) → grant for all `pairs`, in one query. Whoever is no active member is a stranger."""
    wanted = set(pairs)
    memberships = Membership.objects.filter(
        user__in={user for user, _ in wanted}, room__in={room for _, room in wanted}, user__is_active=True
    ).values_list("user_id", "room_id", "role")
    found = {(user, room): Grant(Role(role)) for user, room, role in memberships}
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
    document, grant = document_grant(user.pk, key)
    return document, grant.require(right)


def document_grant(user_id: int, key: str) -> tuple[Document, Grant]:
    """Return the document with that key, its room loaded, and what that person may do with it. Raises NotFound."""
    document = Document.objects.select_related("room").filter(key=key).first()
    if document is None:
        raise NotFound
    pair = (user_id, document.room_id)
    return document, grants([pair])[pair]


def person_of(session_key: str | None) -> Person | None:
    """Return who a session belongs to, as of now, or None when it is nobody's any more.

    Reads the session and the person from the database each time: the session may have been ended or expired, the
    account deactivated, the password changed (which the session's hash tells).
    """
    if not session_key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    if not isinstance(user, User):
        return None
    return Person(user_id=user.pk, key=user.key, name=user.display_name, color=user.color)


def live_sessions(keys: Iterable[str]) -> set[str]:
    """Return those of the session keys that are somebody's, in two queries.

    As `person_of`, for many: the session stands and has not expired, the account is active, and the password is the
    one that it was signed in with. A changed password leaves the sessions of other devices in the table.
    """
    rows = Session.objects.filter(session_key__in=set(keys), expire_date__gt=timezone.now())
    contents = {row.session_key: row.get_decoded() for row in rows}
    ids = {content[SESSION_KEY] for content in contents.values() if SESSION_KEY in content}
    people = {str(user.pk): user for user in User.objects.filter(pk__in=ids, is_active=True)}
    return {key for key, content in contents.items() if _is_of(content, people.get(content.get(SESSION_KEY, "")))}


def _is_of(content: dict[str, str], user: User | None) -> bool:
    if user is None:
        return False
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(content.get(HASH_SESSION_KEY, ""), one) for one in hashes)
