"""Words that people write, on ways out that are no page: mail, downloads, and secrets in the admin."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from rooms.core.access import Role
from rooms.models import Document, Room, User
from rooms.services import files, sharing
from tests.browser.hostile import EVERYTHING, MARKUP
from tests.web.conftest import Pages

pytestmark = pytest.mark.django_db

INJECTED = "Bob\r\nBcc: mallory@example.com\r\nContent-Type: text/html\r\n\r\n<script>window.hit=1</script>"


def test_a_name_adds_no_header_to_a_mail_and_makes_no_html_of_it(
    as_: Pages, alice: User, room: Room, django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(pk=alice.pk).update(name=INJECTED[:80])
    Room.objects.filter(pk=room.pk).update(name=INJECTED[:80])
    with django_capture_on_commit_callbacks(execute=True):
        as_(alice).post(reverse("rooms:new_member", args=[room.key]), {"email": "new@example.com", "role": "viewer"})
    (sent,) = mail.outbox
    message = sent.message()
    assert message["Bcc"] is None
    assert message.get_content_type() == "text/plain"
    assert message.get_all("To") == ["new@example.com"]
    assert sent.recipients() == ["new@example.com"]
    assert "\n" not in str(message["Subject"]).replace("\n ", " ")
    assert not getattr(sent, "alternatives", None)


@pytest.mark.parametrize(
    "address", ["a@b.example\nBcc: x@evil.example", "a@b.example,x@evil.example", "a@b.example%0aBcc:x"]
)
def test_an_address_is_one_address(
    as_: Pages, alice: User, room: Room, address: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        as_(alice).post(reverse("rooms:new_member", args=[room.key]), {"email": address, "role": "viewer"})
    assert all("evil.example" not in str(to) for sent in mail.outbox for to in sent.recipients())


def test_mail_about_an_account_holds_no_words_of_strangers(as_: Pages, alice: User) -> None:
    """Anybody can have a mail sent to alice; nobody chooses what it says, or where its link leads."""
    User.objects.filter(pk=alice.pk).update(name=MARKUP[0])
    Client().post(
        reverse("account_reset_password"),
        {"email": alice.email, "name": "evil.example", "next": "https://evil.example/"},
        headers={"host": "testserver", "x-forwarded-host": "evil.example", "referer": "https://evil.example/"},
    )
    (sent,) = mail.outbox
    assert "evil.example" not in sent.body
    assert "http://testserver/accounts/password/reset/key/" in sent.body


@pytest.mark.parametrize("name", [*EVERYTHING, INJECTED, "a\u2028b.html", 'x"; filename="y.exe', "..\\..\\boot.ini"])
def test_the_name_of_a_file_is_a_name_when_it_is_downloaded(
    as_: Pages, alice: User, document: Document, name: str
) -> None:
    stored = files.add_file(document=document, by=alice, name=name, content=ContentFile(b"<script>"))
    answer = as_(alice).get(reverse("rooms:file", args=[stored.key]))
    answer.getvalue()
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; filename")
    assert not set("\r\n\0\u202e") & set(said)
    assert said.count("filename") <= 2  # of which a browser takes the encoded one
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_json_of_the_server_is_json_for_a_browser_too(as_: Pages, alice: User, document: Document) -> None:
    """Opened by itself, it is no page, whatever is in it."""
    Document.objects.filter(pk=document.pk).update(title=MARKUP[1])
    for path in ("comments", "people?q=<script>", f"documents?key={document.key}"):
        answer = as_(alice).get(f"/d/{document.key}/{path}")
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# --- The admin --------------------------------------------------------------------------------------------------


def test_staff_do_not_see_with_what_others_sign_in(as_: Pages, alice: User, bob: User, document: Document) -> None:
    """Keys of sessions and of links, seeds of second factors, hashes of passwords and of invitations."""
    client = Client()
    client.post(reverse("account_login"), {"login": bob.email, "password": "correct horse battery"})
    session = Session.objects.get()
    UserSession.objects.get_or_create(
        user=bob, session_key=session.session_key, defaults={"ip": "127.0.0.1", "user_agent": "x"}
    )
    EmailAddress.objects.filter(user=bob).update(verified=True)
    secret = generate_totp_secret()
    TOTP.activate(bob, secret)
    link = sharing.make_link(document=document, by=alice, role=Role.VIEWER)
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    staff = as_(User.objects.get(pk=alice.pk))
    secrets = [session.session_key, secret, link.key, User.objects.get(pk=bob.pk).password]
    pages = [
        ("usersessions/usersession", UserSession.objects.filter(user=bob)[0].pk),
        ("mfa/authenticator", Authenticator.objects.get().pk),
        ("rooms/sharelink", link.pk),
        ("rooms/user", bob.pk),
        ("rooms/document", document.pk),
    ]
    for page, pk in pages:
        for path in ("", f"{pk}/change/", f"{pk}/delete/", f"{pk}/history/"):
            said = staff.get(f"/admin/{page}/{path}")
            assert said.status_code == 200, (page, path)
            assert not [one for one in secrets if one in said.text], (page, path)
    for page, pk in pages[:2]:
        assert staff.get(f"/admin/{page}/add/").status_code == 403
        assert staff.post(f"/admin/{page}/{pk}/change/", {"data": "{}", "session_key": "x"}).status_code == 403
        assert staff.post(f"/admin/{page}/{pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.exists()
    for gone in ("socialaccount/socialapp/", "socialaccount/socialtoken/"):
        assert staff.get(f"/admin/{gone}").status_code == 404
