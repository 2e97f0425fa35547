"""Access that ends through a page of the same process reaches its sockets at once: nobody looks for rows meanwhile."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp
import pytest
from django.contrib.auth.models import Group
from socketio.exceptions import ConnectionError as NotLetIn

from rooms.models import Receipt, ShareLink
from tests.conftest import Connect
from tests.harness.client import Client, eventually
from tests.harness.orm import orm
from tests.harness.people import Cast
from tests.harness.server import Server
from tests.live.latencies import Latencies
from tests.live.revocations import GROUP, LINK, MEMBER, arrive
from tests.live.test_revocation import code_of, eventually_in_database

# Django takes a form whose token is that of the cookie.
TOKEN = "a" * 32


@dataclass(frozen=True, slots=True)
class Push:
    """A form that takes bob's access away: who sends it, where, and what bob hears then."""

    way: str
    path: Callable[[Cast], str]
    reason: str
    form: dict[str, str] = field(default_factory=dict)
    sender: str = "alice"
    event: str = "access"
    role: str | None = None


PUSHES = {
    "membership removed": Push(MEMBER, lambda cast: f"/r/{cast.room.key}/members/{cast.bob.key}/remove", "removed"),
    "role lowered": Push(
        MEMBER,
        lambda cast: f"/r/{cast.room.key}/members/{cast.bob.key}/role",
        "role_changed",
        form={"role": "viewer"},
        role="viewer",
    ),
    "left": Push(MEMBER, lambda cast: f"/r/{cast.room.key}/leave", "removed", sender="bob"),
    "group taken out of the room": Push(
        GROUP, lambda cast: f"/r/{cast.room.key}/groups/{Group.objects.get().pk}/remove", "removed"
    ),
    "link revoked": Push(
        LINK, lambda cast: f"/d/{cast.document.key}/links/{ShareLink.objects.get().pk}/revoke", "link_ended"
    ),
    "document deleted": Push(MEMBER, lambda cast: f"/d/{cast.document.key}/delete", "deleted"),
    "room deleted": Push(MEMBER, lambda cast: f"/r/{cast.room.key}/delete", "deleted", form={"name": "Design review"}),
    "signed out": Push(MEMBER, lambda cast: "/accounts/logout/", "session_ended", sender="bob", event="signed_out"),
}


async def send(server: Server, sender: Client, path: str, form: dict[str, str]) -> int:
    """Send a form as the person of that socket, with its session. Returns the status."""
    cookies = f"sessionid={sender.session}; csrftoken={TOKEN}"
    fields = {**form, "csrfmiddlewaretoken": TOKEN}
    async with (
        aiohttp.ClientSession() as http,
        http.post(server.url + path, data=fields, headers={"Cookie": cookies}, allow_redirects=False) as answer,
    ):
        return answer.status


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("name", PUSHES)
async def test_a_page_that_ends_access_reaches_the_sockets_of_its_process(
    own_server: Callable[..., Server],
    live_cast: Cast,
    connect: Connect,
    latencies: Latencies,
    name: str,
    transport: str,
) -> None:
    push = PUSHES[name]
    server = own_server(COLLAB_HEAL_SECONDS="30", COLLAB_SWEEP_SECONDS="300")
    await orm(arrive, live_cast, push.way)
    alice = await connect(server, live_cast.alice)
    bob = await connect(server, live_cast.bob, transport=transport)
    his = await bob.open(live_cast.document.key)
    await his.type("before")
    began = time.monotonic()
    path = await orm(push.path, live_cast)
    status = await send(server, alice if push.sender == "alice" else bob, path, push.form)
    assert status == 302, "the page took the form"
    (told,) = await eventually(lambda: bob.events[push.event], what="bob is told")
    latencies.note("push", transport, time.monotonic() - began)
    assert told["reason"] == push.reason
    if push.event == "access":
        assert told["role"] == push.role
        refused = "not_found" if push.role is None else "forbidden"
        assert await code_of(his.type(" after")) == refused
    else:
        await eventually(bob.disconnected.is_set, what="bob's line is closed")
        with pytest.raises(NotLetIn):
            await bob.connect()
    late = sum(map(len, bob.events.values())) - 1 - len(bob.events["people"])
    latencies.too_late("push", transport, late, 0)
    assert late == 0
    counted = {"closed": 1} if push.role is None else {"changed": 1}
    await eventually_in_database(Receipt.objects.filter(**counted).exists)
