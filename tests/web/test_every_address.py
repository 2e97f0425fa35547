"""A sweep over every address: nobody learns of, or changes, what is not theirs. One that is not known here fails.

`test_permissions.py` has the roles within one room; here are those who belong to another, and addresses of allauth's.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse, HttpResponseBase
from django.test import Client

from rooms.core.commenting import EMOJI
from rooms.models import User
from tests.harness.people import Cast, sign_in
from tests.web.addresses import Estate, answer, changed, estate, every_address, rows
from tests.web.test_permissions import PAGES

METHODS = ["get", "head", "post", "put", "patch", "delete", "options"]
NOWHERE = "AAAAAAAAAAAAAAAAAAAAAA"

# What allauth and Django answer to GET: for somebody signed out, and for somebody signed in.
#   page  200   in  to the page for signing in   again  to the page that asks for the password again   away  elsewhere
#   no    4xx
ACCOUNTS = {
    "account_login": "page away",
    "account_logout": "away page",
    "account_inactive": "page page",
    "account_signup": "page away",
    "account_reauthenticate": "in page",
    "account_email": "in page",
    "account_email_verification_sent": "page page",
    "account_change_password": "in page",
    "account_set_password": "in away",
    "account_reset_password": "page page",
    "account_confirm_login_code": "in away",
    "account_confirm_email": "page page",
    "account_reset_password_from_key_done": "page page",
    "account_reset_password_from_key": "page page",
    "account_reset_password_done": "page page",
    "mfa_index": "in page",
    "mfa_authenticate": "in away",
    "mfa_reauthenticate": "in again",
    "mfa_activate_totp": "in away",
    "mfa_deactivate_totp": "in no",
    "mfa_view_recovery_codes": "in no",
    "mfa_generate_recovery_codes": "in again",
    "mfa_download_recovery_codes": "in no",
    "mfa_list_webauthn": "in page",
    "mfa_add_webauthn": "in away",
    "mfa_reauthenticate_webauthn": "in again",
    "mfa_remove_webauthn": "in again",
    "mfa_edit_webauthn": "in again",
    "mfa_login_webauthn": "in away",
    "socialaccount_login_cancelled": "page page",
    "socialaccount_login_error": "no no",
    "socialaccount_signup": "in in",
    "socialaccount_connections": "in page",
    "usersessions_list": "in page",
    "set_language": "away away",
}
# Old names of allauth's, which lead to the present ones.
MOVED = {"accounts/social/login/cancelled/", "accounts/social/login/error/", "accounts/social/signup/"}
MOVED |= {"accounts/social/connections/"}

ADDRESSES = every_address()
OURS = [one for one in ADDRESSES if one.name.startswith("rooms:")]
# Whoever has a link or an invitation may use it; asking for access is answered the same to everybody, see test_sharing.
_FOR_STRANGERS = {"rooms:open_link", "rooms:invitation", "rooms:ask"}
KEYED = [one for one in OURS if one.parts and one.name not in _FOR_STRANGERS]
# Without the way out, which is for everybody and would end the session of whoever asks.
ADMIN = [one for one in ADDRESSES if one.route.startswith("admin/") and one.name != "admin:logout"]


@pytest.fixture
def hers(cast: Cast) -> Estate:
    return estate(owner=cast.alice, member=cast.bob, name="Hers")


@pytest.fixture
def others(cast: Cast) -> Estate:
    """Mallory owns a room too, with one of everything."""
    return estate(owner=cast.mallory, member=cast.carol, name="Others")


def browser(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.cookies["sessionid"] = sign_in(user)
    return client


def send(client: Client, method: str, url: str, body: Any = None) -> HttpResponseBase:
    """Ask, as a form if there is no `body` for JSON; nothing is left open of a file."""
    response: HttpResponseBase
    if method == "post" and body is not None:
        response = client.post(url, body, content_type="application/json")
    elif method == "post":
        response = client.post(
            url, {"role": "viewer", "title": "Mine now", "name": "Mine now", "email": "x@example.com"}
        )
    else:
        response = getattr(client, method)(url)
    if isinstance(response, FileResponse):
        response.getvalue()  # read to its end, the file is closed
    return response


def test_every_address_is_in_a_table() -> None:
    names = {one.name for one in ADDRESSES if not one.route.startswith("admin/")}
    assert names == {f"rooms:{name}" for name in PAGES} | set(ACCOUNTS) | MOVED
    assert len(ADMIN) > 50


# --- Strangers ------------------------------------------------------------------------------------------------------


def test_a_stranger_is_told_what_is_told_for_a_key_that_nobody_has(hers: Estate, others: Estate) -> None:
    """Mallory owns a room of her own, and has everything of alice's written down."""
    client = browser(others.owner)
    before = rows()
    told = {}
    for address in KEYED:
        real = hers.fill(address)
        key = next(part for part in real.split("/")[2:] if part)
        made_up = real.replace(key, NOWHERE)
        assert made_up != real
        for method in METHODS:
            found = answer(send(client, method, real), key)
            if found != answer(send(client, method, made_up), NOWHERE) or found[0] not in {404, 405}:
                told[address.name, method] = found
    assert told == {}
    assert changed(before) == set()


# What some addresses want to read before they look for anything.
BODIES: dict[str, Any] = {
    "comment_reply": {"body": "x"},
    "comment_state": {"state": "resolved"},
    "comment_edit": {"body": "x"},
    "comment_delete": {},
    "comment_react": {"emoji": EMOJI[0], "on": True},
}


