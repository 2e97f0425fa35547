"""Share links, asking for access, and who can see a document."""

from collections import Counter
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from rooms import here
from rooms.core.access import Role
from rooms.models import AccessRequest, Document, LinkGuest, Room, RoomGroup, ShareLink, User
from rooms.services import sharing
from tests.harness.people import Cast
from tests.web.conftest import Pages
from tests.web.test_rooms import TOKEN

pytestmark = pytest.mark.django_db


def at(name: str, document: Document, *args: object) -> str:
    return reverse(f"rooms:{name}", args=[document.key, *args])


def opening(link: ShareLink) -> str:
    return reverse("rooms:open_link", args=[link.key])


@pytest.fixture
def link(everybody: Cast) -> ShareLink:
    return sharing.make_link(document=everybody.document, by=everybody.alice, role=Role.VIEWER)


@pytest.fixture
def guest(link: ShareLink, mallory: User) -> User:
    """mallory, who came by the link."""
    sharing.open_link(key=link.key, user=mallory)
    return mallory


# --- For owners -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("bob", 403), ("carol", 403), ("vera", 403), ("mallory", 404)])
def test_only_an_owner_shares_a_document(name: str, status: int, as_: Pages, everybody: Cast, link: ShareLink) -> None:
    browser = as_(getattr(everybody, name))
    document = everybody.document
    assert browser.get(at("share", document)).status_code == status
    assert browser.post(at("new_link", document), {"role": "editor"}).status_code == status
    assert browser.post(at("revoke_link", document, link.pk)).status_code == status
    assert ShareLink.objects.get().stands


def test_a_guest_who_may_edit_may_still_not_share(as_: Pages, everybody: Cast) -> None:
    link = sharing.make_link(document=everybody.document, by=everybody.alice, role=Role.EDITOR)
    sharing.open_link(key=link.key, user=everybody.mallory)
    assert as_(everybody.mallory).get(at("share", everybody.document)).status_code == 403


@pytest.mark.parametrize(("name", "offered"), [("alice", True), ("bob", False), ("vera", False)])
def test_the_documents_page_offers_to_share_to_those_who_may(
    name: str, offered: bool, as_: Pages, everybody: Cast
) -> None:
    page = as_(getattr(everybody, name)).get(at("document", everybody.document)).text
    assert (at("share", everybody.document) in page) is offered


