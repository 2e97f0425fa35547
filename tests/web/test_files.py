"""Files in documents: who may add and see them, what they are taken for, and how they end."""

import re
import struct
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from rooms.core.picture_notes import without_notes
from rooms.models import Attachment, Document, Membership, Room, User
from rooms.services import documents, files, rooms
from tests.harness import pictures
from tests.harness.people import Cast
from tests.web.conftest import Pages

PNG = pictures.png(40, 30)
HTML = b"<!doctype html><script>alert(document.domain)</script>"
JSON = {"Accept": "application/json"}


def send(client: Client, document: Document, content: bytes, name: str = "photo.png", kind: str = "image/png") -> Any:
    form = {"file": SimpleUploadedFile(name, content, kind)}
    return client.post(f"/d/{document.key}/files", form, headers=JSON)


def get(client: Client, key: str, **headers: str) -> Any:
    """Return the answer with what is in it as `body`: read to its end, the file is closed."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer: Any = client.get(f"/f/{key}", headers=named)
    if answer.streaming:
        answer.body = answer.getvalue()
    return answer


def add(document: Document, by: User, content: bytes = PNG, name: str = "photo.png") -> Attachment:
    return files.add_file(document=document, by=by, name=name, content=ContentFile(content))


def stored() -> set[str]:
    return {path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


# --- Adding -----------------------------------------------------------------------------------------------------------


def test_an_editor_adds_a_picture_and_everybody_who_may_read_sees_it(
    as_: Pages, alice: User, vera: User, document: Document
) -> None:
    answer = send(as_(alice), document, PNG, "Sunset.png")

    assert answer.status_code == 201
    found = answer.json()
    expected = {"name": "Sunset.png", "size": len(PNG), "type": "image/png", "image": True, "width": 40, "height": 30}
    assert {name: found[name] for name in expected} == expected
    seen = get(as_(vera), found["key"])
    assert seen.status_code == 200
    assert seen.body == PNG
    assert seen.headers["Content-Type"] == "image/png"
    assert seen.headers["Content-Disposition"] == 'inline; filename="Sunset.png"'


def test_a_photograph_is_kept_without_the_place_where_it_was_taken(as_: Pages, alice: User, document: Document) -> None:
    place = struct.pack(">HHII", 0x010E, 2, 12, 38)
    turned = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    noted = pictures.noted_png(
        40, 30, b"MM\0*" + struct.pack(">IH", 8, 2) + place + turned + b"\0" * 4 + b"53.5 N 9.9 E"
    )

    answer = send(as_(alice), document, noted, "Sunset.png").json()

    seen = get(as_(alice), answer["key"]).body
    assert b"53.5 N" in noted
    assert b"53.5 N" not in seen
    assert (answer["width"], answer["height"], answer["size"]) == (30, 40, len(seen))
    assert without_notes("image/png", noted) == without_notes("image/png", seen)


@pytest.mark.parametrize(("who", "status"), [("vera", 403), ("carol", 403), ("mallory", 404), (None, 401)])
def test_nobody_else_adds_anything(
    as_: Pages, everybody: Cast, document: Document, who: str | None, status: int
) -> None:
    client = as_(getattr(everybody, who) if who else None)
    assert send(client, document, PNG).status_code == status
    assert not Attachment.objects.exists()


def test_a_request_of_another_site_adds_nothing(alice: User, document: Document) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert send(client, document, PNG).status_code == 403
    assert not Attachment.objects.exists()


def test_a_request_without_a_file_and_an_empty_file_are_refused(as_: Pages, alice: User, document: Document) -> None:
    assert as_(alice).post(f"/d/{document.key}/files", {"file": "words"}, headers=JSON).status_code == 400
    answer = send(as_(alice), document, b"")
    assert (answer.status_code, answer.json()["code"]) == (400, "empty")


@override_settings(COLLAB_MAX_FILE_BYTES=100_000)
def test_a_file_that_is_too_large_is_refused_with_the_limit(as_: Pages, alice: User, document: Document) -> None:
    answer = send(as_(alice), document, b"x" * 100_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "97.7" in answer.json()["error"]
    assert send(as_(alice), document, b"x" * 100_000).status_code == 201


def test_a_picture_of_huge_dimensions_is_refused_however_small_the_file(
    as_: Pages, alice: User, document: Document
) -> None:
    answer = send(as_(alice), document, pictures.claiming_png(50_000, 50_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_pixels")
    assert not Attachment.objects.exists()


def test_a_gif_whose_frame_is_huge_is_refused_however_small_its_screen(
    as_: Pages, alice: User, document: Document
) -> None:
    answer = send(as_(alice), document, pictures.gif_of_frames((1, 1), (0, 0, 20_000, 20_000)))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_pixels")
    assert not Attachment.objects.exists()


def test_a_picture_that_nobody_can_take_the_notes_out_of_is_refused(
    as_: Pages, alice: User, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.core.picture_notes.MOST_PARTS", 2)
    before = stored()
    answer = send(as_(alice), document, PNG)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")
    assert answer.json()["error"] == "This picture cannot be read."
    assert stored() == before


def test_a_room_that_is_full_takes_no_more_and_keeps_nothing_of_what_it_refused(
    as_: Pages, alice: User, document: Document, room: Room
) -> None:
    before = stored()
    other = documents.create_document(room=room, by=alice)
    with override_settings(COLLAB_MAX_ROOM_FILE_BYTES=2 * len(PNG)):
        assert send(as_(alice), document, PNG).status_code == 201
        assert send(as_(alice), other, PNG).status_code == 201
        answer = send(as_(alice), document, PNG)
        assert (answer.status_code, answer.json()["code"]) == (409, "room_full")
    assert len(stored() - before) == Attachment.objects.count() == 2


def test_uploads_of_one_person_are_limited(
    as_: Pages, alice: User, bob: User, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.web.limits.RATES", {"upload": "2/m/user"})
    assert [send(as_(alice), document, PNG).status_code for _ in range(3)] == [201, 201, 429]
    assert send(as_(bob), document, PNG).status_code == 201


# --- What a file is taken for -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (HTML, "page.png", "image/png"),
        (HTML, "page.html", "text/html"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "drawing.svg", "image/svg+xml"),
        (b"\xef\xbb\xbf<svg/>", "drawing.png", "image/png"),
        (b"<?xml version='1.0'?><html/>", "page.xhtml", "application/xhtml+xml"),
        (pictures.png()[:16], "torn.png", "image/png"),
        (b"MZ" + b"\0" * 100, "photo.png.exe", "image/png"),
    ],
)
def test_what_is_no_picture_is_only_ever_downloaded(
    as_: Pages, alice: User, document: Document, content: bytes, name: str, kind: str
) -> None:
    key = send(as_(alice), document, content, name, kind).json()["key"]
    answer = get(as_(alice), key)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_picture_that_is_a_page_as_well_is_shown_as_a_picture_and_saved_as_one(
    as_: Pages, alice: User, document: Document
) -> None:
    polyglot = pictures.gif(5, 5, comment=b"*/--><script>alert(1)</script>")
    key = send(as_(alice), document, polyglot, "page.html", "text/html").json()["key"]
    answer = get(as_(alice), key)
    assert answer.headers["Content-Type"] == "image/gif"
    assert answer.headers["Content-Disposition"] == 'inline; filename="page.html.gif"'
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def raw_upload(client: Client, document: Document, disposition: str) -> Any:
    """Send a body in which the name stands exactly as given."""
    body = f"--x\r\nContent-Disposition: form-data; name=file; {disposition}\r\n\r\nwords\r\n--x--\r\n".encode()
    url = f"/d/{document.key}/files"
    return client.post(url, body, content_type="multipart/form-data; boundary=x", headers=JSON)


@pytest.mark.parametrize(
    ("disposition", "kept"),
    [
        ('filename="../../../settings.py"', "settings.py"),
        ('filename="..\\\\..\\\\boot.ini"', "boot.ini"),
        ("filename*=UTF-8''a%0D%0ASet-Cookie:%20b=c.txt", "aSet-Cookie: b=c.txt"),
        ("filename*=UTF-8''%E2%80%AEgnp.exe", "gnp.exe"),
        ('filename="a\\"; filename=evil.html"', 'a"; filename=evil.html'),
        ("filename*=UTF-8''%F0%9F%93%8E.txt", "📎.txt"),
    ],
)
def test_tricks_in_a_name_end_up_in_no_path_and_in_no_header(
    as_: Pages, alice: User, document: Document, disposition: str, kept: str
) -> None:
    answer = raw_upload(as_(alice), document, disposition)
    assert answer.json()["name"] == kept
    attachment = Attachment.objects.get(key=answer.json()["key"])
    assert attachment.file.name == f"{document.key[:2]}/{document.key}/{attachment.key}"
    served = get(as_(alice), attachment.key)
    assert served.headers["Content-Disposition"].startswith("attachment; filename")
    assert "Set-Cookie" not in served.headers
    assert "\n" not in served.headers["Content-Disposition"]


# --- Seeing -----------------------------------------------------------------------------------------------------------


def test_a_removed_member_sees_no_file_from_then_on(as_: Pages, alice: User, vera: User, document: Document) -> None:
    key = add(document, alice).key
    browser = as_(vera)
    first = get(browser, key)
    assert first.status_code == 200

    Membership.objects.get(user=vera).delete()

    assert get(browser, key).status_code == 404
    assert browser.head(f"/f/{key}").status_code == 404
    # Not even whether what the browser kept is still right.
    assert get(browser, key, If_None_Match=first.headers["ETag"]).status_code == 404


def test_nobody_but_this_browser_keeps_a_copy_and_it_asks_each_time(
    as_: Pages, alice: User, document: Document
) -> None:
    key = add(document, alice).key
    answer = get(as_(alice), key)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = get(as_(alice), key, If_None_Match=answer.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_a_stranger_cannot_tell_a_file_from_none(as_: Pages, alice: User, mallory: User, document: Document) -> None:
    key = add(document, alice).key
    there, nowhere = (get(as_(mallory), one) for one in (key, "a" * 22))
    assert there.status_code == nowhere.status_code == 404
    secret = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
    assert secret.sub(b"", there.content) == secret.sub(b"", nowhere.content)


def test_a_file_that_the_storage_has_lost_is_not_found(as_: Pages, alice: User, document: Document) -> None:
    attachment = add(document, alice)
    attachment.file.storage.delete(str(attachment.file.name))
    assert get(as_(alice), attachment.key).status_code == 404


# --- Copies in other documents ----------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(mallory: User) -> Document:
    """A document of somebody whom the others do not know."""
    return documents.create_document(room=rooms.create_room(name="Elsewhere", by=mallory), by=mallory)


def copy(client: Client, document: Document, key: str) -> Any:
    return client.post(f"/d/{document.key}/files", {"copy_of": key}, headers=JSON)


def test_a_copy_belongs_to_the_document_that_it_is_pasted_into(
    as_: Pages, alice: User, mallory: User, document: Document, elsewhere: Document
) -> None:
    original = add(document, alice, name="plan.png")
    Membership.objects.create(room=elsewhere.room, user=alice, role="editor")

    answer = copy(as_(alice), elsewhere, original.key)

    assert answer.status_code == 201
    made = Attachment.objects.get(key=answer.json()["key"])
    assert (made.document, made.name, made.uploaded_by) == (elsewhere, "plan.png", alice)
    assert get(as_(mallory), made.key).body == PNG
    assert get(as_(mallory), original.key).status_code == 404


def test_a_copy_into_its_own_document_is_the_file_itself(as_: Pages, alice: User, document: Document) -> None:
    original = add(document, alice)
    assert copy(as_(alice), document, original.key).json()["key"] == original.key
    assert Attachment.objects.count() == 1


def test_nobody_copies_what_they_may_not_see(
    as_: Pages, alice: User, mallory: User, document: Document, elsewhere: Document
) -> None:
    original = add(document, alice)
    assert copy(as_(mallory), elsewhere, original.key).status_code == 404
    assert Attachment.objects.count() == 1
