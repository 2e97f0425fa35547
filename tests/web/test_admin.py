"""Staff in the admin: taking access away, and that everything they change there is announced and logged as theirs."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rooms import access
from rooms.announcements import Reason, announce
from rooms.core.access import Role
from rooms.models import (
    Announcement,
    AuditEntry,
    Invitation,
    LinkGuest,
    Membership,
    Receipt,
    Room,
    RoomGroup,
    ShareLink,
)
from rooms.models import User as Person
from rooms.services import revoking, sharing
from tests.harness.people import Cast
from tests.web.conftest import Pages

pytestmark = pytest.mark.django_db

Action = AuditEntry.Action


@pytest.fixture
def staff(cast: Cast, as_: Pages) -> Client:
    """A browser of mallory's, who is staff here: a role in a room is not needed for that."""
    Person.objects.filter(pk=cast.mallory.pk).update(is_staff=True, is_superuser=True)
    return as_(Person.objects.get(pk=cast.mallory.pk))


@pytest.fixture
def writers(cast: Cast) -> RoomGroup:
    """A group that may write in the room, with carol in it."""
    group = Group.objects.create(name="Writers")
    cast.carol.groups.add(group)
    return RoomGroup.objects.create(room=cast.room, group=group, role=Role.EDITOR)


@pytest.fixture
def link(cast: Cast) -> ShareLink:
    """A link to the document, which vera opened as well."""
    made = sharing.make_link(document=cast.document, by=cast.alice, role=Role.EDITOR)
    sharing.open_link(key=made.key, user=cast.vera)
    return made


def act(browser: Client, page: str, action: str, *chosen: Model, sure: bool = True) -> Any:
    """Run an action of the admin on what is chosen. Returns the page that staff see then."""
    typed = {"action": action, "_selected_action": [one.pk for one in chosen]} | ({"post": "yes"} if sure else {})
    return browser.post(reverse(f"admin:rooms_{page}_changelist"), typed, follow=True)


def membership(cast: Cast, name: str) -> Membership:
    return Membership.objects.get(room=cast.room, user=getattr(cast, name))


def members(cast: Cast) -> set[str]:
    return {one.user.name for one in cast.room.memberships.select_related("user")}


def since(entries: int) -> list[tuple[str, str, str]]:
    """What was logged after the first so many entries: who did what to whom."""
    logged = AuditEntry.objects.order_by("pk").values_list("actor_name", "action", "subject_name")
    return list(logged)[entries:]


# --- Actions ---------------------------------------------------------------------------------------------------


# On which page, the action, and the permission that it takes.
ACTIONS = [
    ("user", "revoke_people", "change_user"),
    ("user", "sign_out_people", "change_user"),
    ("room", "revoke_rooms", "change_room"),
    ("membership", "revoke_memberships", "delete_membership"),
    ("sharelink", "revoke_links", "delete_sharelink"),
]
EACH_ACTION = pytest.mark.parametrize(("page", "action", "permission"), ACTIONS)


def chosen_on(page: str, cast: Cast, link: ShareLink) -> Model:
    return {"user": cast.bob, "room": cast.room, "membership": membership(cast, "bob"), "sharelink": link}[page]


def taken(cast: Cast, link: ShareLink) -> list[str]:
    """What of that which staff can take is not there any more."""
    link.refresh_from_db()
    there = {
        "membership": Membership.objects.filter(user=cast.bob).exists(),
        "session": UserSession.objects.filter(user=cast.bob).exists(),
        "link": link.stands,
    }
    return [what for what, stands in there.items() if not stands]


@EACH_ACTION
def test_an_action_says_what_it_will_take_and_takes_nothing_before_staff_are_sure(
    page: str, action: str, permission: str, staff: Client, as_: Pages, cast: Cast, link: ShareLink
) -> None:
    as_(cast.bob).get("/")
    answer = act(staff, page, action, chosen_on(page, cast, link), sure=False)
    named = {"user": "bob@example.com", "room": "Design review", "membership": "editor in Design review"}
    assert named.get(page, "editor link to “Launch plan”") in answer.text
    assert "at once" in answer.text
    assert f'value="{action}"' in answer.text
    assert taken(cast, link) == []


