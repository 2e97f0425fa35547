"""The door, asked for a crowd at once: each gets the answer that it would get alone, in a bounded number of queries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rooms import access
from rooms.core.access import STRANGER, Grant, PathKind, Right, Role, grant_of
from rooms.core.errors import NotFound
from rooms.models import Document, Membership, Room, RoomGroup, ShareLink, User
from rooms.services.rooms import create_room
from rooms.services.sharing import make_link, open_link, revoke_link
from tests.harness.people import Cast, sign_in

CROWD = 300


def signed_in(cast: Cast) -> str:
    return sign_in(cast.bob)


def expired(cast: Cast) -> str:
    key = sign_in(cast.bob)
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    return key


def ended(cast: Cast) -> str:
    key = sign_in(cast.bob)
    SessionStore(key).flush()
    return key


def of_an_old_password(cast: Cast) -> str:
    key = sign_in(cast.carol)
    cast.carol.set_password("another horse battery")
    cast.carol.save()
    return key


def of_nobody_active(cast: Cast) -> str:
    key = sign_in(cast.vera)
    User.objects.filter(pk=cast.vera.pk).update(is_active=False)
    return key


def of_a_deleted_person(cast: Cast) -> str:
    key = sign_in(cast.mallory)
    User.objects.filter(pk=cast.mallory.pk).delete()
    return key


def unknown(cast: Cast) -> str:
    return "x" * 32


def changed(**values: Any) -> Callable[[Cast], str]:
    """A session of bob's with other values in it; None: without that one."""

    def make(cast: Cast) -> str:
        session = SessionStore(sign_in(cast.bob))
        for name, value in values.items():
            if value is None:
                del session[name]
            else:
                session[name] = value
        session.save()
        assert session.session_key is not None
        return session.session_key

    return make


def anonymous(cast: Cast) -> str:
    session = SessionStore()
    session["cart"] = "full"
    session.create()
    assert session.session_key is not None
    return session.session_key


def tampered(cast: Cast) -> str:
    key = sign_in(cast.bob)
    Session.objects.filter(session_key=key).update(session_data="bm90IHNpZ25lZA:nonsense")
    return key


# name: how such a session comes about, and whose it is
SESSIONS: dict[str, tuple[Callable[[Cast], str], str | None]] = {
    "signed in": (signed_in, "bob"),
    "a second device": (signed_in, "bob"),
    "somebody else": (lambda cast: sign_in(cast.alice), "alice"),
    "expired": (expired, None),
    "ended": (ended, None),
    "of an old password": (of_an_old_password, None),
    "of nobody active": (of_nobody_active, None),
    "of a deleted person": (of_a_deleted_person, None),
    "unknown": (unknown, None),
    "of a backend that is not in use": (changed(**{BACKEND_SESSION_KEY: "elsewhere.Backend"}), None),
    "without a backend": (changed(**{BACKEND_SESSION_KEY: None}), None),
    "without a hash": (changed(**{HASH_SESSION_KEY: None}), None),
    "with another's hash": (changed(**{HASH_SESSION_KEY: "0" * 64}), None),
    "without a person": (changed(**{SESSION_KEY: None}), None),
    "anonymous": (anonymous, None),
    "not signed by us": (tampered, None),
}


def of_django(key: str) -> int | None:
    """Return whose session it is by Django's own middleware: who reads a page with that cookie."""
    request = HttpRequest()
    request.session = SessionStore(key)
    user = get_user(request)
    return user.pk if user.is_authenticated else None


def test_a_session_is_whose_it_is_alone_and_in_a_crowd(cast: Cast) -> None:
    keys = {name: make(cast) for name, (make, _) in SESSIONS.items()}
    together = access.people_of(keys.values())
    assert set(together) == set(keys.values())
    whose = {name: getattr(cast, owner).pk if owner else None for name, (_, owner) in SESSIONS.items()}
    ids = {name: person.user_id if (person := together[key]) else None for name, key in keys.items()}
    assert ids == whose
    assert {name: access.person_of(key) for name, key in keys.items()} == {
        name: together[key] for name, key in keys.items()
    }
    assert {name: of_django(key) for name, key in keys.items()} == whose, "pages say the same"


