"""Who may do what over a socket: every event that there is × everybody who could send it. One without a row fails."""

import pytest

from rooms.core.access import Role
from rooms.models import Membership, User
from rooms.services import sharing
from tests.harness.client import Page
from tests.harness.inside import Inside, Visitor
from tests.harness.orm import orm
from tests.harness.people import Cast
from tests.live.revocations import GROUP, arrive
from tests.live.test_revocation import code_of

# Guests came by a commenter's link, `group` by a group of editors; staff are in no room.
WHO = ["stranger", "staff", "guest", "group", "viewer", "commenter", "editor", "owner"]
# +  done   -  not found   x  forbidden
EVENTS = {
    "open": "- - + + + + + +",
    "edit": "- - x + x x + +",
    "cursor": "- - + + + + + +",
    "leave": "- - + + + + + +",
}
MARKS = {"ok": "+", "not_found": "-", "forbidden": "x"}


def who(cast: Cast, name: str) -> User:
    """Return the person of that kind, and make them so."""
    if name == "group":
        arrive(cast, GROUP)
        return cast.bob
    if name == "guest":
        link = sharing.make_link(document=cast.document, by=cast.alice, role=Role.COMMENTER)
        sharing.open_link(key=link.key, user=cast.mallory)
    if name == "staff":
        User.objects.filter(pk=cast.mallory.pk).update(is_staff=True, is_superuser=True)
    members = {"viewer": cast.vera, "commenter": cast.carol, "editor": cast.bob, "owner": cast.alice}
    return members.get(name, cast.mallory)


async def mark(visitor: Visitor, event: str, key: str) -> str:
    """Open, as far as that is allowed, and send one event. Returns what the answer means."""
    page = Page()
    opened = await code_of(visitor.open(key, page))
    if event == "open":
        return MARKS[opened]
    frames = {
        "edit": {"document": key, "update": page.write(0, "words")},
        "cursor": {"document": key, "anchor": b"a", "head": b"h"},
        "leave": {"document": key},
    }
    return MARKS[await code_of(visitor.call(event, frames[event]))]


async def test_every_event_has_a_row(inside: Inside) -> None:
    assert inside.live.handlers.events == set(EVENTS)


@pytest.mark.parametrize("name", WHO)
async def test_everybody_may_exactly_this(inside: Inside, live_cast: Cast, name: str) -> None:
    person = await orm(who, live_cast, name)
    found = {event: await mark(await inside.visit(person), event, live_cast.document.key) for event in EVENTS}
    assert found == {event: row.split()[WHO.index(name)] for event, row in EVENTS.items()}


async def test_nobody_else_is_in_the_table(live_cast: Cast) -> None:
    """The cast has one member of each role: a role that is added needs a column."""
    roles = await orm(lambda: set(Membership.objects.values_list("role", flat=True)))
    assert roles == {str(role) for role in Role}
