"""The log of a room, its table for a spreadsheet, and deleting."""

import csv
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient
from django.urls import reverse

from rooms.core.access import Role
from rooms.models import AuditEntry, Document, Membership, Room, ShareLink, User
from rooms.services import sharing
from rooms.web.audit_views import harmless
from tests.harness import people
from tests.harness.orm import orm
from tests.harness.people import Cast
from tests.web.conftest import Pages

pytestmark = pytest.mark.django_db


def at(name: str, thing: Room | Document) -> str:
    return reverse(f"rooms:{name}", args=[thing.key])


def entry(room: Room | None, **fields: object) -> AuditEntry:
    return AuditEntry.objects.create(room=room, **{"action": "joined", "actor_name": "alice@example.com", **fields})


@pytest.fixture
def log(room: Room) -> Room:
    """A room whose log holds three entries only."""
    AuditEntry.objects.all().delete()
    entry(room, action="joined", subject_name="bob@example.com", at=datetime(2026, 1, 1, 23, 59, tzinfo=UTC))
    entry(room, action="removed", subject_name="carol@example.com", at=datetime(2026, 1, 2, tzinfo=UTC))
    entry(room, action="invited", actor_name="vera@example.com", at=datetime(2026, 1, 3, tzinfo=UTC))
    return room


# --- Reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status"), [("alice", 200), ("bob", 403), ("carol", 403), ("vera", 403), ("mallory", 404), (None, 302)]
)
def test_only_an_owner_reads_the_log(name: str | None, status: int, as_: Pages, everybody: Cast) -> None:
    browser = as_(getattr(everybody, name) if name else None)
    assert browser.get(at("audit", everybody.room)).status_code == status
    if status != 200:
        assert browser.get(at("audit_csv", everybody.room)).status_code == status
    assert not AuditEntry.objects.filter(action="exported").exists()


def test_what_an_owner_does_is_in_the_log(as_: Pages, alice: User, bob: User, room: Room) -> None:
    browser = as_(alice)
    browser.post(reverse("rooms:change_role", args=[room.key, bob.key]), {"role": "viewer"})
    page = browser.get(at("audit", room)).text
    for words in ("alice@example.com", "changed a role", "bob@example.com", "editor → viewer", "127.0.0.1"):
        assert words in page, words


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["invited", "removed", "joined"]),
        ({"action": "removed"}, ["removed"]),
        ({"person": "BOB"}, ["joined"]),
        ({"person": "alice@"}, ["removed", "joined"]),
        ({"since": "2026-01-02"}, ["invited", "removed"]),
        ({"until": "2026-01-02"}, ["removed", "joined"]),
        ({"since": "2026-01-02", "until": "2026-01-02"}, ["removed"]),
        ({"since": "0001-01-01", "until": "9999-12-31"}, ["invited", "removed", "joined"]),
        ({"person": "nobody"}, []),
    ],
)
def test_the_log_is_narrowed_down_the_newest_first(
    asked: dict[str, str], found: list[str], as_: Pages, alice: User, log: Room
) -> None:
    answer = as_(alice).get(at("audit", log), asked)
    assert [one.action for one in answer.context["page"]] == found


@pytest.mark.parametrize("asked", [{"action": "nonsense"}, {"since": "yesterday"}])
def test_what_cannot_be_understood_is_refused_in_words(
    asked: dict[str, str], as_: Pages, alice: User, log: Room
) -> None:
    answer = as_(alice).get(at("audit", log), asked)
    assert answer.status_code == 422
    assert "field__error" in answer.text


def test_a_long_log_has_pages_that_keep_the_choice(as_: Pages, alice: User, log: Room) -> None:
    for number in range(60):
        entry(log, action="role_changed", detail=f"number {number}")
    browser = as_(alice)
    first = browser.get(at("audit", log), {"action": "role_changed", "person": "a&b@"[0]})
    assert len(first.context["page"]) == 50
    assert "?action=role_changed&amp;person=a&amp;page=2" in first.text
    second = browser.get(at("audit", log), {"action": "role_changed", "page": "2"})
    assert len(second.context["page"]) == 10
    assert browser.get(at("audit", log), {"page": "nonsense"}).status_code == 200