def test_a_person_has_the_name_of_the_account(cast: Cast) -> None:
    person = access.person_of(sign_in(cast.bob))
    assert person is not None
    assert (person.user_id, person.key, person.name, person.color) == (
        cast.bob.pk,
        cast.bob.key,
        "Bob",
        cast.bob.color,
    )
    assert access.person_of(None) is access.person_of("") is None


def test_a_secret_that_was_replaced_still_opens_the_door_for_sessions_of_before(cast: Cast, settings: Any) -> None:
    """As it does on pages: replacing the secret must not sign everybody out."""
    key = sign_in(cast.bob)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-" + "y" * 40
    person = access.person_of(key)
    assert person is not None
    assert person.user_id == of_django(key) == cast.bob.pk
    settings.SECRET_KEY_FALLBACKS = []
    assert access.person_of(key) is None


def crowd(room: Room) -> list[User]:
    people = User.objects.bulk_create(
        User(email=f"{number}@example.com", password="!", name=f"Person {number}") for number in range(CROWD)
    )
    roles = [Role.EDITOR, Role.VIEWER, Role.COMMENTER, None]
    Membership.objects.bulk_create(
        Membership(room=room, user=user, role=role)
        for number, user in enumerate(people)
        if (role := roles[number % 4]) is not None
    )
    return people


