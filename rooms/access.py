"""The only door: what may this person do with this room or document?

Pages, socket handlers and exports all ask here. A caller gets a grant and calls
`grant.require(Right.EDIT)`, which tells a stranger "not found" and a member with too small a
role "forbidden".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import QuerySet, Value
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from rooms.core.access import STRANGER, Grant, PathKind, Right, Role, grant_of
from rooms.core.errors import NotFound
from rooms.core.presence import Person
from rooms.models import Document, LinkGuest, Membership, Room, RoomGroup, ShareLink, User
from rooms.statements import AT_ONCE, batches, document_roles_of


def grant_in(user: User, room: Room) -> Grant:
    """Return what `user` may do in `room`, as a member or through groups. A deactivated person is a stranger."""
    if not user.is_active:
        return STRANGER
    groups = RoomGroup.objects.filter(room=room, group__user=user)
    roles = Membership.objects.filter(room=room, user=user).values_list("role").union(groups.values_list("role"))
    return grant_of(Role(role) for (role,) in roles)


def grants(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Grant]:
    """Return (user id, document id) → grant for all `pairs`: the largest of what membership, groups and links give.

    One query for up to a thousand pairs. Whoever has no path there, or is deactivated, is a stranger.
    """
    wanted = sorted(set(pairs))
    found: dict[tuple[int, int], list[Role]] = {}
    with connection.cursor() as cursor:
        for some in batches(wanted, AT_ONCE):
            cursor.execute(*document_roles_of(some))
            for user, document, role in cursor.fetchall():
                found.setdefault((user, document), []).append(Role(role))
    return {pair: grant_of(found[pair]) if pair in found else STRANGER for pair in wanted}


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
    return document, grants([(user.pk, document.pk)])[user.pk, document.pk].require(right)


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
    rows = Document.objects.filter(key__in={key for _, key in wanted}).values_list("key", "pk", "head")
    documents = {key: (pk, head) for key, pk, head in rows}
    found = grants((user, documents[key][0]) for user, key in wanted if key in documents)
    return {
        (user, key): Opening(pk, head, found[user, pk])
        for user, key, (pk, head) in ((user, key, documents[key]) for user, key in wanted if key in documents)
    } | {pair: None for pair in wanted if pair[1] not in documents}


@dataclass(frozen=True, slots=True)
class Path:
    """One reason why somebody may see a document. `through` names the group, and is empty otherwise."""

    kind: PathKind
    role: Role
    since: datetime
    through: str = ""


def paths(user: User, document: Document) -> list[Path]:
    """Return every path on which `user` may see `document`; none for a stranger and for a deactivated person."""
    return paths_to(document, User.objects.filter(pk=user.pk)).get(user, [])


def paths_to(document: Document, people: QuerySet[User] | None = None) -> dict[User, list[Path]]:
    """Return everybody, or who of `people`, may see `document`, each with every path, in four queries."""
    found: dict[int, list[Path]] = {}

    def add(kind: PathKind, rows: Iterable[tuple[int, str, datetime, str]]) -> None:
        for person, role, since, through in rows:
            found.setdefault(person, []).append(Path(kind, Role(role), since, through))

    everybody = (User.objects.all() if people is None else people).filter(is_active=True)
    who = everybody.values("pk")
    members = Membership.objects.filter(room=document.room_id, user__in=who).annotate(through=Value(""))
    add(PathKind.MEMBER, members.values_list("user", "role", "created_at", "through"))
    groups = RoomGroup.objects.filter(room=document.room_id, group__user__in=who).order_by("group__name")
    add(PathKind.GROUP, groups.values_list("group__user", "role", "created_at", "group__name"))
    guests = LinkGuest.objects.filter(link__in=ShareLink.objects.standing().filter(document=document), user__in=who)
    by_link = guests.annotate(through=Value("")).order_by("link")
    add(PathKind.LINK, by_link.values_list("user", "link__role", "created_at", "through"))
    return {person: found[person.pk] for person in everybody.filter(pk__in=found).order_by("name", "pk")}


def people_of(keys: Iterable[str]) -> dict[str, Person | None]:
    """Return session key → who the session belongs to, as of now, in two queries for up to a thousand.

    None: nobody's any more.

    The session stands and has not expired, its account is active, and the password is the one that it was signed in
    with: a changed password leaves the sessions of other devices in the table.
    """
    wanted = set(keys)
    people: dict[str, Person | None] = dict.fromkeys(wanted)
    decode = SessionStore().decode
    for some in batches(list(wanted), AT_ONCE):
        rows = Session.objects.filter(session_key__in=some, expire_date__gt=timezone.now())
        contents = {key: decode(data) for key, data in rows.values_list("session_key", "session_data")}
        ids = {content[SESSION_KEY] for content in contents.values() if SESSION_KEY in content}
        users = {str(user.pk): user for user in User.objects.filter(pk__in=ids, is_active=True)}
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
