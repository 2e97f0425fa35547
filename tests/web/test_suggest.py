"""What `@` and `[[` offer: people of the room and readable documents, and nothing to anybody else."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from rooms.core.access import Role
from rooms.models import Document, LinkGuest, Membership, Room, RoomGroup, ShareLink, User
from rooms.services import documents, rooms
from tests.harness.people import Cast
from tests.web.conftest import Pages


@pytest.fixture
def guest(document: Document, alice: User, mallory: User) -> ShareLink:
    """Mallory opened a link to the one document."""
    link = ShareLink.objects.create(document=document, role=Role.EDITOR, created_by=alice)
    LinkGuest.objects.create(link=link, user=mallory)
    return link


def offered(client: Any, document: Document, what: str, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/d/{document.key}/{what}?{query}")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()[what]
    return found


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Alice", "Bob", "Carol", "Vera"]),
        ("q=BO", ["Bob"]),
        ("q=a", ["Alice", "Carol", "Vera"]),  # whose name begins with it comes first
        ("q=ra", ["Vera"]),
        ("q=example.com", []),
        ("q=bob@example.com", []),
        ("q=%25", []),
        ("q=mallory", []),
    ],
)
def test_people_of_the_room_are_found_by_name(
    as_: Pages, vera: User, document: Document, query: str, names: list[str]
) -> None:
    assert [one["name"] for one in offered(as_(vera), document, "people", query)] == names


def test_a_person_is_a_key_a_name_and_a_colour_and_no_address(as_: Pages, bob: User, document: Document) -> None:
    assert offered(as_(bob), document, "people", "q=bob") == [{"id": bob.key, "name": "Bob", "color": bob.color}]


def test_somebody_without_a_name_is_found_as_shown(as_: Pages, bob: User, document: Document, room: Room) -> None:
    User.objects.filter(pk=bob.pk).update(name="")
    assert [one["name"] for one in offered(as_(bob), document, "people", "q=bo")] == ["bob"]
    assert offered(as_(bob), document, "people", "q=bob@exa") == []


def test_people_who_are_in_the_room_by_a_group_are_offered_once(
    as_: Pages, everybody: Cast, document: Document, room: Room
) -> None:
    group = Group.objects.create(name="reviewers")
    RoomGroup.objects.create(room=room, group=group, role=Role.VIEWER)
    for user in (everybody.mallory, everybody.bob):
        user.groups.add(group)
    found = [one["name"] for one in offered(as_(everybody.alice), document, "people")]
    assert found == ["Alice", "Bob", "Carol", "Mallory", "Vera"]


def test_whoever_left_or_was_deactivated_is_not_offered(as_: Pages, everybody: Cast, document: Document) -> None:
    Membership.objects.filter(user=everybody.bob).delete()
    User.objects.filter(pk=everybody.carol.pk).update(is_active=False)
    assert [one["name"] for one in offered(as_(everybody.alice), document, "people")] == ["Alice", "Vera"]


def test_at_most_eight_are_offered(as_: Pages, alice: User, document: Document, room: Room) -> None:
    for number in range(12):
        user = User.objects.create_user(f"reader{number}@example.com", name=f"Reader {number}")
        Membership.objects.create(room=room, user=user, role=Role.VIEWER)
        documents.create_document(room=room, by=alice, title=f"Paper {number}")
    assert len(offered(as_(alice), document, "people")) == 8
    assert len(offered(as_(alice), document, "documents")) == 8


def test_a_guest_by_link_learns_of_nobody(as_: Pages, mallory: User, document: Document, guest: ShareLink) -> None:
    assert offered(as_(mallory), document, "people") == []
    assert offered(as_(mallory), document, "people", "q=bob") == []


@pytest.mark.parametrize("what", ["people", "documents"])
def test_a_stranger_learns_nothing(as_: Pages, mallory: User, document: Document, what: str) -> None:
    assert as_(mallory).get(f"/d/{document.key}/{what}").status_code == 404
    assert as_(mallory).get(f"/d/no-such-document/{what}").status_code == 404


@pytest.mark.parametrize("what", ["people", "documents"])
def test_a_link_that_was_revoked_offers_nothing_any_more(
    as_: Pages, mallory: User, document: Document, guest: ShareLink, what: str
) -> None:
    client = as_(mallory)
    assert client.get(f"/d/{document.key}/{what}").status_code == 200
    guest.delete()
    assert client.get(f"/d/{document.key}/{what}").status_code == 404


def test_documents_are_those_that_the_person_may_read(
    as_: Pages, everybody: Cast, document: Document, room: Room
) -> None:
    notes = documents.create_document(room=room, by=everybody.alice, title="Launch notes")
    secret_room = rooms.create_room(name="Board", by=everybody.mallory)
    documents.create_document(room=secret_room, by=everybody.mallory, title="Launch money")
    expected = [{"key": notes.key, "title": "Launch notes", "room": "Design review"}]
    assert offered(as_(everybody.vera), document, "documents", "q=launch") == expected
    assert offered(as_(everybody.vera), document, "documents", "q=money") == []


def test_a_title_that_begins_with_the_words_comes_first(
    as_: Pages, alice: User, document: Document, room: Room
) -> None:
    documents.create_document(room=room, by=alice, title="Plan B")
    documents.create_document(room=room, by=alice, title="Another plan")
    found = [one["title"] for one in offered(as_(alice), document, "documents", "q=plan")]
    assert found == ["Plan B", "Another plan"]


def test_todays_titles_are_told_by_key_for_what_may_be_read(
    as_: Pages, everybody: Cast, document: Document, room: Room
) -> None:
    notes = documents.create_document(room=room, by=everybody.alice, title="Notes")
    secret_room = rooms.create_room(name="Board", by=everybody.mallory)
    secret = documents.create_document(room=secret_room, by=everybody.mallory, title="Money")
    query = f"key={notes.key}&key={secret.key}&key={document.key}&key=nothing"
    found = offered(as_(everybody.vera), document, "documents", query)
    assert {one["title"] for one in found} == {"Notes", "Launch plan"}


def test_a_guest_is_not_told_the_name_of_the_room(
    as_: Pages, mallory: User, document: Document, guest: ShareLink
) -> None:
    found = offered(as_(mallory), document, "documents", f"key={document.key}")
    assert found == [{"key": document.key, "title": "Launch plan", "room": None}]