def test_a_crowd_is_looked_up_in_a_few_queries(cast: Cast) -> None:
    people = crowd(cast.room)
    keys = {sign_in(user): user.pk for user in people}
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = access.people_of(keys)
    assert len(asked) == 2
    assert {key: person.user_id for key, person in found.items() if person} == keys
    wanted = [(user.pk, cast.document.key) for user in people]
    with CaptureQueriesContext(connection) as asked:
        openings = access.openings(wanted)
    assert len(asked) == 2
    roles = [openings[pair].grant.role if openings[pair] else "none" for pair in wanted]  # type: ignore[union-attr]
    assert roles == [Role.EDITOR, Role.VIEWER, Role.COMMENTER, None] * (CROWD // 4)
    with CaptureQueriesContext(connection) as asked:
        access.grants((user.pk, cast.document.pk) for user in people)
    assert len(asked) == 1


def test_more_sessions_than_one_statement_takes_are_looked_up(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "AT_ONCE", 2)
    keys = {sign_in(user): user.pk for user in (cast.alice, cast.bob, cast.carol, cast.vera, cast.mallory)}
    with CaptureQueriesContext(connection) as asked:
        found = access.people_of([*keys, "nobodys"])
    assert len(asked) == 6
    assert {key: person and person.user_id for key, person in found.items()} == {**keys, "nobodys": None}


def test_nobody_who_asks_costs_nothing(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert not access.grants([])
        assert not access.openings([])
        assert not access.people_of([])
    assert len(asked) == 0


@pytest.fixture
def pairs(cast: Cast) -> dict[tuple[int, int], Grant]:
    """(person, document) → what the grant must be, over three rooms to which people came on different ways."""
    theirs = create_room(name="Theirs", by=cast.mallory)
    Membership.objects.create(room=theirs, user=cast.bob, role=Role.VIEWER)
    others = create_room(name="Others", by=cast.mallory)
    here = cast.document
    there, shared, beside = (Document.objects.create(room=room, title="Other") for room in (theirs, others, others))
    writers, readers = Group.objects.create(name="Writers"), Group.objects.create(name="Readers")
    cast.vera.groups.add(writers, readers)
    cast.carol.groups.add(writers)
    RoomGroup.objects.create(room=cast.room, group=writers, role=Role.EDITOR)
    RoomGroup.objects.create(room=theirs, group=readers, role=Role.COMMENTER)
    for role in (Role.VIEWER, Role.COMMENTER):
        open_link(key=make_link(document=shared, by=cast.mallory, role=role).key, user=cast.alice)
    revoked, expired = (make_link(document=shared, by=cast.mallory, role=Role.EDITOR) for _ in range(2))
    for link in (revoked, expired):
        open_link(key=link.key, user=cast.alice)
        open_link(key=link.key, user=cast.bob)
    revoke_link(link=revoked)
    ShareLink.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    link = make_link(document=here, by=cast.alice, role=Role.VIEWER)
    open_link(key=link.key, user=cast.bob)
    open_link(key=link.key, user=cast.carol)
    User.objects.filter(pk=cast.carol.pk).update(is_active=False)
    return {
        (cast.alice.pk, here.pk): Grant(Role.OWNER),
        (cast.alice.pk, there.pk): STRANGER,
        (cast.alice.pk, shared.pk): Grant(Role.COMMENTER),
        (cast.alice.pk, beside.pk): STRANGER,
        (cast.bob.pk, here.pk): Grant(Role.EDITOR),
        (cast.bob.pk, there.pk): Grant(Role.VIEWER),
        (cast.bob.pk, shared.pk): STRANGER,
        (cast.carol.pk, here.pk): STRANGER,
        (cast.vera.pk, here.pk): Grant(Role.EDITOR),
        (cast.vera.pk, there.pk): Grant(Role.COMMENTER),
        (cast.vera.pk, shared.pk): STRANGER,
        (cast.mallory.pk, here.pk): STRANGER,
        (cast.mallory.pk, there.pk): Grant(Role.OWNER),
        (10**9, here.pk): STRANGER,
        (cast.bob.pk, 10**9): STRANGER,
    }


@pytest.mark.parametrize("at_once", [1, 2, 3, 1_000])
def test_grants_of_many_are_those_of_each(
    cast: Cast, pairs: dict[tuple[int, int], Grant], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Bob's role in one room says nothing about the other one, and nothing about mallory there."""
    monkeypatch.setattr("rooms.access.AT_ONCE", at_once)
    with CaptureQueriesContext(connection) as asked:
        assert access.grants([*pairs, *pairs]) == pairs
    assert len(asked) == -(-len(pairs) // at_once)
    for pair, grant in pairs.items():
        assert access.grants([pair]) == {pair: grant}


@pytest.mark.parametrize("at_once", [2, 1_000])
def test_openings_of_many_are_those_of_each(
    cast: Cast, pairs: dict[tuple[int, int], Grant], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("rooms.access.AT_ONCE", at_once)
    documents = {document.pk: document for document in Document.objects.all()}
    expected: dict[tuple[int, str], access.Opening | None] = {
        (user, documents[pk].key): access.Opening(pk, 0, grant)
        for (user, pk), grant in pairs.items()
        if pk in documents
    }
    expected |= {(user, "no-such-document"): None for user, _ in pairs}
    assert access.openings(expected) == expected
    for one, opening in expected.items():
        assert access.openings([one]) == {one: opening}


def test_the_pages_and_the_paths_say_the_same_as_the_grants(cast: Cast, pairs: dict[tuple[int, int], Grant]) -> None:
    """`document_for` gives what `grants` gives, `paths` names a reason for exactly those who get in."""
    people = {user.pk: user for user in User.objects.all()}
    documents = {document.pk: document for document in Document.objects.select_related("room")}
    for (user_id, document_id), grant in pairs.items():
        if user_id not in people or document_id not in documents:
            continue
        user, document = people[user_id], documents[document_id]
        found = access.paths(user, document)
        assert grant_of(path.role for path in found) == grant
        assert (document in Document.objects.visible_to(user)) is (grant != STRANGER) or not user.is_active
        if grant == STRANGER:
            with pytest.raises(NotFound):
                access.document_for(user, document.key, Right.VIEW)
        else:
            assert access.document_for(user, document.key, Right.VIEW) == (document, grant.role)


def test_a_guest_of_a_link_sees_that_document_and_not_its_room(cast: Cast) -> None:
    link = make_link(document=cast.document, by=cast.alice, role=Role.EDITOR)
    open_link(key=link.key, user=cast.mallory)
    with pytest.raises(NotFound):
        access.room_for(cast.mallory, cast.room.key, Right.VIEW)
    assert not Room.objects.of(cast.mallory).exists()
    assert list(Document.objects.shared_with(cast.mallory)) == [cast.document]
    assert [path.kind for path in access.paths(cast.mallory, cast.document)] == [PathKind.LINK]
