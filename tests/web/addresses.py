"""Every address that there is, with real keys, and what a request to one leaves changed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from rooms.announcements import announce
from rooms.core.access import Role
from rooms.core.commenting import Kind
from rooms.models import Document, Room, User
from rooms.services import comments, documents, files, members, rooms, sharing

REMARK = comments.Beginning(Kind.COMMENT, None, None, "", "Who pays?", None)
# What a page says of itself and not of what was asked for.
_OF_THE_REQUEST = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]*')
# Each request counts as a sign of life of its session.
_ALIVE = {"Session", "UserSession"}


@dataclass(frozen=True, slots=True)
class Address:
    """`name` as for `reverse`; `parts` are what has to be filled in."""

    name: str
    route: str
    parts: tuple[str, ...]


def every_address() -> list[Address]:
    """Return every named address of the site, the admin's included; an address without a name counts by its route."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, route: str, space: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern, here, inner)
        elif isinstance(pattern, URLPattern):
            parts = tuple(re.findall(r"<(?:\w+:)?(\w+)>", here))
            yield Address(f"{space}{pattern.name}" if pattern.name else here, here, parts)


@dataclass
class Estate:
    """A room with everything in it that an address can name. `values` has what to fill in, by the name of the part."""

    owner: User
    room: Room
    document: Document
    values: dict[str, Any] = field(default_factory=dict)

    def fill(self, address: Address, **others: Any) -> str:
        """Return the address with the keys of this room; `others` take the place of some."""
        values = {"key": self.document.key if address.route.startswith("d/") else self.room.key, **self.values}
        if address.name == "rooms:file":
            values["key"] = values["file"]
        elif address.name == "rooms:open_link":
            values["key"] = values["link_key"]
        values["number"] = values.get(self.numbers(address.name), 0)
        return reverse(
            address.name, kwargs={part: others[part] if part in others else values[part] for part in address.parts}
        )

    @staticmethod
    def numbers(name: str) -> str:
        kinds = {"invitation": "invitation", "request": "request", "receipt": "announcement", "link": "link"}
        return next((value for part, value in kinds.items() if part in name), "")


def estate(*, owner: User, member: User, name: str) -> Estate:
    """Make a room of `owner` with `member` in it, and one of everything."""
    room = rooms.create_room(name=name, by=owner)
    document = documents.create_document(room=room, by=owner, title=f"Plan of {name}")
    members.add_group(room=room, group=Group.objects.create(name=f"Writers of {name}"), role=Role.VIEWER)
    rooms.add_member(room=room, email=member.email, role=Role.EDITOR)
    invitation, token = sharing.invite(room=room, email=f"to-{room.key}@example.com", role=Role.VIEWER, by=owner)
    link = sharing.make_link(document=document, by=owner, role=Role.VIEWER)
    thread = comments.begin(document=document, by=owner, beginning=REMARK).thread
    assert thread is not None
    asking = User.objects.create_user(f"asks-{room.key}@example.net", "!")
    sharing.ask_for_access(key=document.key, user=asking)
    file = files.add_file(document=document, by=owner, name="a.txt", content=ContentFile(b"a"))
    values = {
        "member": member.key,
        "group": room.groups.get().group_id,
        "invitation": invitation.pk,
        "token": token,
        "link": link.pk,
        "link_key": link.key,
        "thread": thread.key,
        "comment": thread.comments.get().key,
        "file": file.key,
        "request": document.requests.get().pk,
        "announcement": announce("removed", user_id=asking.pk, room_id=room.pk).pk,  # type: ignore[arg-type]
        "pk": 1,
        "uidb36": "1",
    }
    return Estate(owner, room, document, values)


def rows() -> dict[str, tuple[int, str]]:
    """Return how many rows each table has, and a hash of all of them."""
    found = {}
    for model in apps.get_models():
        if model.__name__ in _ALIVE or not model._meta.managed:
            continue
        all_of_it = repr(list(model._base_manager.order_by("pk").values_list())).encode()
        found[model.__name__] = (all_of_it.count(b"("), sha256(all_of_it).hexdigest())
    return found


def changed(before: dict[str, tuple[int, str]]) -> set[str]:
    after = rows()
    return {name for name in after if after[name] != before[name]}


def body(response: HttpResponseBase) -> bytes:
    found: bytes = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    return _OF_THE_REQUEST.sub(rb"\1", found)


def answer(response: HttpResponseBase, *keys: str) -> tuple[int, str, bytes]:
    """Return all that an answer tells, with `keys` taken out, which whoever asked has sent."""
    said, location = body(response), response.headers.get("Location", "")
    for key in keys:
        said, location = said.replace(key.encode(), b"KEY"), location.replace(key, "KEY")
    return response.status_code, location, said
