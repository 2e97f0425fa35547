"""Signing up, in and out."""

from types import SimpleNamespace
from typing import Any

import pytest
from allauth.socialaccount.models import SocialLogin
from django.core import mail
from django.urls import reverse
from pytest_django import Settings

from rooms.core.access import Role
from rooms.models import Room, User
from rooms.web.accounts import SocialAccountAdapter
from rooms.web.tags import browser as browser_words
from rooms.web.tags import initials
from tests.harness.people import PASSWORD
from tests.web.conftest import Pages

pytestmark = pytest.mark.django_db


def test_signing_up_gives_a_name_and_a_first_room(as_: Pages) -> None:
    typed = {"name": " Dora ", "email": "Dora@Example.com", "password1": PASSWORD}
    answer = as_(None).post(reverse("account_signup"), typed)
    assert answer.status_code == 302
    dora = User.objects.get(email="dora@example.com")
    assert dora.name == "Dora"
    room = Room.objects.get()
    assert room.name == "Dora’s room"
    assert room.memberships.get(user=dora).role == Role.OWNER


def test_signing_up_without_a_name_says_so_and_keeps_the_email(as_: Pages) -> None:
    answer = as_(None).post(reverse("account_signup"), {"name": "", "email": "d@example.com", "password1": PASSWORD})
    assert "Type the name that others should see." in answer.text
    assert 'value="d@example.com"' in answer.text
    assert not User.objects.exists()


def test_a_second_sign_up_with_the_same_address_neither_makes_nor_betrays_an_account(
    as_: Pages, alice: User, settings: Settings
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    taken = as_(None).post(
        reverse("account_signup"), {"name": "X", "email": "alice@example.com", "password1": PASSWORD}
    )
    fresh = as_(None).post(reverse("account_signup"), {"name": "X", "email": "new@example.com", "password1": PASSWORD})
    assert taken["Location"] == fresh["Location"]
    assert User.objects.filter(email="alice@example.com").count() == 1
    assert Room.objects.filter(name="X’s room").count() == 1  # the fresh one's
    assert {message.to[0] for message in mail.outbox} == {"alice@example.com", "new@example.com"}


def test_signing_in_leads_to_the_page_that_was_asked_for(as_: Pages, alice: User) -> None:
    browser = as_(None)
    address = reverse("account_login")
    answer = browser.post(address, {"login": "ALICE@example.com", "password": PASSWORD, "next": "/profile"})
    assert answer["Location"] == "/profile"


def test_a_wrong_password_is_refused_in_words_and_the_email_stays(as_: Pages, alice: User) -> None:
    answer = as_(None).post(reverse("account_login"), {"login": "alice@example.com", "password": "wrong"})
    assert 'role="alert"' in answer.text
    assert 'value="alice@example.com"' in answer.text


def test_signing_out_takes_a_form(as_: Pages, alice: User) -> None:
    browser = as_(alice)
    assert browser.get(reverse("account_logout")).status_code == 200
    assert browser.get(reverse("rooms:profile")).status_code == 200
    browser.post(reverse("account_logout"))
    assert browser.get(reverse("rooms:profile")).status_code == 302


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"name": "Dora Lind"}, "Dora Lind"),
        ({"first_name": "Dora", "last_name": "Lind"}, "Dora Lind"),
        ({"email": "d@example.com"}, ""),
        ({"name": "x" * 200}, "x" * 80),
    ],
)
def test_a_provider_gives_the_name(data: dict[str, Any], name: str, rf: Any) -> None:
    login = SocialLogin(user=User())
    assert SocialAccountAdapter().populate_user(rf.get("/"), login, data).name == name
    assert (
        SocialAccountAdapter().get_signup_form_initial_data(SimpleNamespace(user=login.user, email_addresses=[]))[
            "name"
        ]
        == name
    )


@pytest.mark.parametrize(
    ("name", "letters"), [("Alice", "A"), ("alice b. smith", "AS"), ("  ", "?"), ("Ünal Öz", "ÜÖ"), ("李", "李")]
)
def test_initials_are_one_or_two_letters(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("curl/8.5", "curl/8.5"),
        ("", "Unknown browser"),
    ],
)
def test_a_device_is_named_in_words(user_agent: str, words: str) -> None:
    assert browser_words(user_agent) == words


def test_mail_says_what_it_is_for_and_where_it_comes_from(as_: Pages, alice: User, settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    browser = as_(None)
    browser.post(reverse("account_signup"), {"name": "Dora", "email": "d@example.com", "password1": PASSWORD})
    browser.post(reverse("account_signup"), {"name": "X", "email": "alice@example.com", "password1": PASSWORD})
    browser.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    browser.post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert [message.subject for message in mail.outbox] == [
        "Confirm your email address",
        "You have an account already",
        "Choose a new password",
        "There is no account with this address",
    ]
    for message in mail.outbox:
        assert "http://testserver/accounts/" in message.body
        assert message.body.endswith("Collab Rooms\nhttp://testserver")
