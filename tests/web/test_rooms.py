"""Rooms and documents: who may open, make and name them, and what people read when they may not."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from rooms.core.access import Role
from rooms.models import Document, Membership, Room, User
from rooms.services.documents import write_content
from tests.web.conftest import BROWSER_ACCEPTS, Pages

pytestmark = pytest.mark.django_db

# Differs on every page that holds a form.
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


def address(name: str, thing: Room | Document) -> str:
    return reverse(f"rooms:{name}", args=[thing.key])


# --- The door ---------------------------------------------------------------------------------------------------


def test_a_stranger_is_told_that_nothing_is_there(as_: Pages, mallory: User, room: Room, document: Document) -> None:
    browser = as_(mallory)
    assert browser.get(address("room", room)).status_code == 404
    assert browser.get(address("document", document)).status_code == 404
    for name, thing in (
        ("rename_room", room),
        ("new_document", room),
        ("new_member", room),
        ("rename_document", document),
    ):
        assert browser.post(address(name, thing)).status_code == 404, name


def test_a_strangers_page_equals_that_of_a_key_that_nobody_has(as_: Pages, mallory: User, document: Document) -> None:
    browser = as_(mallory)
    nobodys = "A" * 22
    real = browser.get(address("document", document)).text
    invented = browser.get(reverse("rooms:document", args=[nobodys])).text
    assert TOKEN.sub("", real).replace(document.key, nobodys) == TOKEN.sub("", invented)


@pytest.mark.parametrize("member", ["carol", "vera"])
def test_a_member_who_may_not_write_gets_403_for_writing(
    member: str, as_: Pages, room: Room, document: Document
) -> None:
    browser = as_(User.objects.get(email=f"{member}@example.com"))
    assert browser.get(address("room", room)).status_code == 200
    for name, thing in (("rename_document", document), ("new_document", room), ("rename_room", room)):
        answer = browser.post(address(name, thing), {"title": "Mine", "name": "Mine"})
        assert answer.status_code == 403, name
        assert "Your role does not allow that" in answer.text
    document.refresh_from_db()
    assert document.title == "Launch plan"
    assert room.documents.count() == 1


def test_an_editor_may_neither_name_the_room_nor_add_people(as_: Pages, bob: User, room: Room) -> None:
    browser = as_(bob)
    assert browser.post(address("rename_room", room), {"name": "Bob's"}).status_code == 403
    assert browser.post(address("new_member", room), {"email": "x@example.com", "role": "viewer"}).status_code == 403


def test_somebody_signed_out_is_sent_to_sign_in_and_back(as_: Pages, document: Document) -> None:
    answer = as_(None).get(address("document", document))
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('account_login')}?next={address('document', document)}"


def test_a_form_sent_while_signed_out_returns_to_its_page_and_not_to_another_site(as_: Pages, room: Room) -> None:
    browser = as_(None)
    page = address("room", room)
    answer = browser.post(address("new_document", room), headers={"referer": f"http://testserver{page}"})
    assert answer["Location"] == f"{reverse('account_login')}?next={page}"
    answer = browser.post(address("new_document", room), headers={"referer": "https://elsewhere.example/r/x"})
    assert answer["Location"] == f"{reverse('account_login')}?next=/"


def test_a_deactivated_member_is_signed_out(as_: Pages, bob: User, room: Room) -> None:
    browser = as_(bob)
    bob.is_active = False
    bob.save()
    assert browser.get(address("room", room)).status_code == 302


@pytest.mark.parametrize("name", ["rename_room", "new_document", "new_member"])
def test_nothing_changes_by_following_a_link(name: str, as_: Pages, alice: User, room: Room) -> None:
    assert as_(alice).get(address(name, room)).status_code == 405


def test_a_form_without_its_token_is_refused_in_words(alice: User, room: Room) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"accept": BROWSER_ACCEPTS})
    browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = browser.post(address("new_document", room))
    assert answer.status_code == 403
    assert "open the page again" in answer.text
    assert room.documents.count() == 1  # the one that was there before


# --- The first page -----------------------------------------------------------------------------------------------


def test_somebody_signed_out_reads_what_this_is(as_: Pages) -> None:
    page = as_(None).get("/").text
    assert "Write together" in page
    assert reverse("account_signup") in page


def test_the_first_page_lists_ones_own_rooms_and_newest_documents_only(
    as_: Pages, bob: User, mallory: User, room: Room, document: Document
) -> None:
    assert "Launch plan" in as_(bob).get("/").text
    page = as_(mallory).get("/").text
    assert "Launch plan" not in page
    assert address("room", room) not in page
    assert "Start a room" in page  # an empty first page offers the next step


def test_a_page_costs_the_same_number_of_queries_however_many_documents(
    as_: Pages, alice: User, room: Room, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Document.objects.bulk_create(Document(room=room, title=f"Note {number}") for number in range(40))
    browser = as_(alice)
    with django_assert_max_num_queries(15):
        page = browser.get(address("room", room)).text
    assert "All documents…" in page


# --- Making and naming --------------------------------------------------------------------------------------------


def test_whoever_starts_a_room_owns_it(as_: Pages, mallory: User) -> None:
    answer = as_(mallory).post(reverse("rooms:rooms"), {"name": "  Plans  "})
    room = Room.objects.get(name="Plans")
    assert answer["Location"] == address("room", room)
    assert room.memberships.get().role == Role.OWNER


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Give the room a name."),
        ("   ", "Give the room a name."),
        ("x" * 121, "121 characters long; 120 is the most"),
    ],
)
def test_a_room_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    typed: str, words: str, as_: Pages, alice: User
) -> None:
    answer = as_(alice).post(reverse("rooms:rooms"), {"name": typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{typed}"' in answer.text or not typed.strip()
    assert Room.objects.count() == 1


def test_an_owner_renames_the_room(as_: Pages, alice: User, room: Room) -> None:
    as_(alice).post(address("rename_room", room), {"name": "Design"})
    room.refresh_from_db()
    assert room.name == "Design"


def test_an_editor_starts_a_document_and_lands_in_it(as_: Pages, bob: User, room: Room) -> None:
    answer = as_(bob).post(address("new_document", room))
    document = room.documents.get(title="Untitled")
    assert document.created_by == bob
    assert answer["Location"] == address("document", document)


def test_a_script_renames_a_document_and_reads_json(as_: Pages, bob: User, document: Document) -> None:
    answer = as_(bob).post(address("rename_document", document), {"title": " Plan B "}, headers={"accept": "*/*"})
    assert answer.json() == {"title": "Plan B"}


@pytest.mark.parametrize(
    ("typed", "words"), [("  ", "Give the document a title."), ("x" * 201, "201 characters long; 200 is the most")]
)
def test_a_script_reads_why_a_title_was_refused(
    typed: str, words: str, as_: Pages, bob: User, document: Document
) -> None:
    answer = as_(bob).post(
        address("rename_document", document), {"title": typed}, headers={"accept": "application/json"}
    )
    assert answer.status_code == 400
    assert words in answer.json()["error"]


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("vera", 403), ("mallory", 404)])
def test_a_script_that_may_not_rename_reads_words_as_json(
    who: str | None, status: int, as_: Pages, mallory: User, document: Document
) -> None:
    browser = as_(User.objects.get(email=f"{who}@example.com") if who else None)
    answer = browser.post(
        address("rename_document", document), {"title": "Mine"}, headers={"accept": "application/json"}
    )
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_plain_form_renames_a_document_from_the_rooms_page(as_: Pages, bob: User, document: Document) -> None:
    browser = as_(bob)
    answer = browser.post(address("rename_document", document), {"title": "Plan B"})
    assert answer["Location"] == address("room", document.room)
    refused = browser.post(address("rename_document", document), {"title": "y" * 300})
    assert refused.status_code == 422
    assert "y" * 300 in refused.text
    assert "200 is the most" in refused.text


# --- Members ------------------------------------------------------------------------------------------------------


def test_an_owner_adds_somebody_by_email_whatever_the_case(as_: Pages, alice: User, mallory: User, room: Room) -> None:
    answer = as_(alice).post(
        address("new_member", room), {"email": "Mallory@Example.com", "role": "commenter"}, follow=True
    )
    assert answer.redirect_chain == [(address("members", room), 302)]
    assert "is now a member of Design review" in answer.text
    assert Membership.objects.get(room=room, user=mallory).role == Role.COMMENTER


@pytest.mark.parametrize(
    ("email", "role", "words"),
    [
        ("bob@example.com", "viewer", "bob@example.com is a member of this room already."),
        ("", "viewer", "Type the email address of the person to add."),
        ("not an address", "viewer", "Enter a valid email address."),
        ("mallory@example.com", "king", "Choose one of the roles in the list."),
    ],
)
def test_a_member_who_cannot_be_added_is_explained_and_the_address_stays(
    email: str, role: str, words: str, as_: Pages, alice: User, mallory: User, room: Room
) -> None:
    answer = as_(alice).post(address("new_member", room), {"email": email, "role": role})
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{email}"' in answer.text or not email
    assert room.memberships.count() == 4


def test_only_owners_read_the_email_addresses_of_members(as_: Pages, alice: User, bob: User, room: Room) -> None:
    assert "carol@example.com" in as_(alice).get(address("room", room)).text
    page = as_(bob).get(address("room", room)).text
    assert "Carol" in page
    assert "carol@example.com" not in page


# --- The document's page --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "role"), [("alice", "owner"), ("bob", "editor"), ("vera", "viewer")])
def test_the_documents_page_tells_the_editor_who_this_is_and_what_they_may(
    name: str, role: str, as_: Pages, document: Document
) -> None:
    person = User.objects.get(email=f"{name}@example.com")
    answer = as_(person).get(address("document", document))
    assert answer.status_code == 200
    assert answer.context["config"] == {
        "document": document.key,
        "title": "Launch plan",
        "role": role,
        "renameUrl": f"/d/{document.key}/rename",
        "commentsUrl": f"/d/{document.key}/comments",
        "filesUrl": f"/d/{document.key}/files",
        "maxFileBytes": settings.COLLAB_MAX_FILE_BYTES,
        "signInUrl": f"/accounts/login/?next=%2Fd%2F{document.key}",
        "roomUrl": f"/r/{document.room.key}",
        "person": {"id": person.key, "name": person.name, "color": person.color},
        "lastEdit": None,
    }


def test_the_documents_page_tells_who_wrote_last(as_: Pages, alice: User, bob: User, document: Document) -> None:
    written = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hello"}]}]}
    write_content(document=document, content=written, by=alice)
    write_content(document=document, content=written, by=bob)
    last = as_(alice).get(address("document", document)).context["config"]["lastEdit"]
    assert (last["id"], last["name"]) == (bob.key, "Bob")
    assert abs(last["at"] / 1000 - timezone.now().timestamp()) < 60


def test_what_people_type_is_never_markup(as_: Pages, alice: User, room: Room, document: Document) -> None:
    nasty = "</script><script>alert(1)</script>"
    for thing, field in ((room, "name"), (document, "title"), (alice, "name")):
        setattr(thing, field, nasty)
        thing.save()
    browser = as_(alice)
    for page in ("/", address("room", room), address("document", document), reverse("rooms:profile")):
        assert nasty not in browser.get(page).text


# --- The rest -----------------------------------------------------------------------------------------------------


def test_people_change_the_name_that_others_see(as_: Pages, bob: User) -> None:
    browser = as_(bob)
    assert "is saved" in browser.post(reverse("rooms:profile"), {"name": " Robert "}, follow=True).text
    bob.refresh_from_db()
    assert bob.display_name == "Robert"
    refused = browser.post(reverse("rooms:profile"), {"name": " "})
    assert refused.status_code == 422
    assert "Type the name that others should see." in refused.text