@pytest.mark.parametrize(("lasts", "days"), [("0", None), ("1", 1), ("7", 7), ("30", 30)])
def test_an_owner_makes_a_link_for_as_long_as_wanted(
    lasts: str, days: int | None, as_: Pages, alice: User, document: Document
) -> None:
    answer = as_(alice).post(at("new_link", document), {"role": "commenter", "lasts": lasts}, follow=True)
    link = ShareLink.objects.get()
    assert (link.role, link.created_by) == (Role.COMMENTER, alice)
    if days is None:
        assert link.expires_at is None
    else:
        assert link.expires_at is not None
        assert abs(link.expires_at - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)
    assert f'value="http://testserver/l/{link.key}"' in answer.text
    assert "Made by Alice" in answer.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"role": "owner"}, "Choose one of the roles in the list."),
        ({"role": ""}, "Choose a role."),
        ({"role": "viewer", "lasts": "9999"}, "Choose one of the times in the list."),
        ({"role": "viewer"}, "Choose how long the link works."),
    ],
)
def test_a_link_that_cannot_be_made_says_why(
    typed: dict[str, str], words: str, as_: Pages, alice: User, document: Document
) -> None:
    answer = as_(alice).post(at("new_link", document), typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert not ShareLink.objects.exists()


def test_ending_a_link_puts_its_guests_out_and_gives_a_receipt(
    as_: Pages, alice: User, guest: User, link: ShareLink, document: Document
) -> None:
    mallorys = as_(guest)
    assert mallorys.get(at("document", document)).status_code == 200
    answer = as_(alice).post(at("revoke_link", document, link.pk), follow=True)
    assert "The link does not work any more." in answer.text
    assert "A share link ended" in answer.text
    assert "data-receipt" in answer.text
    assert link.key not in answer.text
    assert mallorys.get(at("document", document)).status_code == 404
    assert mallorys.get(opening(link)).status_code == 404
    # The members page of the room has it as well.
    members = as_(alice).get(reverse("rooms:members", args=[document.room.key])).text
    assert "A share link ended" in members


def test_a_link_of_another_document_is_not_found(as_: Pages, alice: User, link: ShareLink, room: Room) -> None:
    other = Document.objects.create(room=room, title="Other")
    assert as_(alice).post(at("revoke_link", other, link.pk)).status_code == 404
    link.refresh_from_db()
    assert link.stands


# --- Opening a link -------------------------------------------------------------------------------------------------


def test_a_link_lets_somebody_in_once_they_say_so(
    as_: Pages, mallory: User, link: ShareLink, document: Document
) -> None:
    browser = as_(mallory)
    page = browser.get(opening(link))
    for words in ("Alice", "Launch plan", "Open document as mallory@example.com"):
        assert words in page.text, words
    assert "Design review" not in page.text
    assert not LinkGuest.objects.exists()  # following a link changes nothing
    assert browser.get(at("document", document)).status_code == 404
    assert browser.post(opening(link))["Location"] == at("document", document)
    assert browser.get(at("document", document)).status_code == 200
    browser.post(opening(link))
    assert LinkGuest.objects.count() == 1


def test_somebody_signed_out_signs_in_first_and_comes_back(as_: Pages, link: ShareLink) -> None:
    answer = as_(None).get(opening(link))
    assert answer["Location"] == f"{reverse('account_login')}?next={opening(link)}"
    assert as_(None).post(opening(link)).status_code == 302
    assert not LinkGuest.objects.exists()


@pytest.mark.parametrize("over", ["unknown", "revoked", "expired"])
def test_a_link_that_is_over_looks_like_one_that_never_was(
    over: str, as_: Pages, mallory: User, link: ShareLink
) -> None:
    browser = as_(mallory)
    unknown = browser.get(reverse("rooms:open_link", args=["A" * 22]))
    address = opening(link)
    if over == "revoked":
        sharing.revoke_link(link=link)
    elif over == "expired":
        link.expires_at = timezone.now() - timedelta(seconds=1)
        link.save()
    else:
        address = reverse("rooms:open_link", args=["B" * 22])
    answer = browser.get(address)
    assert answer.status_code == 404
    assert TOKEN.sub("", answer.text) == TOKEN.sub("", unknown.text)
    assert browser.post(address).status_code == 404
    assert not LinkGuest.objects.exists()


def test_an_expired_link_is_marked_for_its_owner(as_: Pages, alice: User, link: ShareLink, document: Document) -> None:
    link.expires_at = timezone.now() - timedelta(seconds=1)
    link.save()
    page = as_(alice).get(at("share", document)).text
    assert "Ran out" in page
    assert link.key not in page


def test_guessing_links_ends_soon(as_: Pages, mallory: User) -> None:
    browser = as_(mallory)
    statuses = [browser.get(reverse("rooms:open_link", args=[f"guess{number}"])).status_code for number in range(21)]
    assert statuses == [404] * 20 + [429]


# --- A guest --------------------------------------------------------------------------------------------------------


def test_a_guest_sees_the_document_and_nothing_of_its_room(
    as_: Pages, guest: User, document: Document, room: Room
) -> None:
    Document.objects.create(room=room, title="Secret plan")
    room.name = "Secret room"
    room.save()
    browser = as_(guest)
    answer = browser.get(at("document", document))
    assert answer.context["config"]["roomUrl"] == "/"
    assert "Shared with you" in answer.text
    for page in (answer.text, browser.get("/").text):
        for hidden in ("Secret room", room.key, "Secret plan"):
            assert hidden not in page, hidden
    for name in ("room", "members", "audit"):
        assert browser.get(reverse(f"rooms:{name}", args=[room.key])).status_code == 404


def test_the_first_page_lists_what_was_shared(as_: Pages, guest: User, alice: User, document: Document) -> None:
    page = as_(guest).get("/").text
    assert "Shared with you" in page
    assert at("document", document) in page
    assert "Recently edited" not in page
    assert "Shared with you" not in as_(alice).get("/").text


def test_a_guest_who_edits_names_the_document_without_seeing_the_room(
    as_: Pages, everybody: Cast, document: Document
) -> None:
    link = sharing.make_link(document=document, by=everybody.alice, role=Role.EDITOR)
    sharing.open_link(key=link.key, user=everybody.mallory)
    browser = as_(everybody.mallory)
    for typed in ("Plan B", "y" * 300):
        answer = browser.post(at("rename_document", document), {"title": typed}, follow=True)
        assert answer.redirect_chain == [(at("document", document), 302)]
        assert "Design review" not in answer.text
    assert "200 is the most" in answer.text
    document.refresh_from_db()
    assert document.title == "Plan B"


# --- Who can see this -----------------------------------------------------------------------------------------------


def test_an_owner_reads_who_can_see_a_document_and_why(
    as_: Pages, everybody: Cast, guest: User, document: Document
) -> None:
    group = Group.objects.create(name="Designers")
    RoomGroup.objects.create(room=everybody.room, group=group, role=Role.COMMENTER)
    everybody.vera.groups.add(group)
    guest.groups.add(group)
    everybody.carol.is_active = False
    everybody.carol.save()
    answer = as_(everybody.alice).get(at("share", document))
    who = {
        one.user.display_name: [(path.kind, path.role, path.through) for path in one.paths]
        for one in answer.context["people"]
    }
    assert who == {
        "Alice": [("member", "owner", "")],
        "Bob": [("member", "editor", "")],
        "Mallory": [("group", "commenter", "Designers"), ("link", "viewer", "")],
        "Vera": [("member", "viewer", ""), ("group", "commenter", "Designers")],
    }
    for words in ("Commenter, through the group Designers", "Viewer, by a link", "Owner, as a member of Design review"):
        assert words in answer.text, words


def test_an_owner_reads_in_how_many_tabs_it_is_open(as_: Pages, everybody: Cast, document: Document) -> None:
    open_tabs = Counter({everybody.bob.pk: 2, everybody.vera.pk: 1})
    stop = here.answer_with(lambda asked: open_tabs if asked == document.pk else Counter())
    try:
        answer = as_(everybody.alice).get(at("share", document))
    finally:
        stop()
    tabs = {one.user.display_name: one.tabs for one in answer.context["people"] if one.tabs}
    assert tabs == {"Bob": 2, "Vera": 1}
    assert "Open in 2 tabs" in answer.text
    assert "Open in 1 tab<" in answer.text
    assert "Open in" not in as_(everybody.alice).get(at("share", document)).text


def test_ended_links_are_no_reason(as_: Pages, alice: User, guest: User, link: ShareLink, document: Document) -> None:
    sharing.revoke_link(link=link)
    assert "mallory@example.com" not in as_(alice).get(at("share", document)).text


# --- Asking ---------------------------------------------------------------------------------------------------------


def test_asking_says_the_same_whether_there_is_such_a_document(as_: Pages, mallory: User, document: Document) -> None:
    browser = as_(mallory)
    assert at("ask", document) in browser.get(at("document", document)).text
    real = browser.post(at("ask", document), follow=True)
    invented = browser.post(reverse("rooms:ask", args=["A" * 22]), follow=True)
    again = browser.post(at("ask", document), follow=True)
    assert "If there is such a document, its owners see your request." in real.text
    assert TOKEN.sub("", real.text) == TOKEN.sub("", invented.text) == TOKEN.sub("", again.text)
    assert AccessRequest.objects.get().user == mallory


def test_a_request_stands_on_the_first_page_of_those_who_can_answer_it(
    as_: Pages, everybody: Cast, document: Document
) -> None:
    group = Group.objects.create(name="Designers")
    RoomGroup.objects.create(room=everybody.room, group=group, role=Role.OWNER)
    everybody.carol.groups.add(group)
    assert "Asking for access" not in as_(everybody.alice).get("/").text
    sharing.ask_for_access(key=document.key, user=everybody.mallory)
    for name, sees in {"alice": True, "carol": True, "bob": False, "vera": False, "mallory": False}.items():
        assert ("asks to see “Launch plan”" in as_(getattr(everybody, name)).get("/").text) is sees, name


def test_nobody_asks_for_what_they_see_already(as_: Pages, vera: User, guest: User, document: Document) -> None:
    for person in (vera, guest):
        assert as_(person).post(at("ask", document)).status_code == 302
    assert not AccessRequest.objects.exists()


def test_asking_takes_an_account_and_a_documents_address(as_: Pages, mallory: User, room: Room) -> None:
    assert as_(None).post(reverse("rooms:ask", args=["A" * 22])).status_code == 302
    assert "Ask for access" not in as_(mallory).get(reverse("rooms:room", args=[room.key])).text
    assert "Ask for access" not in as_(None).get("/nowhere").text


def test_asking_too_often_is_refused(as_: Pages, mallory: User, document: Document) -> None:
    browser = as_(mallory)
    statuses = [browser.post(at("ask", document)).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
