"""The demo's people, room and documents."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from rooms.models import Document, Membership, Room, Update, User
from rooms.services.demo import DEMO_PASSWORD

pytestmark = pytest.mark.django_db


def seed(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLLAB_DEMO", "1")
    out = StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


def test_the_demo_refuses_to_run_where_nobody_said_that_this_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLLAB_DEMO", raising=False)
    with pytest.raises(CommandError, match="set COLLAB_DEMO=1"):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_the_demo_makes_people_in_their_roles_and_documents_with_words(monkeypatch: pytest.MonkeyPatch) -> None:
    assert DEMO_PASSWORD in seed(monkeypatch)
    room = Room.objects.get(name="Design review")
    roles = dict(room.memberships.values_list("user__name", "role"))
    assert roles == {"Alice": "owner", "Bob": "editor", "Carol": "commenter", "Vera": "viewer"}
    mallory = User.objects.get(name="Mallory")
    assert [membership.room.name for membership in mallory.memberships.all()] == ["Mallory’s room"]
    assert [document.title for document in Document.objects.visible_to(User.objects.get(name="Vera"))] == [
        "Welcome",
        "Launch plan",
    ]
    assert Update.objects.filter(document__room=room).count() == 2


def test_the_demo_made_twice_is_the_demo_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def counted() -> list[int]:
        return [model.objects.count() for model in (User, Room, Membership, Document, Update)]

    seed(monkeypatch)
    once = counted()
    seed(monkeypatch)
    assert counted() == once


def test_the_demos_people_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    seed(monkeypatch)
    answer = Client().post(reverse("account_login"), {"login": "bob@example.com", "password": DEMO_PASSWORD})
    assert answer["Location"] == "/"
