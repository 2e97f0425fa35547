"""What leaves rows is made by hand: whoever makes it with a program is asked to wait, and nobody else is."""

from collections.abc import Callable

import pytest
from django.test import Client

from rooms.models import AuditEntry, Document, Membership, Room, ShareLink
from rooms.web import limits
from tests.harness.people import Cast
from tests.web.conftest import Pages

pytestmark = pytest.mark.django_db

# What is limited: its address in the room or document, the form (none: it is looked at), and what it must not leave.
LIMITED: dict[str, tuple[str, dict[str, str] | None, Callable[[], object]]] = {
    "room": ("/rooms", {"name": "Another"}, Room.objects.count),
    "document": ("{room}/documents", {"title": "Another"}, Document.objects.count),
    "link": ("{document}/links", {"role": "viewer", "lasts": "0"}, ShareLink.objects.count),
    "member": ("{room}/members/{bob}/role", {"role": "viewer"}, lambda: list(Membership.objects.values_list("role"))),
    "export": ("{room}/audit.csv", None, AuditEntry.objects.count),
    "read_comments": ("{document}/comments", None, AuditEntry.objects.count),
}


@pytest.mark.parametrize("action", LIMITED)
def test_a_program_is_slowed_down_and_the_others_are_not(
    action: str, as_: Pages, everybody: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.RATES, action, "2/m/user")
    Membership.objects.filter(user=everybody.carol).update(role="owner")
    route, form, left = LIMITED[action]
    room, document = f"/r/{everybody.room.key}", f"/d/{everybody.document.key}"
    address = route.format(room=room, document=document, bob=everybody.bob.key)

    def ask(browser: Client) -> int:
        return (browser.get(address) if form is None else browser.post(address, form)).status_code

    alice, carol = as_(everybody.alice), as_(everybody.carol)
    assert [ask(alice) < 400 for _ in range(2)] == [True, True]
    before = left()
    assert ask(alice) == 429
    assert left() == before
    assert ask(carol) < 400


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("members/add", {"email": "mallory@example.com", "role": "viewer"}),
        ("members/{bob}/remove", {}),
        ("transfer", {"person": "{bob}"}),
    ],
)
def test_all_changes_of_members_count_together(
    name: str, form: dict[str, str], as_: Pages, everybody: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.RATES, "member", "1/m/user")
    browser, bob = as_(everybody.alice), everybody.bob.key
    assert browser.post(f"/r/{everybody.room.key}/members/{bob}/role", {"role": "viewer"}).status_code == 302
    before = list(Membership.objects.values_list("user", "role").order_by("pk"))
    filled = {field: value.format(bob=bob) for field, value in form.items()}
    assert browser.post(f"/r/{everybody.room.key}/{name.format(bob=bob)}", filled).status_code == 429
    assert list(Membership.objects.values_list("user", "role").order_by("pk")) == before


def test_people_are_far_below_these_rates() -> None:
    """docs/security.md has the figures."""
    assert {action: limits.RATES[action] for action in LIMITED} == {
        **dict.fromkeys(["room", "document", "link", "member"], "60/m/user"),
        "export": "10/m/user",
        "read_comments": "240/m/user",
    }
