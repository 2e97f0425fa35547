"""Taking access away reaches open sockets: by every trigger, on both transports, on every way (DESIGN, "Access")."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from socketio.exceptions import ConnectionError as NotLetIn

from rooms.core.access import Role
from rooms.core.errors import Busy
from rooms.models import Announcement, Membership, Receipt
from rooms.services import members
from tests.conftest import Connect
from tests.harness.client import Client, Refused, eventually
from tests.harness.inside import Inside
from tests.harness.orm import orm
from tests.harness.people import Cast
from tests.harness.pulling import APPLICATION, PATH
from tests.harness.server import Server
from tests.live.latencies import Latencies
from tests.live.revocations import TRIGGERS, arrive

WAYS = [(name, way) for name, trigger in TRIGGERS.items() for way in (["sweep"] if trigger.swept else ["push", "row"])]
NEVER = "300"


@pytest.mark.parametrize(("name", "way"), WAYS, ids=[f"{name}, {way}" for name, way in WAYS])
async def test_every_trigger_ends_access(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect, latencies: Latencies, name: str, way: str
) -> None:
    """Bob has the document open in two tabs of one browser, one of which has to do without WebSocket.

    `push`: the change is made in the server's own process, which looks for rows twice a minute. `row`: it is made in
    another process, so the server hears of it by the row alone. `sweep`: no row says so.
    """
    trigger = TRIGGERS[name]
    settings = {"COLLAB_SWEEP_SECONDS": "1" if way == "sweep" else NEVER}
    if way == "push":
        settings["COLLAB_HEAL_SECONDS"] = "30"
    server = own_server(app=APPLICATION, **settings)
    await orm(arrive, live_cast, trigger.way)
    alice = await connect(server, live_cast.alice)
    first = await connect(server, live_cast.bob)
    second = await connect(server, live_cast.bob, session=first.session, transport="polling")
    tabs = {"websocket": first, "polling": second}
    hers = await alice.open(live_cast.document.key)
    pages = {transport: await bob.open(live_cast.document.key) for transport, bob in tabs.items()}
    await pages["websocket"].type("before")
    await eventually(lambda: str(hers) == str(pages["polling"]) == "before")
    began = time.monotonic()
    await (pull(server, name) if way == "push" else orm(trigger.pull, live_cast))

    async def ended(transport: str, bob: Client) -> None:
        told = await eventually(lambda: bob.events["signed_out" if trigger.signed_out else "access"], what="bob hears")
        latencies.note(way, transport, time.monotonic() - began)
        assert told[0]["code"] == ("signed_out" if trigger.signed_out else "not_found")
        assert (told[0]["reason"] or "") == trigger.told

    await asyncio.gather(*(ended(transport, bob) for transport, bob in tabs.items()))
    heard = {transport: sum(map(len, bob.events.values())) for transport, bob in tabs.items()}
    if trigger.signed_out:
        for bob in tabs.values():
            await eventually(bob.disconnected.is_set, what="bob's line is closed")
            with pytest.raises(NotLetIn):
                await bob.connect()
    if name not in {"document deleted", "document moved", "room deleted"}:
        await hers.type(" after")
    if way != "sweep":
        await eventually_in_database(Receipt.objects.filter(closed__gte=2).exists)
    for transport, bob in tabs.items():
        accepted = 0
        if not trigger.signed_out:
            for attempt in (pages[transport].type(" mine"), bob.open(live_cast.document.key)):
                accepted += await code_of(attempt) != "not_found"
        later = sum(map(len, bob.events.values())) - heard[transport]
        latencies.too_late(way, transport, later, accepted)
        assert (later, accepted) == (0, 0), transport


async def code_of(attempt: Awaitable[Any]) -> str:
    """Return the code with which an attempt was refused, or "ok"."""
    try:
        await attempt
    except Refused as refused:
        return str(refused.code)
    return "ok"


async def pull(server: Server, name: str) -> None:
    """Pull a trigger inside the server's process."""
    async with aiohttp.ClientSession() as http, http.post(f"{server.url}{PATH}{quote(name)}") as answer:
        assert answer.status == 204


