"""Text that a database refuses, wherever a request can carry it: what it names is not there, what it says is refused.

PostgreSQL raises for a NUL, and both databases for half of a character.
"""

import pytest
from django.test import Client

from rooms.models import Document, Room, User
from tests.harness.people import Cast
from tests.web.conftest import Pages
from tests.web.test_rooms import TOKEN

pytestmark = pytest.mark.django_db

HUGE = 10**30


@pytest.fixture
def address(everybody: Cast) -> dict[str, str]:
    return {"d": f"/d/{everybody.document.key}", "r": f"/r/{everybody.room.key}"}


@pytest.mark.parametrize("name", ["alice", "mallory"])
@pytest.mark.parametrize("key", ["\0", "x\0", "\0" + "A" * 21])
def test_a_key_with_a_nul_is_one_that_nobody_has(name: str, key: str, as_: Pages, everybody: Cast) -> None:
    browser = as_(getattr(everybody, name))
    nobodys = "A" * 22
    for place in ("/d/{}", "/r/{}", "/f/{}", "/l/{}", "/d/{}/share", "/r/{}/audit.csv"):
        wild, invented = (browser.get(place.format(one.replace("\0", "%00"))) for one in (key, nobodys))
        assert wild.status_code == invented.status_code == 404, place
        expected = TOKEN.sub("", invented.text).replace(nobodys, key.replace("\0", "%00"))
        assert TOKEN.sub("", wild.text) == expected, place
    for place in ("/l/{}", "/d/{}/delete", "/r/{}/rename", "/d/{}/comments/x/replies"):
        assert browser.post(place.format("%00")).status_code == 404, place


def test_what_is_under_a_room_is_not_there_either(as_: Pages, alice: User, address: dict[str, str]) -> None:
    browser = as_(alice)
    room, document = address["r"], address["d"]
    for place in (f"{room}/members/%00/role", f"{room}/members/%00/remove", f"{document}/comments/%00/replies"):
        assert browser.post(place, {"role": "viewer"}).status_code == 404, place
    numbered = ["groups/{}/remove", "invitations/{}", "requests/{}/grant", "requests/{}/decline"]
    for place in [*(f"{room}/{one}" for one in numbered), f"{document}/links/{{}}/revoke"]:
        assert browser.post(place.format(HUGE), {"role": "viewer"}).status_code == 404, place
    assert browser.get(f"{room}/receipts/{HUGE}").status_code == 404


@pytest.mark.parametrize(
    "asked",
    ["d/documents?q=%00", "d/documents?key=a&key=%00", "d/people?q=%00", "r/audit?person=%00", "r/audit?page=%00"],
)
def test_a_question_with_a_nul_is_refused(asked: str, as_: Pages, alice: User, address: dict[str, str]) -> None:
    assert as_(alice).get(address[asked[0]] + asked[1:]).status_code == 400


def test_more_fields_than_anybody_means_are_refused_without_a_traceback(
    as_: Pages, alice: User, address: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    assert as_(alice).get(f"{address['d']}/documents?{'q=a&' * 2_000}").status_code == 400
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("q", ["%ED%A0%80", "%FF", "%F4%90%80%80", "%EF%BF%BF"])
def test_what_is_no_utf_8_finds_nothing(q: str, as_: Pages, alice: User, address: dict[str, str]) -> None:
    assert as_(alice).get(f"{address['d']}/documents?q={q}").json() == {"documents": []}


def test_a_form_with_a_nul_is_refused(as_: Pages, alice: User, address: dict[str, str], document: Document) -> None:
    browser = as_(alice)
    forms = [
        ("/rooms", {"name": "x\0"}),
        (f"{address['d']}/rename", {"title": "x\0"}),
        (f"{address['d']}/files", {"copy_of": "\0"}),
        (f"{address['r']}/members/add", {"email": "\0x@example.com", "role": "viewer"}),
        (f"{address['r']}/transfer", {"person": "\0"}),
    ]
    for place, form in forms:
        assert browser.post(place, form).status_code == 400, place
    document.refresh_from_db()
    assert (document.title, Room.objects.count()) == ("Launch plan", 1)


@pytest.mark.parametrize(
    ("charset", "title"),
    [
        ("utf-7", b"x+2D0-"),
        ("unicode_escape", rb"x\ud83d"),
        ("raw_unicode_escape", rb"x\u0000"),
        ("utf-16", b"x\0"),
        ("base64", b"eA=="),
        ("rot13", b"x"),
        ("idna", b"x"),
        ("undefined", b"x"),
    ],
)
def test_nobody_chooses_how_a_form_is_decoded(
    charset: str, title: bytes, as_: Pages, alice: User, address: dict[str, str], document: Document
) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n' + title + b"\r\n--x--\r\n"
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    assert as_(alice).generic("POST", f"{address['d']}/rename", body, content_type=kind).status_code == 400
    document.refresh_from_db()
    assert document.title == "Launch plan"


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "nonsense"])
def test_utf_8_by_any_name_is_read(charset: str, as_: Pages, alice: User, address: dict[str, str]) -> None:
    """What no decoder has the name of is read as UTF-8, as Django does."""
    body = 'name="title"\r\n\r\nÜber\r\n--x--\r\n'.encode()
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    sent = b"--x\r\nContent-Disposition: form-data; " + body
    assert as_(alice).generic("POST", f"{address['d']}/rename", sent, content_type=kind).status_code == 302
    assert Document.objects.get().title == "Über"


def test_a_form_where_json_is_read_is_refused(as_: Pages, everybody: Cast, address: dict[str, str]) -> None:
    """The look whether a form is forged has read the body by then."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(everybody.carol, backend="django.contrib.auth.backends.ModelBackend")
    browser.cookies["csrftoken"] = "a" * 32
    answer = browser.post(f"{address['d']}/comments", {"body": "x"}, headers={"X-CSRFToken": "a" * 32})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


SESSIONS = ['"abcdefgh\\000ij"', '"abcdefgh\\377"', "Abcdefgh" * 4, "abcdefgh/" * 3, "a" * 41, "a" * 7]


@pytest.mark.parametrize("session", SESSIONS)
def test_a_session_that_django_cannot_have_made_is_one_that_nobody_has(session: str, everybody: Cast) -> None:
    for place in ("/", f"/d/{everybody.document.key}"):
        wild, invented = (Client().get(place, HTTP_COOKIE=f"sessionid={key}") for key in (session, "a" * 32))
        assert (wild.status_code, wild.headers.get("Location")) == (
            invented.status_code,
            invented.headers.get("Location"),
        )
        assert TOKEN.sub("", wild.text) == TOKEN.sub("", invented.text)
        assert wild.cookies.keys() == invented.cookies.keys()
