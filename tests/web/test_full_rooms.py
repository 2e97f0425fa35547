"""A room with as many documents as it may have says so, and makes no other."""

import pytest
from django.test import override_settings
from django.urls import reverse

from rooms.models import Room, User
from rooms.services import documents
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
