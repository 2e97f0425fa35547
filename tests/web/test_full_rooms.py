"""A room with as many documents as it may have says so, and makes no other; so do people with rooms, and links."""

import pytest
from django.test import override_settings
from django.urls import reverse

from rooms.core.access import Role
from rooms.models import Document, Membership, Room, ShareLink, User
from rooms.services import documents, members, sharing
from rooms.services import rooms as room_services
from tests.web.conftest import Pages

pytestmark = pytest.mark.django_db


@override_settings(COLLAB_MAX_ROOM_DOCUMENTS=2)
def test_a_full_room_says_what_to_do_and_has_room_again_when_a_document_is_deleted(
    as_: Pages, bob: User, room: Room
) -> None:
    browser, address = as_(bob), reverse("rooms:new_document", args=[room.key])
    assert browser.post(address, {"title": "The second"}).status_code == 302
    answer = browser.post(address, {"title": "One too many"})
    assert answer.status_code == 422
    assert "as many documents as a room can hold" in answer.text
    assert room.documents.count() == 2
    documents.delete_document(document=room.documents.get(title="The second"))
    assert browser.post(address, {"title": "The next"}).status_code == 302


@override_settings(COLLAB_MAX_ROOM_DOCUMENTS=1)
def test_a_full_room_is_full_by_every_way_and_another_room_is_not(bob: User, room: Room) -> None:
    with pytest.raises(documents.RoomFull):
        documents.create_document(room=room, by=bob)
    assert room.documents.count() == 1
    documents.create_document(room=room_services.create_room(name="Another", by=bob), by=bob)


@override_settings(COLLAB_MAX_ROOMS_PER_PERSON=2)
def test_whoever_has_started_as_many_rooms_as_may_be_is_told_what_to_do(as_: Pages, alice: User, room: Room) -> None:
    browser, address = as_(alice), reverse("rooms:rooms")
    assert browser.post(address, {"name": "The second"}).status_code == 302
    answer = browser.post(address, {"name": "One too many"})
    assert answer.status_code == 422
    assert "as many rooms as one person can start" in answer.text
    assert Room.objects.count() == 2
    room_services.delete_room(room=Room.objects.get(name="The second"))
    assert browser.post(address, {"name": "The next"}).status_code == 302


@override_settings(COLLAB_MAX_ROOMS_PER_PERSON=1)
def test_rooms_that_one_was_given_take_no_place_and_those_handed_over_free_theirs(
    alice: User, bob: User, room: Room
) -> None:
    Membership.objects.filter(room=room, user=bob).update(role=Role.OWNER)
    given = room_services.create_room(name="Bob's", by=bob)
    with pytest.raises(room_services.TooManyRooms):
        room_services.create_room(name="Bob's second", by=bob)
    Membership.objects.create(room=given, user=alice, role=Role.EDITOR)
    members.transfer_ownership(room=given, owner=bob, to=alice)
    room_services.create_room(name="Bob's second", by=bob)


@override_settings(COLLAB_MAX_DOCUMENT_LINKS=2)
def test_a_document_with_as_many_links_as_may_stand_says_what_to_do(
    as_: Pages, alice: User, document: Document
) -> None:
    browser, address = as_(alice), reverse("rooms:new_link", args=[document.key])
    form = {"role": "viewer", "lasts": "0"}
    assert [browser.post(address, form).status_code for _ in range(2)] == [302, 302]
    answer = browser.post(address, form)
    assert answer.status_code == 422
    assert "as many links as it can have" in answer.text
    assert ShareLink.objects.count() == 2
    link = ShareLink.objects.first()
    assert link is not None
    sharing.revoke_link(link=link)
    assert browser.post(address, form).status_code == 302
