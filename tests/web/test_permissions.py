"""Who may do what over HTTP: every page that there is × everybody who could ask. A page without a row fails."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import FileResponse
from django.test import Client
from django.urls import reverse

from rooms.announcements import announce
from rooms.core.access import Role
from rooms.core.commenting import Kind
from rooms.models import User
from rooms.services import comments, files, members, sharing
from rooms.web.urls import urlpatterns
from tests.harness.people import Cast, sign_in

# Who asks, in the order of the columns below. Guests came by a commenter's link; staff are in no room.
WHO = ["signed out", "deactivated", "stranger", "staff", "guest", "viewer", "commenter", "editor", "owner"]
# +  done, or answered with the form again   S  sent to sign in   -  not found   x  forbidden
EVERYBODY = "+ + + + + + + + +"
PEOPLE = "S S + + + + + + +"
READERS = "S S - - + + + + +"
COMMENTERS = "S S - - + x + + +"
IN_THE_ROOM = "S S - - - + + + +"
WRITERS = "S S - - - x x + +"
WRITERS_OF_IT = "S S - - x x x + +"
OWNERS = "S S - - - x x x +"
OWNERS_OF_IT = "S S - - x x x x +"

# name of the address: (method, what each gets, what else the address or the form needs)
PAGES: dict[str, tuple[str, str, dict[str, str]]] = {
    "index": ("get", EVERYBODY, {}),
    "offline_worker": ("get", EVERYBODY, {}),
    "profile": ("post", PEOPLE, {}),
    "rooms": ("post", PEOPLE, {}),
    "room": ("get", IN_THE_ROOM, {}),
    "rename_room": ("post", OWNERS, {}),
    "new_document": ("post", WRITERS, {}),
    "delete_room": ("post", OWNERS, {}),
    "members": ("get", IN_THE_ROOM, {}),
    "new_member": ("post", OWNERS, {}),
    "change_role": ("post", OWNERS, {"member": "bob", "role": "viewer"}),
    "remove_member": ("post", OWNERS, {"member": "bob"}),
    "leave": ("post", IN_THE_ROOM, {}),
    "transfer": ("post", OWNERS, {"member": "bob"}),
    "add_group": ("post", OWNERS, {}),
    "remove_group": ("post", OWNERS, {"group": "group"}),
    "withdraw_invitation": ("post", OWNERS, {"number": "invitation"}),
    "grant_request": ("post", OWNERS, {"number": "request", "role": "viewer"}),
    "decline_request": ("post", OWNERS, {"number": "request"}),
    "receipt": ("get", OWNERS, {"number": "announcement"}),
    "audit": ("get", OWNERS, {}),
    "audit_csv": ("get", OWNERS, {}),
    "document": ("get", READERS, {}),
    "rename_document": ("post", WRITERS_OF_IT, {}),
    "delete_document": ("post", OWNERS_OF_IT, {}),
    "comments": ("get", READERS, {}),
    "comment_reply": ("post", COMMENTERS, {"thread": "thread"}),
    "comment_state": ("post", COMMENTERS, {"thread": "thread"}),
    "comment_edit": ("post", COMMENTERS, {"thread": "thread", "comment": "comment"}),
    "comment_delete": ("post", COMMENTERS, {"thread": "thread", "comment": "comment"}),
    "comment_react": ("post", COMMENTERS, {"thread": "thread", "comment": "comment"}),
    "share": ("get", OWNERS_OF_IT, {}),
    "new_link": ("post", OWNERS_OF_IT, {}),
    "revoke_link": ("post", OWNERS_OF_IT, {"number": "link"}),
    "upload": ("post", WRITERS_OF_IT, {}),
    "file": ("get", READERS, {"key": "file"}),
    "suggest_people": ("get", READERS, {}),
    "suggest_documents": ("get", READERS, {}),
    # Says the same to whoever asks for something, whether it is there or not.
    "ask": ("post", PEOPLE, {}),
    # Whoever holds the key or the token may use it: that is what they are for.
    "open_link": ("post", PEOPLE, {"key": "link"}),
    "invitation": ("post", PEOPLE, {"token": "token"}),
}


REMARK = comments.Beginning(Kind.COMMENT, None, None, "", "Who pays?", None)


@dataclass
class World:
    """Everything that an address can name."""

    cast: Cast
    values: dict[str, Any] = field(default_factory=dict)

    def who(self, name: str) -> User | None:
        people = {"viewer": "vera", "commenter": "carol", "editor": "bob", "owner": "alice", "deactivated": "bob"}
        if name == "signed out":
            return None
        person: User = getattr(self.cast, people.get(name, "mallory"))
        if name == "deactivated":
            session = sign_in(person)
            User.objects.filter(pk=person.pk).update(is_active=False)
            self.values["session"] = session
        elif name == "staff":
            User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
        elif name == "guest":
            key = sharing.make_link(document=self.cast.document, by=self.cast.alice, role=Role.COMMENTER).key
            sharing.open_link(key=key, user=person)
        return person


@pytest.fixture
def world(cast: Cast) -> World:
    group = Group.objects.create(name="Writers")
    members.add_group(room=cast.room, group=group, role=Role.VIEWER)
    invitation, token = sharing.invite(room=cast.room, email="somebody@example.com", role=Role.VIEWER, by=cast.alice)
    link = sharing.make_link(document=cast.document, by=cast.alice, role=Role.VIEWER)
    thread = comments.begin(document=cast.document, by=cast.carol, beginning=REMARK).thread
    assert thread is not None
    other = User.objects.create_user("somebody@example.net", "!")
    sharing.ask_for_access(key=cast.document.key, user=other)
    return World(
        cast,
        {
            "bob": cast.bob.key,
            "group": group.pk,
            "invitation": invitation.pk,
            "token": token,
            "link": link,
            "thread": thread.key,
            "comment": thread.comments.get().key,
            "file": files.add_file(document=cast.document, by=cast.alice, name="a", content=ContentFile(b"a")).key,
            "request": cast.document.requests.get().pk,
            "announcement": announce("removed", user_id=other.pk, room_id=cast.room.pk).pk,  # type: ignore[arg-type]
        },
    )


def address(world: World, name: str, needs: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return the address of a page, and the form that goes with it."""
    pattern = next(one for one in urlpatterns if one.name == name)
    route = str(pattern.pattern)
    key = world.cast.document.key if route.startswith("d/") else world.cast.room.key
    values: dict[str, Any] = {"key": key}
    for field_name, value in needs.items():
        values[field_name] = world.values.get(value, value)
    if name == "open_link":
        values["key"] = world.values["link"].key
    elif needs.get("number") == "link":
        values["number"] = world.values["link"].pk
    kwargs = {part: values[part] for part in pattern.pattern.converters}
    form = {part: value for part, value in values.items() if part not in kwargs and part != "key"}
    return reverse(f"rooms:{name}", kwargs=kwargs), form