@EACH_ACTION
def test_staff_with_the_permission_may_and_staff_without_are_not_even_offered_it(
    page: str, action: str, permission: str, as_: Pages, cast: Cast, link: ShareLink
) -> None:
    as_(cast.bob).get("/")
    cast.mallory.is_staff = True
    cast.mallory.save()
    rights = Permission.objects.filter(content_type__app_label="rooms")
    cast.mallory.user_permissions.set(rights.exclude(codename=permission))
    thing = chosen_on(page, cast, link)
    browser = as_(Person.objects.get(pk=cast.mallory.pk))
    listed = browser.get(reverse(f"admin:rooms_{page}_changelist"))
    assert listed.status_code == 200
    assert f'value="{action}"' not in listed.text
    act(browser, page, action, thing)
    assert taken(cast, link) == []

    cast.mallory.user_permissions.set(rights.filter(codename__in=[permission, f"view_{page}"]))
    browser = as_(Person.objects.get(pk=cast.mallory.pk))
    assert f'value="{action}"' in browser.get(reverse(f"admin:rooms_{page}_changelist")).text
    assert act(browser, page, action, thing).status_code == 200
    assert taken(cast, link) != []


@pytest.mark.parametrize("person", ["alice", "bob"])
def test_somebody_who_is_no_staff_does_not_reach_an_action(
    person: str, as_: Pages, everybody: Cast, link: ShareLink
) -> None:
    as_(everybody.bob).get("/")
    act(as_(getattr(everybody, person)), "user", "revoke_people", everybody.bob)
    assert taken(everybody, link) == []


def test_revoking_a_person_takes_every_path_and_every_session(
    staff: Client, as_: Pages, cast: Cast, writers: RoomGroup, link: ShareLink
) -> None:
    hers, his = as_(cast.vera), as_(cast.carol)
    for browser in (hers, his):
        assert browser.get("/profile").status_code == 200
    answer = act(staff, "user", "revoke_people", cast.vera, cast.carol)
    assert "Revoked: 2 memberships, 1 group, 1 link, 2 sessions." in answer.text
    assert "without an owner" not in answer.text
    assert members(cast) == {"Alice", "Bob"}
    for person, browser in ((cast.vera, hers), (cast.carol, his)):
        assert access.paths(person, cast.document) == []
        assert browser.get("/profile").status_code == 302
    revoked = Announcement.objects.filter(reason=Reason.REVOKED)
    assert {(row.user_number, row.by_id) for row in revoked} == {
        (cast.vera.pk, cast.mallory.pk),
        (cast.carol.pk, cast.mallory.pk),
    }
    logged = AuditEntry.objects.filter(action=Action.REVOKED)
    assert {(one.actor_name, one.subject_name) for one in logged} == {
        ("mallory@example.com", "vera@example.com"),
        ("mallory@example.com", "carol@example.com"),
    }
    assert {one.address for one in logged} == {"127.0.0.1"}


def test_signing_out_everywhere_leaves_what_people_may_do(staff: Client, as_: Pages, cast: Cast) -> None:
    browsers = [as_(cast.bob), as_(cast.bob)]
    for browser in browsers:
        browser.get("/")
    answer = act(staff, "user", "sign_out_people", cast.bob)
    assert "Ended: 2 sessions." in answer.text
    assert [browser.get("/profile").status_code for browser in browsers] == [302, 302]
    assert "Bob" in members(cast)


def test_closing_a_room_leaves_its_owners_and_nobody_else(
    staff: Client, cast: Cast, writers: RoomGroup, link: ShareLink
) -> None:
    sharing.invite(room=cast.room, email="mallory@example.com", role=Role.EDITOR, by=cast.alice)
    elsewhere = Room.objects.create(name="Elsewhere", created_by=cast.bob)
    Membership.objects.create(room=elsewhere, user=cast.bob, role=Role.EDITOR)
    answer = act(staff, "room", "revoke_rooms", cast.room)
    assert "Revoked: 3 memberships, 1 group, 1 link, 1 invitation." in answer.text
    assert "without an owner" not in answer.text
    assert members(cast) == {"Alice"}
    for person in (cast.bob, cast.carol, cast.vera):
        assert access.paths(person, cast.document) == []
    assert [path.role for path in access.paths(cast.alice, cast.document)] == [Role.OWNER]
    assert not Invitation.objects.exists()
    assert elsewhere.memberships.count() == 1
    row = Announcement.objects.get(reason=Reason.REVOKED)
    assert (row.room_number, row.user_number, row.by_id) == (cast.room.pk, None, cast.mallory.pk)
    told = Announcement.objects.filter(by=cast.mallory).values_list("reason", flat=True)
    assert sorted(told) == ["link_ended", "removed", "removed", "removed", "removed", "revoked"]