def test_what_is_in_one_room_is_not_reached_through_another(hers: Estate, others: Estate) -> None:
    """Mallory may do everything in her own room, and asks there for what belongs to alice's."""
    client = browser(others.owner)
    before = rows()
    reached = {}
    tried = 0
    for address in OURS:
        for part in set(address.parts) - {"key"} if "key" in address.parts else ():
            theirs = hers.values[hers.numbers(address.name) if part == "number" else part]
            url = others.fill(address, **{part: theirs})
            assert url != others.fill(address)
            statuses = {
                client.get(url).status_code,
                send(client, "post", url, BODIES.get(address.name[6:])).status_code,
            }
            tried += 1
            if not statuses <= {404, 405} or 404 not in statuses:
                reached[address.name, part] = statuses
    assert reached == {}
    assert tried > 15
    assert changed(before) == set()


def test_a_file_is_not_copied_out_of_a_document_that_one_may_not_read(hers: Estate, others: Estate) -> None:
    client = browser(others.owner)
    before = rows()
    url = f"/d/{others.document.key}/files"
    found = answer(client.post(url, {"copy_of": hers.values["file"]}))
    assert found == answer(client.post(url, {"copy_of": NOWHERE}))
    assert found[0] == 404
    assert changed(before) == set()


def test_titles_are_not_asked_for_by_key(hers: Estate, others: Estate) -> None:
    client = browser(others.owner)
    url = f"/d/{others.document.key}/documents?key={hers.document.key}"
    assert client.get(url).json() == {"documents": []}
    assert client.get(f"/d/{others.document.key}/documents?q=Plan of Hers").json() == {"documents": []}
    assert client.get(f"/d/{others.document.key}/people?q=Bob").json() == {"people": []}


# --- Methods --------------------------------------------------------------------------------------------------------


def everybody(cast: Cast) -> Iterator[User | None]:
    yield from (None, cast.mallory, cast.vera, cast.carol, cast.bob, cast.alice)
    User.objects.filter(pk=cast.mallory.pk).update(is_staff=True, is_superuser=True)
    yield cast.mallory


def test_looking_changes_nothing_whoever_looks(cast: Cast, hers: Estate) -> None:
    """An image in a mail, a preview in a messenger, a browser that fetches ahead."""
    for user in everybody(cast):
        client = browser(user)
        before = rows()
        for address in OURS:
            for method in ("get", "head", "options"):
                send(client, method, hers.fill(address))
        # An export of the log is worth a line in it, and owners alone can make one.
        assert changed(before) == ({"AuditEntry"} if user == cast.alice else set()), user


def test_no_page_knows_other_methods(cast: Cast, hers: Estate) -> None:
    client = browser(cast.alice)
    before = rows()
    for address in OURS:
        for method in ("put", "patch", "delete"):
            assert send(client, method, hers.fill(address)).status_code == 405, address.name
    assert changed(before) == set()


# --- allauth's, and the admin ---------------------------------------------------------------------------------------


def kind(response: HttpResponseBase) -> str:
    location = response.headers.get("Location", "")
    if response.status_code == 302:
        if location.startswith("/accounts/reauthenticate/"):
            return "again"
        return "in" if location.startswith(("/accounts/login/", "/accounts/signup/")) else "away"
    return {200: "page", 400: "no", 401: "no", 403: "no", 404: "no", 405: "no"}[response.status_code]


def test_pages_about_an_account_are_for_its_owner(cast: Cast, hers: Estate) -> None:
    found = {}
    for name in ACCOUNTS:
        address = next(one for one in ADDRESSES if one.name == name)
        url = hers.fill(address, key="guessed")
        found[name] = " ".join(kind(browser(user).get(url)) for user in (None, cast.alice))
    assert {name: said for name, said in found.items() if said != ACCOUNTS[name]} == {}


def test_the_admin_is_for_staff(cast: Cast) -> None:
    """Whoever is not is sent to sign in, and who is signed in already is told no."""
    before = rows()
    answers = {}
    asking = [(browser(None), "get"), (browser(cast.alice), "get"), (browser(cast.alice), "post")]
    for address in ADMIN:
        url = "/" + re.sub(r"\^?\(\?P<app_label>.*?\)/\$", "rooms/", address.route).replace("(?P<url>.*)$", "nothing")
        url = re.sub(r"<[^>]*>", str(cast.alice.pk), url)
        assert not set("<>^$(") & set(url), url
        for number, (client, method) in enumerate(asking):
            response = send(client, method, url)
            answers[address.route, number] = (response.status_code, response.headers.get("Location", "")[:13])
    wrong = {
        asked: said for asked, said in answers.items() if said not in {(302, "/admin/login/"), (302, "/accounts/log")}
    }
    # The page for signing in itself says no to whoever is signed in.
    assert {route for route, _ in wrong} == {"admin/login/"}
    assert set(wrong.values()) == {(403, "")}
    assert changed(before) == set()


def test_staff_without_permissions_see_nothing_in_the_admin(cast: Cast) -> None:
    User.objects.filter(pk=cast.mallory.pk).update(is_staff=True)
    client = browser(cast.mallory)
    lists = [one for one in ADMIN if one.name.endswith("_changelist")]
    assert len(lists) > 8
    for one in lists:
        assert client.get("/" + one.route).status_code == 403, one.route
        assert client.post("/" + one.route, {"action": "delete_selected"}).status_code == 403


def test_an_upload_has_to_be_a_form(hers: Estate) -> None:
    """No other kind of body is taken for one."""
    client = browser(hers.owner)
    before = rows()
    url = f"/d/{hers.document.key}/files"
    for kind_of_body in ("application/json", "text/plain", "multipart/form-data"):
        assert client.post(url, b"{}", content_type=kind_of_body).status_code == 400
    assert changed(before) == set()
    assert client.post(url, {"file": SimpleUploadedFile("a.txt", b"a")}).status_code == 201