def answer(client: Client, method: str, url: str, form: dict[str, str]) -> str:
    """Return what an answer means, as a mark of the table."""
    response = getattr(client, method)(url, form)
    if response.status_code == 302 and response.url.startswith(reverse("account_login")):
        return "S"
    if isinstance(response, FileResponse):
        response.getvalue()  # read to its end, the file is closed
    marks = {401: "S", 404: "-", 403: "x"}
    assert response.status_code < 500, response.status_code
    return marks.get(response.status_code, "+")


def test_every_page_has_a_row() -> None:
    assert {pattern.name for pattern in urlpatterns} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_everybody_gets_exactly_this(world: World, name: str) -> None:
    method, expected, needs = PAGES[name]
    url, form = address(world, name, needs)
    found = {}
    for who in WHO:
        with transaction.atomic():
            client = Client()
            person = world.who(who)
            if who == "deactivated":
                client.cookies["sessionid"] = world.values["session"]
            elif person is not None:
                client.cookies["sessionid"] = sign_in(person)
            found[who] = answer(client, method, url, form)
            transaction.set_rollback(True)
    assert found == dict(zip(WHO, expected.split(), strict=True))


@pytest.mark.parametrize("name", [name for name, (method, _, _) in PAGES.items() if method == "post"])
def test_nothing_is_changed_by_following_a_link(world: World, name: str) -> None:
    """A GET of what takes a POST shows a form or says no: an image in a mail must not remove anybody."""
    before = state(world.cast)
    url, form = address(world, name, PAGES[name][2])
    client = Client()
    client.cookies["sessionid"] = sign_in(world.cast.alice)
    client.get(url, form)
    assert state(world.cast) == before


def state(cast: Cast) -> list[Any]:
    """Return everything that says who may do what."""
    tables: list[Callable[[], Any]] = [
        cast.room.memberships.order_by("pk").values_list,
        cast.room.groups.order_by("pk").values_list,
        cast.room.invitations.order_by("pk").values_list,
        cast.room.documents.order_by("pk").values_list,
        cast.document.links.order_by("pk").values_list,
        cast.document.requests.order_by("pk").values_list,
    ]
    return [list(rows()) for rows in tables]
