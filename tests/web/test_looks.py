"""Every page has the product's frame and runs under the strict policy: no inline script, no style attribute."""

from html.parser import HTMLParser
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from rooms.core.access import Role
from rooms.models import Document, Room, User
from rooms.services import sharing
from rooms.web.errors import server_error
from tests.harness.people import PASSWORD
from tests.web.conftest import Pages

pytestmark = pytest.mark.django_db


class Markup(HTMLParser):
    """What a page contains that the policy would refuse, and what every page of ours has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.ids: set[str] = set()
        self.lang = ""
        self._executable = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        if tag == "html":
            self.lang = given.get("lang") or ""
        self.refused += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        self._executable = tag == "script" and given.get("type") != "application/json"
        if tag == "style":
            self.refused.append("style element")

    def handle_data(self, data: str) -> None:
        if self._executable and data.strip():
            self.refused.append("script text")

    def handle_endtag(self, tag: str) -> None:
        self._executable = False


def looks_like_ours(answer: HttpResponse | Any, status: int = 200) -> None:
    assert answer.status_code == status, answer.status_code
    markup = Markup(answer.text)
    assert markup.refused == []
    assert markup.lang == "en"
    assert "main" in markup.ids, "not the product's layout"
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def sign_in(user: User, password: str = PASSWORD) -> Client:
    """A browser that has signed in and has just said again who it is, which sensitive pages ask for."""
    browser = Client()
    browser.post(reverse("account_login"), {"login": user.email, "password": password})
    browser.post(reverse("account_reauthenticate"), {"password": password})
    return browser


OUTSIDE = (
    "account_login",
    "account_signup",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
)

INSIDE = (
    "rooms:index",
    "rooms:rooms",
    "rooms:profile",
    "account_email",
    "account_change_password",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "usersessions_list",
    "socialaccount_connections",
)


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_page_outside_looks_like_the_rest(name: str, as_: Pages) -> None:
    answer = as_(None).get(reverse(name))
    if name == "account_logout":  # nobody is signed in: nothing to ask
        assert answer.status_code == 302
        return
    looks_like_ours(answer, 401 if name == "socialaccount_login_error" else 200)


@pytest.mark.parametrize("name", INSIDE)
def test_a_page_inside_looks_like_the_rest(name: str, alice: User) -> None:
    looks_like_ours(sign_in(alice).get(reverse(name)))


def test_the_landing_room_and_document_pages_look_like_the_rest(
    as_: Pages, alice: User, vera: User, room: Room, document: Document
) -> None:
    looks_like_ours(as_(None).get("/"))
    for person in (alice, vera):
        looks_like_ours(as_(person).get(reverse("rooms:room", args=[room.key])))
        looks_like_ours(as_(person).get(reverse("rooms:document", args=[document.key])))


def test_the_pages_about_access_look_like_the_rest(
    as_: Pages, alice: User, mallory: User, room: Room, document: Document
) -> None:
    link = sharing.make_link(document=document, by=alice, role=Role.VIEWER)
    _, token = sharing.invite(room=room, email="new@example.com", role=Role.VIEWER, by=alice)
    for name in ("members", "audit", "delete_room"):
        looks_like_ours(as_(alice).get(reverse(f"rooms:{name}", args=[room.key])))
    for name in ("share", "delete_document"):
        looks_like_ours(as_(alice).get(reverse(f"rooms:{name}", args=[document.key])))
    looks_like_ours(as_(mallory).get(reverse("rooms:open_link", args=[link.key])))
    looks_like_ours(as_(mallory).get(reverse("rooms:document", args=[document.key])), 404)
    for person in (mallory, None):
        looks_like_ours(as_(person).get(reverse("rooms:invitation", args=[token])))
        looks_like_ours(as_(person).get(reverse("rooms:invitation", args=["stale"])), 404)


def test_the_sign_in_page_offers_a_passkey(as_: Pages) -> None:
    page = as_(None).get(reverse("account_login")).text
    assert "Sign in with a passkey" in page
    assert "mfa/js/webauthn.js" in page
    assert "js/passkeys.js" in page


def test_setting_a_password_is_offered_to_whoever_has_none(as_: Pages, alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    looks_like_ours(as_(alice).get(reverse("account_set_password")))


def test_the_links_in_mail_lead_to_pages_like_the_rest(as_: Pages, alice: User) -> None:
    address = EmailAddress.objects.create(user=alice, email="second@example.com")
    key = EmailConfirmationHMAC(address).key
    looks_like_ours(as_(None).get(reverse("account_confirm_email", args=[key])))
    stale = as_(None).get(reverse("account_confirm_email", args=["stale"]))
    looks_like_ours(stale)
    assert "no longer works" in stale.text

    parts = (user_pk_to_url_str(alice), default_token_generator.make_token(alice))
    browser = as_(None)
    looks_like_ours(browser.get(reverse("account_reset_password_from_key", args=parts), follow=True))
    stale = as_(None).get(reverse("account_reset_password_from_key", args=(parts[0], "stale")), follow=True)
    looks_like_ours(stale)


def test_the_pages_of_the_second_step_look_like_the_rest(alice: User) -> None:
    browser = sign_in(alice)
    TOTP.activate(alice, generate_totp_secret())
    RecoveryCodes.activate(alice)
    key = Authenticator.objects.create(
        user=alice, type=Authenticator.Type.WEBAUTHN, data={"name": "Blue key", "credential": {}}
    )
    for name in ("mfa_index", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"):
        looks_like_ours(browser.get(reverse(name)))
    assert browser.get(reverse("mfa_download_recovery_codes"))["Content-Type"].startswith("text/plain")
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        looks_like_ours(browser.get(reverse(name, args=[key.pk])))
    page = browser.get(reverse("mfa_list_webauthn"))
    looks_like_ours(page)
    assert "Blue key" in page.text


def test_signing_in_asks_for_the_second_step(alice: User) -> None:
    TOTP.activate(alice, generate_totp_secret())
    browser = Client()
    answer = browser.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD}, follow=True)
    looks_like_ours(answer)
    assert "Second step" in answer.text
    assert browser.get(reverse("rooms:profile")).status_code == 302  # not signed in yet


def test_a_sensitive_page_asks_again_who_it_is(as_: Pages, alice: User) -> None:
    answer = as_(alice).get(reverse("mfa_activate_totp"), follow=True)
    looks_like_ours(answer)
    assert "Is it you?" in answer.text


def test_the_qr_code_is_a_picture_that_the_policy_allows(alice: User) -> None:
    answer = sign_in(alice).get(reverse("mfa_activate_totp"))
    assert 'src="data:image/svg+xml;base64,' in answer.text
    assert "img-src 'self' data:" in answer["Content-Security-Policy"]


def test_a_page_that_is_not_there_looks_like_the_rest(as_: Pages, alice: User) -> None:
    looks_like_ours(as_(None).get("/nowhere"), 404)
    looks_like_ours(as_(alice).get("/nowhere"), 404)


def test_too_many_tries_look_like_the_rest(as_: Pages) -> None:
    browser = as_(None)
    for _ in range(21):
        answer = browser.post(reverse("account_reset_password"), {"email": "alice@example.com"})
        if answer.status_code == 429:
            break
    looks_like_ours(answer, 429)
    assert "Wait a few minutes" in answer.text


def test_a_broken_page_is_shown_without_asking_the_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "Something broke on our side" in page
    assert Markup(page).refused == []


def test_the_policy_stands_on_a_broken_page_as_well(
    as_: Pages, alice: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("rooms.web.views.sidebar", broken)
    browser = as_(alice)
    browser.raise_request_exception = False
    looks_like_ours(browser.get(reverse("rooms:room", args=[room.key])), 500)


def test_every_error_page_offers_a_way_on() -> None:
    for name in ("403.html", "403_csrf.html", "404.html", "429.html", "500.html"):
        assert 'class="button button--primary" href="/"' in render_to_string(name), name


def test_the_admin_sends_people_through_the_same_sign_in(as_: Pages, alice: User) -> None:
    answer = as_(None).get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert as_(alice).get("/admin/login/").status_code == 403


@pytest.mark.parametrize("page", ["user", "room", "document"])
def test_staff_read_people_rooms_and_documents_in_the_admin(page: str, as_: Pages, document: Document) -> None:
    staff = User.objects.create_superuser("staff@example.com", PASSWORD)
    browser = as_(staff)
    listed = reverse(f"admin:rooms_{page}_changelist")
    assert browser.get(listed, {"q": "alice"}).status_code == 200
    thing = {"user": staff, "room": document.room, "document": document}[page]
    answer = browser.get(reverse(f"admin:rooms_{page}_change", args=[thing.pk]))
    assert answer.status_code == 200
    assert staff.password not in answer.text


def test_staff_add_a_person_by_email(as_: Pages) -> None:
    browser = as_(User.objects.create_superuser("staff@example.com", PASSWORD))
    typed = {"email": "new@example.com", "name": "New", "usable_password": "true"}
    answer = browser.post(reverse("admin:rooms_user_add"), {**typed, "password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 302
    assert User.objects.get(email="new@example.com").check_password(PASSWORD)