def test_revoking_memberships_ends_them_and_nothing_else(staff: Client, cast: Cast, link: ShareLink) -> None:
    answer = act(staff, "membership", "revoke_memberships", membership(cast, "bob"), membership(cast, "vera"))
    assert "Revoked: 2 memberships." in answer.text
    assert members(cast) == {"Alice", "Carol"}
    assert access.paths(cast.bob, cast.document) == []
    assert [path.role for path in access.paths(cast.vera, cast.document)] == [Role.EDITOR], "by the link"


def test_revoking_a_link_puts_out_who_came_by_it(staff: Client, cast: Cast, link: ShareLink) -> None:
    membership(cast, "vera").delete()
    over = sharing.make_link(document=cast.document, by=cast.alice, role=Role.VIEWER)
    sharing.revoke_link(link=over)
    answer = act(staff, "sharelink", "revoke_links", link, over)
    assert "Revoked: 1 link." in answer.text
    assert access.paths(cast.vera, cast.document) == []
    assert "nothing: there was none left" in act(staff, "sharelink", "revoke_links", link).text


@pytest.mark.parametrize("page", ["user", "membership", "room"])
def test_a_room_that_is_left_without_an_owner_is_named(page: str, staff: Client, cast: Cast) -> None:
    if page == "user":
        answer = act(staff, page, "revoke_people", cast.bob, cast.alice)
    elif page == "membership":
        answer = act(staff, page, "revoke_memberships", membership(cast, "bob"), membership(cast, "alice"))
    else:  # an owner who is deactivated cannot act as one
        Person.objects.filter(pk=cast.alice.pk).update(is_active=False)
        answer = act(staff, page, "revoke_rooms", cast.room)
    assert "Rooms without an owner now: Design review." in answer.text


