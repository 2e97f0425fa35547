"""The members page: who is added, changed, removed, and what an owner reads about it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from rooms.core.access import Role
from rooms.models import (
    AccessRequest,
    Announcement,
    AuditEntry,
    Document,
    Instance,
    Invitation,
    Membership,
    Receipt,
    Room,
    RoomGroup,
    User,
)
from rooms.services import sharing
from tests.harness.people import Cast
from tests.web.conftest import Pages

pytestmark = pytest.mark.django_db


def at(name: str, room: Room, *args: object) -> str:
    return reverse(f"rooms:{name}", args=[room.key, *args])


def role_of(user: User, room: Room) -> str | None:
    return Membership.objects.filter(user=user, room=room).values_list("role", flat=True).first()


# --- The door -------------------------------------------------------------------------------------------------------


@pytest.fixture
def posts(everybody: Cast) -> list[tuple[str, tuple[object, ...]]]:
    """Everything on the page that only owners may do."""
    room, document = everybody.room, everybody.document
    group = Group.objects.create(name="Designers")
    RoomGroup.objects.create(room=room, group=group, role=Role.VIEWER)
    invitation, _ = sharing.invite(room=room, email="new@example.com", role=Role.VIEWER, by=everybody.alice)
    asked = AccessRequest.objects.create(document=document, user=everybody.mallory)
    return [
        ("new_member", ()),
        ("change_role", (everybody.carol.key,)),
        ("remove_member", (everybody.carol.key,)),
        ("transfer", ()),
        ("add_group", ()),
        ("remove_group", (group.pk,)),
        ("withdraw_invitation", (invitation.pk,)),
        ("grant_request", (asked.pk,)),
        ("decline_request", (asked.pk,)),
    ]


@pytest.mark.parametrize(
    ("name", "status"), [("bob", 403), ("carol", 403), ("vera", 403), ("mallory", 404), (None, 302)]
)
def test_only_an_owner_changes_who_is_in_a_room(
    name: str | None, status: int, as_: Pages, everybody: Cast, posts: list[tuple[str, tuple[object, ...]]]
) -> None:
    browser = as_(getattr(everybody, name) if name else None)
    typed = {"email": "x@example.com", "role": "owner", "person": everybody.bob.key}
    for post, args in posts:
        answer = browser.post(at(post, everybody.room, *args), typed)
        assert answer.status_code == status, post
    assert everybody.room.memberships.count() == 4
    assert role_of(everybody.carol, everybody.room) == Role.COMMENTER
    assert (RoomGroup.objects.count(), Invitation.objects.count(), AccessRequest.objects.count()) == (1, 1, 1)


def test_nothing_changes_by_following_a_link(
    as_: Pages, everybody: Cast, posts: list[tuple[str, tuple[object, ...]]]
) -> None:
    for post, args in [*posts, ("leave", ())]:
        assert as_(everybody.alice).get(at(post, everybody.room, *args)).status_code == 405, post


@pytest.mark.parametrize(("name", "status"), [("bob", 200), ("vera", 200), ("mallory", 404)])
def test_a_member_sees_who_is_there_and_nothing_to_change_it(
    name: str, status: int, as_: Pages, everybody: Cast, posts: list[tuple[str, tuple[object, ...]]]
) -> None:
    answer = as_(getattr(everybody, name)).get(at("members", everybody.room))
    assert answer.status_code == status
    if status == 200:
        assert "Carol" in answer.text
        assert "Designers" in answer.text
        for hidden in (
            "carol@example.com",
            "new@example.com",
            "the role of",
            "Add someone",
            "asks to see",
            "Hand over",
        ):
            assert hidden not in answer.text, hidden


def test_things_of_another_room_are_not_found(
    as_: Pages, everybody: Cast, posts: list[tuple[str, tuple[object, ...]]]
) -> None:
    other = Room.objects.create(name="Other")
    Membership.objects.create(room=other, user=everybody.mallory, role=Role.OWNER)
    browser = as_(everybody.mallory)
    for post, args in posts:
        if args:
            assert browser.post(at(post, other, *args), {"role": "viewer"}).status_code == 404, post


# --- Roles ----------------------------------------------------------------------------------------------------------


def test_an_owner_changes_a_role(as_: Pages, alice: User, bob: User, room: Room) -> None:
    answer = as_(alice).post(at("change_role", room, bob.key), {"role": "viewer"}, follow=True)
    assert "Bob is now a viewer of Design review." in answer.text
    assert role_of(bob, room) == Role.VIEWER
    assert "Bob has a smaller role" in answer.text


def test_a_role_that_there_is_not_is_refused_in_words(as_: Pages, alice: User, bob: User, room: Room) -> None:
    answer = as_(alice).post(at("change_role", room, bob.key), {"role": "king"}, follow=True)
    assert "Choose one of the roles in the list." in answer.text
    assert role_of(bob, room) == Role.EDITOR


@pytest.mark.parametrize("way", ["change_role", "remove_member", "leave"])
def test_a_room_keeps_its_last_owner(way: str, as_: Pages, alice: User, room: Room) -> None:
    args = () if way == "leave" else (alice.key,)
    answer = as_(alice).post(at(way, room, *args), {"role": "editor"}, follow=True)
    assert "The room would have no owner. Make somebody else an owner first" in answer.text
    assert "message--error" in answer.text
    assert "message--success" not in answer.text
    assert role_of(alice, room) == Role.OWNER


def test_an_owner_removes_somebody_who_is_out_at_once(as_: Pages, alice: User, bob: User, room: Room) -> None:
    bobs = as_(bob)
    assert bobs.get(at("room", room)).status_code == 200
    answer = as_(alice).post(at("remove_member", room, bob.key), follow=True)
    assert "Bob is no longer a member of Design review." in answer.text
    assert bobs.get(at("room", room)).status_code == 404
    assert as_(alice).post(at("remove_member", room, bob.key)).status_code == 404


@pytest.mark.parametrize("name", ["bob", "carol", "vera"])
def test_any_member_leaves(name: str, as_: Pages, everybody: Cast) -> None:
    browser = as_(getattr(everybody, name))
    assert "Leave this room" in browser.get(at("members", everybody.room)).text
    answer = browser.post(at("leave", everybody.room), follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "You have left Design review." in answer.text
    assert browser.get(at("room", everybody.room)).status_code == 404
    # Nobody took anything away from them.
    assert "Access taken away" not in as_(everybody.alice).get(at("members", everybody.room)).text


def test_somebody_who_is_here_through_a_group_has_nothing_to_leave(as_: Pages, mallory: User, room: Room) -> None:
    group = Group.objects.create(name="Designers")
    mallory.groups.add(group)
    RoomGroup.objects.create(room=room, group=group, role=Role.VIEWER)
    browser = as_(mallory)
    assert "Leave this room" not in browser.get(at("members", room)).text
    assert browser.post(at("leave", room)).status_code == 404


def test_an_owner_hands_the_room_over(as_: Pages, alice: User, bob: User, room: Room) -> None:
    answer = as_(alice).post(at("transfer", room), {"person": bob.key}, follow=True)
    assert "Bob owns Design review now. You are an editor." in answer.text
    assert (role_of(bob, room), role_of(alice, room)) == (Role.OWNER, Role.EDITOR)


@pytest.mark.parametrize("heir", ["mallory", "alice", None])
def test_a_room_is_handed_over_to_another_member_only(heir: str | None, as_: Pages, everybody: Cast) -> None:
    key = getattr(everybody, heir).key if heir else ""
    answer = as_(everybody.alice).post(at("transfer", everybody.room), {"person": key})
    assert answer.status_code == 422
    assert ("Choose somebody else" if heir else "Choose who becomes the owner.") in answer.text
    assert role_of(everybody.alice, everybody.room) == Role.OWNER


# --- Groups ---------------------------------------------------------------------------------------------------------


def test_an_owner_adds_a_group_that_they_are_in_and_removes_it(
    as_: Pages, alice: User, mallory: User, room: Room
) -> None:
    group = Group.objects.create(name="Designers")
    alice.groups.add(group)
    mallory.groups.add(group)
    browser = as_(alice)
    added = browser.post(at("add_group", room), {"group": group.pk, "role": "commenter"}, follow=True)
    assert "Everybody in Designers is now in Design review." in added.text
    assert as_(mallory).get(at("room", room)).status_code == 200
    again = browser.post(at("add_group", room), {"group": group.pk, "role": "viewer"})
    assert again.status_code == 422
    assert "Designers is in this room already." in again.text

    removed = browser.post(at("remove_group", room, group.pk), follow=True)
    assert "Designers is no longer in Design review." in removed.text
    assert "A group was removed" in removed.text
    assert as_(mallory).get(at("room", room)).status_code == 404


def test_a_group_of_others_is_for_staff_only(as_: Pages, alice: User, room: Room) -> None:
    group = Group.objects.create(name="Board")
    browser = as_(alice)
    assert "Board" not in browser.get(at("members", room)).text
    assert browser.post(at("add_group", room), {"group": group.pk, "role": "viewer"}).status_code == 422
    alice.is_staff = True
    alice.save()
    assert browser.post(at("add_group", room), {"group": group.pk, "role": "viewer"}).status_code == 302
    assert RoomGroup.objects.get().group == group


# --- Invitations ----------------------------------------------------------------------------------------------------


def invite(browser: Client, room: Room, capture: DjangoCaptureOnCommitCallbacks, email: str = "New@Example.com") -> str:
    """Invite somebody by the form and return the address in the mail."""
    with capture(execute=True):
        answer = browser.post(at("new_member", room), {"email": email, "role": "editor"}, follow=True)
    assert f"We sent {email} an invitation to Design review." in answer.text
    return next(word for word in mail.outbox[-1].body.split() if "/invitations/" in word)


def test_somebody_without_an_account_is_invited_by_mail(
    as_: Pages, alice: User, room: Room, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    browser = as_(alice)
    link = invite(browser, room, django_capture_on_commit_callbacks)
    assert link.startswith("http://testserver/invitations/")
    assert mail.outbox[0].subject == "Alice invites you to Design review"
    assert mail.outbox[0].to == ["new@example.com"]
    assert "as an editor" in mail.outbox[0].body
    page = browser.get(at("members", room)).text
    assert "new@example.com" in page
    assert link.rpartition("/")[2] not in page


def test_an_invitation_lets_one_person_in_once(
    as_: Pages,
    alice: User,
    mallory: User,
    room: Room,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    link = invite(as_(alice), room, django_capture_on_commit_callbacks)
    browser = as_(mallory)
    page = browser.get(link)
    for words in ("Join Design review", "Alice", "editor", "Join as mallory@example.com"):
        assert words in page.text, words
    assert role_of(mallory, room) is None  # reading it changes nothing
    assert browser.post(link)["Location"] == at("room", room)
    assert role_of(mallory, room) == Role.EDITOR
    for answer in (browser.get(link), browser.post(link)):
        assert answer.status_code == 404
        assert "This invitation no longer works" in answer.text


def test_somebody_signed_out_comes_back_to_the_invitation(
    as_: Pages, alice: User, room: Room, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    link = invite(as_(alice), room, django_capture_on_commit_callbacks).removeprefix("http://testserver")
    browser = as_(None)
    page = browser.get(link).text
    for name in ("account_login", "account_signup"):
        address = f"{reverse(name)}?next={link.replace('/', '%2F')}"
        assert address in page
        assert f'name="next" value="{link}"' in browser.get(address).text
    answer = browser.post(link)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("over", ["expired", "withdrawn", "unknown"])
def test_an_invitation_that_is_over_says_so(
    over: str,
    as_: Pages,
    alice: User,
    mallory: User,
    room: Room,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    link = invite(as_(alice), room, django_capture_on_commit_callbacks)
    invitation = Invitation.objects.get()
    if over == "expired":
        invitation.expires_at = timezone.now() - timedelta(seconds=1)
        invitation.save()
        assert "The invitation ran out" in as_(alice).get(at("members", room)).text
    elif over == "withdrawn":
        answer = as_(alice).post(at("withdraw_invitation", room, invitation.pk), follow=True)
        assert "The invitation to new@example.com does not work any more." in answer.text
    else:
        link += "x"
    for browser in (as_(mallory), as_(None)):
        answer = browser.get(link)
        assert answer.status_code == 404
        assert "This invitation no longer works" in answer.text
        assert "Design review" not in answer.text
    assert as_(mallory).post(link).status_code == 404
    assert role_of(mallory, room) is None


@pytest.mark.django_db(transaction=True)
def test_an_invitation_that_cannot_be_mailed_is_none(
    as_: Pages, alice: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("rooms.web.mail.send_mail", unreachable)
    answer = as_(alice).post(at("new_member", room), {"email": "new@example.com", "role": "viewer"})
    assert answer.status_code == 422
    assert "could not be sent, so nobody was invited" in answer.text
    assert 'value="new@example.com"' in answer.text
    assert not Invitation.objects.exists()


def test_only_so_many_invitations_are_sent_in_an_hour(as_: Pages, alice: User, room: Room) -> None:
    browser = as_(alice)
    for number in range(20):
        typed = {"email": f"new{number}@example.com", "role": "viewer"}
        assert browser.post(at("new_member", room), typed).status_code == 302
    answer = browser.post(at("new_member", room), {"email": "one-more@example.com", "role": "viewer"})
    assert answer.status_code == 429
    assert "Wait a few minutes" in answer.text
    assert Invitation.objects.count() == 20


def test_guessing_invitations_ends_soon(as_: Pages) -> None:
    browser = as_(None)
    statuses = [browser.get(reverse("rooms:invitation", args=[f"guess{number}"])).status_code for number in range(21)]
    assert statuses == [404] * 20 + [429]


# --- Asking ---------------------------------------------------------------------------------------------------------


def test_an_owner_reads_that_somebody_asks_and_lets_them_in(
    as_: Pages, alice: User, bob: User, mallory: User, room: Room, document: Document
) -> None:
    AccessRequest.objects.create(document=document, user=mallory)
    browser = as_(alice)
    assert "asking for access" in browser.get(at("room", room)).text
    assert "asking for access" not in as_(bob).get(at("room", room)).text
    page = browser.get(at("members", room)).text
    assert "mallory@example.com asks to see “Launch plan”" in page
    number = AccessRequest.objects.get().pk
    assert "Choose one of" in browser.post(at("grant_request", room, number), {"role": "king"}, follow=True).text
    answer = browser.post(at("grant_request", room, number), {"role": "commenter"}, follow=True)
    assert "mallory@example.com is now a member of Design review." in answer.text
    assert role_of(mallory, room) == Role.COMMENTER
    assert not AccessRequest.objects.exists()
    assert "asking for access" not in browser.get(at("room", room)).text


def test_an_owner_declines_a_request(as_: Pages, alice: User, mallory: User, room: Room, document: Document) -> None:
    asked = AccessRequest.objects.create(document=document, user=mallory)
    answer = as_(alice).post(at("decline_request", room, asked.pk), follow=True)
    assert "You declined the request of mallory@example.com." in answer.text
    assert role_of(mallory, room) is None
    assert AuditEntry.objects.filter(action="access_declined", subject_name="mallory@example.com").exists()


# --- Receipts -------------------------------------------------------------------------------------------------------


@pytest.fixture
def removal(as_: Pages, alice: User, bob: User, room: Room) -> Announcement:
    """What was announced when alice removed bob, with the processes a, b and c there."""
    for name in "abc":
        Instance.objects.create(name=name)
    as_(alice).post(at("remove_member", room, bob.key))
    return Announcement.objects.get(reason="removed")


def answered(row: Announcement, instance: str, **did: int) -> None:
    Receipt.objects.create(announcement=row, instance=instance, **{"closed": 0, "changed": 0, "after_ms": 0, **did})


def test_an_owner_reads_how_many_sockets_were_closed_and_who_has_not_answered(
    as_: Pages, alice: User, room: Room, removal: Announcement
) -> None:
    browser = as_(alice)
    address = at("receipt", room, removal.pk)
    assert f'data-receipt="{address}"' in browser.get(at("members", room)).text
    answered(removal, "a", closed=2, after_ms=84)
    answered(removal, "b", closed=1, after_ms=40)
    so_far = "3 sockets closed on 2 instances, the last after 84 ms"
    assert browser.get(address).json() == {"words": f"{so_far}; instance c has not answered yet", "over": False}
    answered(removal, "c")
    assert browser.get(address).json() == {"words": so_far.replace("2 inst", "3 inst"), "over": True}
    page = browser.get(at("members", room)).text
    assert "Bob was removed" in page
    assert "3 sockets closed on 3 instances" in page
    assert "data-receipt" not in page


def test_whoever_has_not_answered_is_waited_for_until_the_sweep_has_passed(
    as_: Pages, alice: User, room: Room, removal: Announcement, settings: Settings
) -> None:
    answered(removal, "a", changed=1, after_ms=7)
    answered(removal, "b")
    settings.COLLAB_SWEEP_SECONDS = 0
    words = as_(alice).get(at("receipt", room, removal.pk)).json()["words"]
    assert words.startswith("1 socket changed on 2 instances, the last after 7 ms; instance c never answered")


def test_where_nobody_is_connected_the_receipt_says_so(
    as_: Pages, alice: User, room: Room, removal: Announcement, settings: Settings
) -> None:
    Instance.objects.all().delete()
    address = at("receipt", room, removal.pk)
    assert as_(alice).get(address).json() == {"words": "No instance has answered yet", "over": False}
    settings.COLLAB_SWEEP_SECONDS = 0
    assert as_(alice).get(address).json() == {"words": "Nothing was open", "over": True}


@pytest.mark.parametrize(("name", "status"), [("carol", 403), ("vera", 403), ("mallory", 404), ("bob", 404)])
def test_only_an_owner_reads_receipts(
    name: str, status: int, as_: Pages, everybody: Cast, removal: Announcement
) -> None:
    answer = as_(getattr(everybody, name)).get(at("receipt", everybody.room, removal.pk))
    assert answer.status_code == status


def test_a_receipt_of_another_room_is_not_found(as_: Pages, mallory: User, removal: Announcement) -> None:
    other = Room.objects.create(name="Other")
    Membership.objects.create(room=other, user=mallory, role=Role.OWNER)
    assert as_(mallory).get(at("receipt", other, removal.pk)).status_code == 404
    assert "Bob" not in as_(mallory).get(at("members", other)).text


def test_the_page_shows_the_last_ten_changes_that_took_access_away(as_: Pages, alice: User, room: Room) -> None:
    for number in range(12):
        person = User.objects.create_user(f"p{number}@example.com", name=f"Person {number}")
        Membership.objects.create(room=room, user=person, role=Role.VIEWER)
        as_(alice).post(at("remove_member", room, person.key))
    page = as_(alice).get(at("members", room)).text
    removed = [number for number in range(12) if f"Person {number} was removed" in page]
    assert removed == list(range(2, 12))