def test_the_log_of_one_room_holds_nothing_of_another(as_: Pages, alice: User, log: Room) -> None:
    other = Room.objects.create(name="Other")
    entry(other, subject_name="secret@example.com")
    assert "secret@example.com" not in as_(alice).get(at("audit", log)).text


# --- For a spreadsheet ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_is_never_a_formula(start: str) -> None:
    assert harmless(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"
    assert harmless(f"a{start}b") == f"a{start}b"


async def read(user: User, room: Room, **asked: str) -> tuple[str, list[list[str]]]:
    """Return the disposition and the rows of the table, as a server that streams gives it."""
    session = await orm(people.sign_in, user)
    browser = AsyncClient()
    browser.cookies["sessionid"] = session
    answer: Any = await browser.get(at("audit_csv", room), asked)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join([part async for part in answer]).decode()
    await sync_to_async(connections.close_all)()  # of the thread that the page was made in
    return answer["Content-Disposition"], list(csv.reader(StringIO(text, newline="")))


@pytest.mark.django_db(transaction=True)
async def test_the_table_holds_what_was_asked_for_and_notes_that_it_was_taken(live_cast: Cast) -> None:
    room = live_cast.room
    await orm(entry, room, action="invited", subject_name="=HYPERLINK(1)", detail="one\ntwo, three")
    disposition, rows = await read(live_cast.alice, room, action="invited")
    assert disposition.startswith('attachment; filename="log-')
    assert rows[0] == ["at", "action", "who", "whose", "detail", "address"]
    assert [row[1:] for row in rows[1:]] == [["invited", "alice@example.com", "'=HYPERLINK(1)", "one\ntwo, three", ""]]
    exported = await orm(AuditEntry.objects.get, action="exported")
    assert (exported.actor_name, exported.room_id) == ("alice@example.com", room.pk)


@pytest.mark.django_db(transaction=True)
async def test_the_table_of_a_choice_that_cannot_be_understood_is_empty(live_cast: Cast) -> None:
    _, rows = await read(live_cast.alice, live_cast.room, action="nonsense")
    assert len(rows) == 1


# --- Deleting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status"), [("bob", 403), ("carol", 403), ("vera", 403), ("mallory", 404), (None, 302)]
)
def test_only_an_owner_deletes(name: str | None, status: int, as_: Pages, everybody: Cast) -> None:
    browser = as_(getattr(everybody, name) if name else None)
    for which, thing in (("delete_document", everybody.document), ("delete_room", everybody.room)):
        assert browser.get(at(which, thing)).status_code == status
        assert browser.post(at(which, thing), {"name": "Design review"}).status_code == status
    assert Document.objects.exists()
    assert Room.objects.exists()


def test_an_owner_deletes_a_document_after_being_asked(as_: Pages, alice: User, room: Room, document: Document) -> None:
    browser = as_(alice)
    assert "Delete Launch plan?" in browser.get(at("delete_document", document)).text
    assert Document.objects.exists()
    answer = browser.post(at("delete_document", document), follow=True)
    assert answer.redirect_chain == [(at("room", room), 302)]
    assert "Launch plan is deleted." in answer.text
    assert not Document.objects.exists()
    assert "deleted a document" in browser.get(at("audit", room)).text


@pytest.mark.parametrize("typed", ["", "design review", "Design"])
def test_a_room_stays_unless_its_name_is_typed(typed: str, as_: Pages, alice: User, room: Room) -> None:
    answer = as_(alice).post(at("delete_room", room), {"name": typed})
    assert answer.status_code == 422
    assert ("Nothing was deleted." if typed else "Type the name of the room.") in answer.text
    assert Room.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_owner_deletes_a_room_with_all_that_is_in_it(
    as_: Pages, alice: User, mallory: User, room: Room, document: Document
) -> None:
    link = sharing.make_link(document=document, by=alice, role=Role.VIEWER)
    sharing.open_link(key=link.key, user=mallory)
    sharing.invite(room=room, email="new@example.com", role=Role.VIEWER, by=alice)
    browser = as_(alice)
    assert "Its 1 document and everything" in browser.get(at("delete_room", room)).text
    answer = browser.post(at("delete_room", room), {"name": " Design review "}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Design review is deleted, with its documents." in answer.text
    for model in (Room, Document, Membership, ShareLink):
        assert not model.objects.exists(), model
    assert AuditEntry.objects.filter(action="room_deleted", room_name="Design review").exists()