def test_an_action_that_fails_half_way_has_taken_nothing(
    staff: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoke = revoking.revoke_everything

    def fail_for_carol(*, user: Person) -> revoking.Revoked:
        if user == cast.carol:
            raise RuntimeError
        return revoke(user=user)

    monkeypatch.setattr(revoking, "revoke_everything", fail_for_carol)
    with pytest.raises(RuntimeError):
        act(staff, "user", "revoke_people", cast.bob, cast.carol)
    assert members(cast) == {"Alice", "Bob", "Carol", "Vera"}
    assert not Announcement.objects.filter(reason=Reason.REVOKED).exists()


def test_staff_who_revoke_themselves_have_to_sign_in_again(staff: Client, cast: Cast) -> None:
    answer = act(staff, "user", "revoke_people", cast.mallory)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert not Session.objects.exists()


# --- What is edited in a form ----------------------------------------------------------------------------------


def room_form(room: Room, **changes: str) -> dict[str, Any]:
    """What the room's page sends when the inline fields in `changes` were set. A new group has the place groups-0."""
    rows = list(room.memberships.order_by("pk"))
    groups = max((1 for name in changes if name.startswith("groups")), default=0)
    form: dict[str, Any] = {"name": room.name, "groups-TOTAL_FORMS": groups, "groups-INITIAL_FORMS": 0}
    form |= {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": len(rows)}
    for place, row in enumerate(rows):
        for field in ("id", "room_id", "user_id", "role"):
            form[f"memberships-{place}-{field.removesuffix('_id')}"] = getattr(row, field)
    return form | {name.replace("__", "-"): value for name, value in changes.items()}


def test_a_role_changed_beside_its_room_is_announced_and_logged(staff: Client, cast: Cast) -> None:
    before, known = AuditEntry.objects.count(), Announcement.objects.count()
    page = reverse("admin:rooms_room_change", args=[cast.room.pk])
    assert staff.post(page, room_form(cast.room, memberships__1__role="viewer")).status_code == 302
    assert membership(cast, "bob").role == Role.VIEWER
    assert since(before) == [("mallory@example.com", "role_changed", "bob@example.com")]
    assert AuditEntry.objects.latest("pk").detail == "editor → viewer"
    row = Announcement.objects.latest("pk")
    assert (row.reason, row.user_number, row.room_number) == ("role_changed", cast.bob.pk, cast.room.pk)
    assert row.by_id == cast.mallory.pk
    assert Announcement.objects.count() == known + 1, "only what changed is announced"


def test_a_member_removed_beside_the_room_is_announced_and_logged(staff: Client, cast: Cast) -> None:
    before = AuditEntry.objects.count()
    page = reverse("admin:rooms_room_change", args=[cast.room.pk])
    assert staff.post(page, room_form(cast.room, memberships__1__DELETE="on")).status_code == 302
    assert members(cast) == {"Alice", "Carol", "Vera"}
    assert since(before) == [("mallory@example.com", "removed", "bob@example.com")]
    assert heard_last() == ("removed", cast.bob.pk, cast.mallory.pk)


def test_a_group_added_beside_the_room_is_announced_and_logged(staff: Client, cast: Cast) -> None:
    group = Group.objects.create(name="Writers")
    before = AuditEntry.objects.count()
    page = reverse("admin:rooms_room_change", args=[cast.room.pk])
    added = room_form(cast.room, groups__0__group=str(group.pk), groups__0__role="editor")
    assert staff.post(page, added).status_code == 302
    assert RoomGroup.objects.get(room=cast.room).group == group
    assert since(before) == [("mallory@example.com", "joined", "group Writers")]
    assert heard_last() == ("joined", None, cast.mallory.pk)


def user_form(user: Person, **changes: Any) -> dict[str, Any]:
    """What a person's page sends. An unset box is left out, as a browser does."""
    return {"email": user.email, "name": user.name, "is_active": "on"} | changes


def heard_last() -> tuple[str, int | None, int | None]:
    row = Announcement.objects.latest("pk")
    return row.reason, row.user_number, row.by_id


def test_deactivating_and_activating_a_person_is_announced_and_logged(staff: Client, cast: Cast) -> None:
    before = AuditEntry.objects.count()
    page = reverse("admin:rooms_user_change", args=[cast.bob.pk])
    unset = user_form(cast.bob)
    del unset["is_active"]
    assert staff.post(page, unset).status_code == 302
    assert heard_last() == ("deactivated", cast.bob.pk, cast.mallory.pk)
    assert staff.post(page, user_form(cast.bob)).status_code == 302
    assert heard_last() == ("activated", cast.bob.pk, cast.mallory.pk)
    assert since(before) == [
        ("mallory@example.com", "deactivated", "bob@example.com"),
        ("mallory@example.com", "activated", "bob@example.com"),
    ]


def test_taking_a_person_out_of_a_group_is_announced_and_logged(staff: Client, cast: Cast, writers: RoomGroup) -> None:
    before = AuditEntry.objects.count()
    assert (
        staff.post(reverse("admin:rooms_user_change", args=[cast.carol.pk]), user_form(cast.carol)).status_code == 302
    )
    assert not cast.carol.groups.exists()
    assert since(before) == [("mallory@example.com", "group_left", "carol@example.com")]
    assert heard_last() == ("removed", cast.carol.pk, cast.mallory.pk)


def test_a_password_that_staff_set_is_announced_and_logged(staff: Client, cast: Cast) -> None:
    before = AuditEntry.objects.count()
    page = reverse("admin:auth_user_password_change", args=[cast.bob.pk])
    new = "another horse battery"
    assert staff.post(page, {"password1": new, "password2": new, "usable_password": "true"}).status_code == 302
    assert since(before) == [("mallory@example.com", "password_changed", "bob@example.com")]
    row = Announcement.objects.get(reason=Reason.PASSWORD_CHANGED)
    assert (row.user_number, row.by_id) == (cast.bob.pk, cast.mallory.pk)


@pytest.mark.parametrize("way", ["on its page", "from the list"])
def test_a_deleted_membership_is_announced_and_logged(way: str, staff: Client, cast: Cast) -> None:
    his = membership(cast, "bob")
    before = AuditEntry.objects.count()
    if way == "from the list":
        act(staff, "membership", "delete_selected", his)
    else:
        staff.post(reverse("admin:rooms_membership_delete", args=[his.pk]), {"post": "yes"})
    assert members(cast) == {"Alice", "Carol", "Vera"}
    assert since(before) == [("mallory@example.com", "removed", "bob@example.com")]
    assert heard_last() == ("removed", cast.bob.pk, cast.mallory.pk)


def test_a_deleted_person_is_announced_and_logged_and_the_log_keeps_the_name(staff: Client, cast: Cast) -> None:
    bob = cast.bob.pk
    before = AuditEntry.objects.count()
    staff.post(reverse("admin:rooms_user_delete", args=[bob]), {"post": "yes"})
    assert not Person.objects.filter(pk=bob).exists()
    assert set(since(before)) == {
        ("mallory@example.com", "removed", "bob@example.com"),
        ("mallory@example.com", "account_deleted", "bob@example.com"),
    }
    assert heard_last() == ("deleted", bob, cast.mallory.pk)


def test_a_link_whose_end_is_put_into_the_past_is_announced_and_logged(
    staff: Client, cast: Cast, link: ShareLink
) -> None:
    before = AuditEntry.objects.count()
    past = timezone.now() - timedelta(minutes=1)
    form = {"role": "editor", "expires_at_0": f"{past:%Y-%m-%d}", "expires_at_1": f"{past:%H:%M:%S}"}
    guest = LinkGuest.objects.get()
    form |= {"guests-TOTAL_FORMS": "1", "guests-INITIAL_FORMS": "1", "guests-0-id": str(guest.pk)}
    form |= {"guests-0-link": str(link.pk)}
    assert staff.post(reverse("admin:rooms_sharelink_change", args=[link.pk]), form).status_code == 302
    assert since(before) == [("mallory@example.com", "link_ended", "link")]
    row = Announcement.objects.latest("pk")
    assert (row.reason, row.document_number, row.by_id) == ("link_ended", cast.document.pk, cast.mallory.pk)


def test_a_guest_removed_beside_the_link_is_announced(staff: Client, cast: Cast, link: ShareLink) -> None:
    guest = LinkGuest.objects.get()
    form = {"role": "editor", "guests-TOTAL_FORMS": "1", "guests-INITIAL_FORMS": "1", "guests-0-id": str(guest.pk)}
    form |= {"guests-0-link": str(link.pk), "guests-0-DELETE": "on"}
    assert staff.post(reverse("admin:rooms_sharelink_change", args=[link.pk]), form).status_code == 302
    assert not LinkGuest.objects.exists()
    assert heard_last() == ("link_ended", cast.vera.pk, cast.mallory.pk)


def test_the_key_of_a_link_is_on_no_page_of_the_admin(staff: Client, link: ShareLink) -> None:
    for page in (
        reverse("admin:rooms_sharelink_changelist"),
        reverse("admin:rooms_sharelink_change", args=[link.pk]),
    ):
        answer = staff.get(page)
        assert "Launch plan" in answer.text
        assert link.key not in answer.text
    assert staff.get(reverse("admin:rooms_sharelink_add")).status_code == 403


# --- What is only read -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["auditentry", "announcement"])
def test_not_even_a_superuser_adds_changes_or_deletes_what_was_logged(page: str, staff: Client, cast: Cast) -> None:
    model = {"auditentry": AuditEntry, "announcement": Announcement}[page]
    row = model._default_manager.latest("pk")
    count = model._default_manager.count()
    assert staff.get(reverse(f"admin:rooms_{page}_change", args=[row.pk])).status_code == 200
    for name, args in (("add", []), ("change", [row.pk]), ("delete", [row.pk])):
        answer = staff.post(reverse(f"admin:rooms_{page}_{name}", args=args), {"detail": "Mine", "post": "yes"})
        assert answer.status_code == 403, name
    act(staff, page, "delete_selected", row)
    assert model._default_manager.count() == count


def test_the_audit_log_is_searched_and_narrowed_down(staff: Client, cast: Cast) -> None:
    membership(cast, "vera").delete()
    today = timezone.now()
    listed = reverse("admin:rooms_auditentry_changelist")
    asked: dict[str, str | int] = {
        "q": "vera@",
        "action__exact": "removed",
        "at__year": today.year,
        "at__month": today.month,
    }
    answer = staff.get(listed, asked)
    (entry,) = answer.context["cl"].result_list
    assert (entry.subject_name, entry.action) == ("vera@example.com", "removed")
    act(staff, "membership", "delete_selected", membership(cast, "bob"))
    (entry,) = staff.get(listed, {"q": "127.0.0.1"}).context["cl"].result_list
    assert entry.subject_name == "bob@example.com"


def test_an_entry_and_an_announcement_outlive_the_people_and_rooms_they_name(staff: Client, cast: Cast) -> None:
    act(staff, "user", "sign_out_people", cast.bob)
    entry, row = AuditEntry.objects.latest("pk"), Announcement.objects.latest("pk")
    AuditEntry.objects.filter(pk=entry.pk).update(actor=cast.carol, room=cast.room)
    Announcement.objects.filter(pk=row.pk).update(by=cast.carol)
    cast.carol.delete()
    cast.room.delete()
    for page, thing in (("auditentry", entry), ("announcement", row)):
        assert staff.get(reverse(f"admin:rooms_{page}_changelist")).status_code == 200
        assert staff.get(reverse(f"admin:rooms_{page}_change", args=[thing.pk])).status_code == 200


def test_an_announcement_shows_what_each_process_did(staff: Client, cast: Cast) -> None:
    row = announce(Reason.REMOVED, user_id=cast.bob.pk, room_id=cast.room.pk)
    Receipt.objects.create(announcement=row, instance="web-17", closed=2, changed=0, after_ms=31)
    answer = staff.get(reverse("admin:rooms_announcement_change", args=[row.pk]))
    assert "web-17" in answer.text
    assert "31" in answer.text