async def eventually_in_database(ask: Callable[[], Any]) -> Any:
    """Return the first true value of `ask`, asked in a thread of its own."""
    deadline = time.monotonic() + 10
    while not (value := await orm(ask)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    return value


@pytest.mark.parametrize("role", [Role.VIEWER, Role.COMMENTER])
async def test_a_demotion_and_a_promotion_reach_the_open_page(inside: Inside, live_cast: Cast, role: Role) -> None:
    bob = await inside.visit(live_cast.bob)
    his = await bob.open(live_cast.document.key)
    inside.listen()
    await orm(members.change_role, room=live_cast.room, user=live_cast.bob, role=role)
    (told,) = await eventually(lambda: bob.heard("access"))
    assert (told["role"], told["code"], told["reason"]) == (role, None, "role_changed")
    update = his.write(0, "no")
    with pytest.raises(Refused, match="forbidden"):
        await bob.call("edit", {"document": his.key, "update": update})
    await orm(members.change_role, room=live_cast.room, user=live_cast.bob, role=Role.EDITOR)
    _, told = await eventually(lambda: len(bob.heard("access")) == 2 and bob.heard("access"))
    assert (told["role"], told["code"], told["reason"]) == ("editor", None, "role_raised")
    assert (await bob.call("edit", {"document": his.key, "update": update}))["ok"]
    await eventually_in_database(lambda: Receipt.objects.filter(closed=0, changed=1).count() == 2)


async def test_only_the_session_that_ended_goes(inside: Inside, live_cast: Cast) -> None:
    one, other = await inside.visit(live_cast.bob), await inside.visit(live_cast.bob)
    await orm(Session.objects.filter(session_key=one.client.session_key).delete)
    await inside.live.watch.look()
    assert (one.socket.closed, other.socket.closed) == (True, False)


async def test_whoever_opens_while_being_removed_is_not_let_in(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grant is read, then the removal commits and is acted on, and only then would bob have come in."""
    bob = await inside.visit(live_cast.bob)

    async def removed_meanwhile(*args: Any) -> None:
        monkeypatch.undo()
        await orm(members.remove_member, room=live_cast.room, user=live_cast.bob)
        await inside.live.watch.look()

    monkeypatch.setattr(inside.live.handlers, "_take_over", removed_meanwhile)
    with pytest.raises(Refused, match="not_found"):
        await bob.open(live_cast.document.key)
    assert not bob.client.open


async def test_an_announcement_of_a_transaction_that_failed_never_was(inside: Inside, live_cast: Cast) -> None:
    def fail() -> None:
        with transaction.atomic():
            members.remove_member(room=live_cast.room, user=live_cast.bob)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await orm(fail)
    assert not await orm(Announcement.objects.filter(reason="removed").exists)
    assert await orm(Membership.objects.filter(user=live_cast.bob).exists)


async def away(*args: Any) -> Any:
    """What the database says of any call while it does not answer."""
    raise Busy("away", retry_after=1)


async def test_what_could_not_be_acted_on_is_acted_on_later(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away between reading the row and reading the rights."""
    bob = await inside.visit(live_cast.bob)
    await bob.open(live_cast.document.key)
    await orm(members.remove_member, room=live_cast.room, user=live_cast.bob)

    monkeypatch.setattr(inside.live.revocation, "recheck", away)
    await inside.live.watch.look()
    monkeypatch.undo()
    assert bob.client.open
    await inside.live.watch.look()
    assert not bob.client.open
    assert await orm(lambda: Receipt.objects.filter(closed=1).count()) == 1


async def test_a_receipt_that_could_not_be_stored_is_stored_later(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = await inside.visit(live_cast.bob)
    await bob.open(live_cast.document.key)
    await orm(members.remove_member, room=live_cast.room, user=live_cast.bob)

    monkeypatch.setattr(inside.live.database, "write", away)
    await inside.live.watch.look()
    assert not bob.client.open
    assert not await orm(Receipt.objects.exists)
    monkeypatch.undo()
    await inside.live.watch.look()
    assert await orm(lambda: Receipt.objects.filter(closed=1).count()) == 1


async def test_a_socket_that_cannot_be_closed_keeps_no_other_open(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stuck, other = await inside.visit(live_cast.bob), await inside.visit(live_cast.bob)

    async def fail(**how: Any) -> None:
        raise OSError

    monkeypatch.setattr(stuck.socket, "close", fail)
    live_cast.bob.is_active = False
    await orm(live_cast.bob.save)
    await inside.live.watch.look()
    assert other.socket.closed
    assert "closing a socket failed" in caplog.text


async def test_healing_that_takes_long_holds_up_no_revocation(
    inside: Inside, live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = await inside.visit(live_cast.bob)
    await bob.open(live_cast.document.key)
    begun, over = asyncio.Event(), asyncio.Event()

    async def slow(*args: Any) -> None:
        begun.set()
        await over.wait()

    monkeypatch.setattr(inside.live.watch, "_heal", slow)
    healing = asyncio.create_task(inside.live.watch.look())
    await begun.wait()
    inside.listen()
    await orm(members.remove_member, room=live_cast.room, user=live_cast.bob)
    await eventually(lambda: bob.heard("access"))
    assert not healing.done()
    over.set()
    await healing


@pytest.mark.parametrize("first", ["edit", "sweep"])
async def test_a_receipt_counts_whom_an_edit_or_the_sweep_put_out_first(
    inside: Inside, live_cast: Cast, first: str
) -> None:
    bob = await inside.visit(live_cast.bob)
    his = await bob.open(live_cast.document.key)
    await orm(members.remove_member, room=live_cast.room, user=live_cast.bob)
    if first == "edit":
        with pytest.raises(Refused, match="not_found"):
            await bob.call("edit", {"document": his.key, "update": his.write(0, "too late")})
    else:
        await inside.live.watch.sweep()
    (told,) = await eventually(lambda: bob.heard("access"))
    assert told["reason"] == "removed"
    await eventually_in_database(Receipt.objects.filter(closed=1).exists)


async def test_a_receipt_counts_whom_healing_finds_in_a_document_that_is_gone(inside: Inside, live_cast: Cast) -> None:
    """The channel of a document is confirmed, and what was missed is read, right when the document is deleted."""
    bob = await inside.visit(live_cast.bob)
    await bob.open(live_cast.document.key)
    opened = inside.live.documents.all()
    await orm(live_cast.document.delete)
    await inside.live.watch.heal(opened)
    (told,) = bob.heard("access")
    assert told["reason"] == "deleted"
    await eventually_in_database(Receipt.objects.filter(closed=1).exists)


async def test_what_began_before_this_process_is_acted_on_without_a_receipt(inside: Inside, live_cast: Cast) -> None:
    """A transaction that was open when the process started commits once bob is there."""
    bob = await inside.visit(live_cast.bob)
    await bob.open(live_cast.document.key)
    await orm(members.remove_member, room=live_cast.room, user=live_cast.bob)
    before = timezone.now() - timedelta(seconds=30)
    await orm(Announcement.objects.filter(reason="removed").update, at=before)
    await inside.live.watch.look()
    (told,) = bob.heard("access")
    assert told["reason"] == "removed"
    assert not await orm(Receipt.objects.filter(announcement__reason="removed").exists)
