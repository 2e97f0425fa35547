"""A session that somebody else chose, kept or half opened is worth nothing."""

import time

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import reverse

from rooms.models import User
from tests.harness.people import PASSWORD, sign_in

pytestmark = pytest.mark.django_db

PLANTED = "planted0planted0planted0planted0"


def cookie(client: Client) -> str:
    return client.cookies["sessionid"].value


def log_in(client: Client, email: str = "alice@example.com") -> str:
    """Send the form; return where it leads."""
    answer = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def is_signed_in(session: str) -> bool:
    client = Client()
    client.cookies["sessionid"] = session
    return client.get(reverse("rooms:profile")).status_code == 200


def test_a_cookie_that_somebody_planted_is_not_the_session_after_signing_in(alice: User) -> None:
    client = Client()
    client.cookies["sessionid"] = PLANTED
    log_in(client)
    assert is_signed_in(cookie(client))
    assert not is_signed_in(PLANTED)
    assert not SessionStore().exists(PLANTED)


def test_a_session_that_is_real_and_whose_key_somebody_knows_changes_its_key(alice: User) -> None:
    """Mallory opens a session, gives alice its cookie, and waits."""
    planted = SessionStore()
    planted["next"] = "https://evil.example"
    planted.create()
    client = Client()
    key = str(planted.session_key)
    client.cookies["sessionid"] = key
    log_in(client)
    assert cookie(client) != key
    assert not is_signed_in(key)
    assert not SessionStore().exists(key)


def test_a_sign_in_over_a_session_of_somebody_else_takes_nothing_from_it(alice: User, mallory: User) -> None:
    client = Client()
    client.cookies["sessionid"] = before = sign_in(mallory)
    session = SessionStore(before)
    session["secret"] = "mallory's"
    session.save()
    client.post(reverse("account_logout"))
    log_in(client)
    assert not SessionStore().exists(before)
    assert "secret" not in SessionStore(cookie(client))


def test_the_key_changes_at_the_second_factor_and_the_half_open_session_opens_nothing(alice: User) -> None:
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    client = Client()
    assert log_in(client) == reverse("mfa_authenticate")
    half = cookie(client)
    assert not is_signed_in(half)
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert is_signed_in(cookie(client))
    assert cookie(client) != half
    assert not is_signed_in(half)
    # The same code a second time, within its half minute, from somebody who looked over the shoulder.
    other = Client()
    log_in(other)
    assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert not is_signed_in(cookie(other))


def test_the_key_changes_with_the_password_and_every_other_session_ends(alice: User) -> None:
    client, elsewhere = Client(), Client()
    log_in(client)
    log_in(elsewhere)
    before = cookie(client)
    session = SessionStore(before)
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    new = "another horse battery"
    form = {"oldpassword": PASSWORD, "password": new, "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), form).status_code == 302
    assert is_signed_in(cookie(client))
    assert cookie(client) != before
    assert not is_signed_in(before)
    assert not is_signed_in(cookie(elsewhere))


def test_signing_out_ends_the_session_and_not_only_the_cookie(alice: User) -> None:
    client = Client()
    log_in(client)
    before = cookie(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(before)
    assert not SessionStore().exists(before)


@pytest.mark.parametrize(
    "value", ["", "a", "../../etc/passwd", "a" * 5_000, "'; drop table django_session; --", "\x00"]
)
def test_nonsense_for_a_cookie_is_nobody(alice: User, value: str) -> None:
    assert not is_signed_in(value)


def test_where_to_go_after_signing_in_is_on_this_site(alice: User) -> None:
    for there in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:evil"):
        client = Client()
        answer = client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD, "next": there})
        assert answer.headers["Location"] == "/", there
        answer = client.post(reverse("set_language"), {"language": "de", "next": there}, headers={"referer": there})
        assert answer.headers["Location"] == "/", there
