"""The line itself, trap by trap: what a broken or hostile client sends, on both transports."""

import asyncio
from typing import Any

import aiohttp
import msgpack
import pytest
from django.contrib.sessions.models import Session
from pycrdt import Doc, Text

from tests.conftest import Connect, Dial
from tests.harness.client import eventually
from tests.harness.orm import orm
from tests.harness.people import Cast, sign_in
from tests.harness.raw import (
    ACK,
    BOTH,
    CONNECT,
    CONNECT_ERROR,
    DISCONNECT,
    EVENT,
    SOON,
    RawPolling,
    RawWebSocket,
    opening,
    packet,
)
from tests.harness.server import Server

# --- Who is let in ---------------------------------------------------------------------------------------------


@BOTH
async def test_b10_a_refused_connect_has_its_code_twice_and_the_line_closes(
    server: Server, dial: Dial, transport: Any
) -> None:
    line = await dial(transport, server, None)
    answer = await line.greet()
    assert answer["type"] == CONNECT_ERROR
    assert answer["data"]["message"] == "signed_out"
    assert answer["data"]["data"]["code"] == "signed_out"
    await eventually(line.closed.is_set, seconds=SOON, what="closed after the refusal")


@BOTH
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https", "port"])
async def test_s12_a_foreign_origin_is_refused(
    server: Server, live_cast: Cast, dial: Dial, transport: Any, origin: str
) -> None:
    origin = {"https": server.url.replace("http:", "https:"), "port": "http://127.0.0.1:1"}.get(origin, origin)
    if transport is RawPolling:
        assert (await dial(transport, server, live_cast.alice, Origin=origin)).status == 400
    else:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await dial(transport, server, live_cast.alice, Origin=origin)


@BOTH
async def test_s12_a_header_of_a_proxy_does_not_make_an_origin_ours(
    server: Server, live_cast: Cast, dial: Dial, transport: Any
) -> None:
    headers = {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    if transport is RawPolling:
        assert (await dial(transport, server, live_cast.alice, **headers)).status == 400
    else:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await dial(transport, server, live_cast.alice, **headers)


@BOTH
async def test_our_own_origin_is_let_in(server: Server, live_cast: Cast, dial: Dial, transport: Any) -> None:
    line = await dial(transport, server, live_cast.alice, Origin=server.url)
    assert (await line.greet())["type"] == CONNECT


# --- S1: ended is ended ----------------------------------------------------------------------------------------


@BOTH
async def test_s1_a_kicked_line_is_not_served_again(
    server: Server, live_cast: Cast, dial: Dial, transport: Any
) -> None:
    """The client of the trap ignores that it was ended, and sends CONNECT again on the old transport."""
    line = await dial(transport, server, live_cast.bob)
    await line.greet()
    await orm(Session.objects.all().delete)
    await eventually(line.closed.is_set, what="kicked by the sweep")
    assert line.events("signed_out") == [{"code": "signed_out", "reason": "session_ended"}]
    line.heard.clear()
    try:
        await line.send(packet(CONNECT))
        await line.send(packet(EVENT, ["open", opening(live_cast.document.key)], 5))
    except (ConnectionError, aiohttp.ClientError):
        pass
    watcher = await dial(RawWebSocket, server, live_cast.alice)
    await watcher.greet()
    (answer,) = await watcher.ask("open", opening(live_cast.document.key))
    assert [one["name"] for one in answer["people"]] == ["Alice"]
    assert line.heard == []


@BOTH
async def test_s1_a_second_connect_closes_the_line(server: Server, live_cast: Cast, dial: Dial, transport: Any) -> None:
    line = await dial(transport, server, live_cast.bob)
    await line.greet()
    await line.send(packet(CONNECT))
    await eventually(line.closed.is_set, seconds=SOON)


@BOTH
async def test_s1_who_disconnected_cannot_come_back_on_the_same_line(
    server: Server, live_cast: Cast, dial: Dial, transport: Any
) -> None:
    line = await dial(transport, server, live_cast.bob)
    await line.greet()
    await line.send(packet(DISCONNECT))
    await line.send(packet(CONNECT))
    await eventually(line.closed.is_set, seconds=SOON)


@BOTH
async def test_s1_who_disconnects_is_let_go(server: Server, live_cast: Cast, dial: Dial, transport: Any) -> None:
    """python-socketio keeps the line, and reads on for ever what no share counts any more."""
    line = await dial(transport, server, live_cast.bob)
    await line.greet()
    await line.send(packet(DISCONNECT))
    await eventually(line.closed.is_set, seconds=SOON)


# --- S2, S4, S5: events and answers ----------------------------------------------------------------------------

NO_EVENTS = {
    "connect": ["connect", {"asgi.scope": {"session": "forged"}}],
    "disconnect": ["disconnect", "client namespace disconnect"],
    "unknown": ["delete_everything", {}],
    "wildcard": ["*", {}],
    "dunder": ["__init__", {}],
    "without payload": ["open"],
    "two payloads": ["open", {}, {}],
    "a list": ["open", []],
    "nothing": ["edit", None],
    "a timestamp": ["open", msgpack.Timestamp(1)],
}


@BOTH
@pytest.mark.parametrize("event", NO_EVENTS)
async def test_s2_what_is_no_event_of_ours_is_a_bad_frame(
    server: Server, live_cast: Cast, dial: Dial, transport: Any, event: str
) -> None:
    line = await dial(transport, server, live_cast.bob)
    await line.greet()
    await line.send(packet(EVENT, NO_EVENTS[event], line.number()))
    answer = (await line.hear(lambda one: one["type"] == ACK))["data"]
    assert [one["code"] for one in answer] == ["bad_frame"]
    (answer,) = await line.ask("open", opening(live_cast.document.key))
    assert answer["ok"], "the line lives, and its client is who it was"
    assert [one["name"] for one in answer["people"]] == ["Bob"]


@BOTH
async def test_s5_an_answer_is_one_map(server: Server, live_cast: Cast, dial: Dial, transport: Any) -> None:
    line = await dial(transport, server, live_cast.bob)
    await line.greet()
    key = live_cast.document.key
    for event, payload in (
        ("open", opening(key)),
        ("edit", {"document": key, "update": b"\x00\x00"}),
        ("cursor", {"document": key, "anchor": None, "head": None}),
        ("leave", {"document": key}),
        ("leave", {"document": key}),
    ):
        answer = await line.ask(event, payload)
        assert len(answer) == 1
        assert isinstance(answer[0]["ok"], bool)


@BOTH
async def test_s3_what_one_client_sends_is_handled_in_that_order(
    server: Server, live_cast: Cast, dial: Dial, transport: Any
) -> None:
    line = await dial(transport, server, live_cast.bob)
    await line.greet()
    doc: Doc[Any] = Doc()
    text = doc.get("text", type=Text)
    await line.ask("open", opening(live_cast.document.key, doc))
    packets = []
    for word in ("one ", "two ", "three ", "four ", "five"):
        before = doc.get_state()
        text += word
        edit = {"document": live_cast.document.key, "update": doc.get_update(before)}
        packets.append(packet(EVENT, ["edit", edit], line.number()))
    await line.send(*packets)
    await eventually(lambda: len(line.answers()) == 6)
    answers = [line.answers()[number][0] for number in range(2, 7)]
    seqs = [answer["seq"] for answer in answers]
    assert seqs == sorted(seqs), "what was sent together may be committed together, and never in another order"
    assert list(line.answers()) == [1, 2, 3, 4, 5, 6]
    late = await dial(RawWebSocket, server, live_cast.alice)
    await late.greet()
    (answer,) = await late.ask("open", opening(live_cast.document.key))
    copy: Doc[Any] = Doc()
    copy.apply_update(answer["update"])
    assert str(copy.get("text", type=Text)) == "one two three four five"


@BOTH
async def test_s3_an_edit_waits_for_the_open_before_it(
    server: Server, live_cast: Cast, dial: Dial, transport: Any
) -> None:
    """Side by side, the edit would not find the document open: `open` reads the database, and takes longer."""
    line = await dial(transport, server, live_cast.bob)
    await line.greet()
    key = live_cast.document.key
    edit = {"document": key, "update": b"\x00\x00"}
    events = [("open", opening(key)), ("edit", edit), ("leave", {"document": key}), ("edit", edit)]
    await line.send(*(packet(EVENT, [name, payload], line.number()) for name, payload in events))
    await eventually(lambda: len(line.answers()) == 4)
    assert [line.answers()[number][0].get("code") for number in (1, 2, 3, 4)] == [None, None, None, "not_found"]


# --- S6: everybody gets the same frames ------------------------------------------------------------------------


async def test_s6_polling_websocket_and_who_is_between_get_the_same_frames(
    server: Server, live_cast: Cast, connect: Connect, dial: Dial
) -> None:
    readers: list[Any] = [
        await dial(RawWebSocket, server, live_cast.bob),
        await dial(RawPolling, server, live_cast.carol),
        await dial(RawPolling, server, live_cast.vera),
    ]
    for number, line in enumerate(readers):
        await line.greet()
        await line.ask("open", {**opening(live_cast.document.key), "client_id": 100 + number})
    upgrading = readers[2]
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    await hers.type("before ")
    address = f"{upgrading.address.replace('http', 'ws', 1).replace('transport=polling', 'transport=websocket')}"
    socket = await upgrading.http.ws_connect(address, headers=upgrading.headers)
    await socket.send_str("2probe")
    assert await socket.receive_str() == "3probe"
    await hers.type("between ")
    await socket.send_str("5")
    upgrading.line = socket
    after = asyncio.create_task(RawWebSocket._read(upgrading))
    await hers.type("after")
    try:
        await eventually(lambda: all(len(line.events("edited")) == 3 for line in readers), what="three edits each")
    finally:
        await socket.close()
        await after
    assert len({msgpack.packb(line.events("edited")) for line in readers}) == 1


async def test_names_and_colours_come_from_the_session(server: Server, live_cast: Cast, dial: Dial) -> None:
    line = await dial(RawWebSocket, server, live_cast.bob)
    await line.send(packet(CONNECT, {"user": "alice", "name": "Alice", "user_id": live_cast.alice.pk}))
    await line.hear(lambda one: one["type"] == CONNECT)
    key = live_cast.document.key
    (refused,) = await line.ask("open", {**opening(key), "name": "Alice"})
    assert refused["code"] == "bad_frame"
    (answer,) = await line.ask("open", opening(key))
    (face,) = answer["people"]
    assert (face["user"], face["name"], face["color"]) == (live_cast.bob.key, "Bob", live_cast.bob.color)
    assert answer["you"] == face["id"]


async def test_a_session_that_nobody_has_is_signed_out(server: Server, live_cast: Cast, dial: Dial) -> None:
    for cookie in ("", "x" * 32, "../../etc/passwd", "é"):
        line = await dial(RawWebSocket, server, None, Cookie=f"sessionid={cookie}")
        assert (await line.greet())["data"]["message"] == "signed_out"


async def test_a_deactivated_person_is_signed_out(server: Server, live_cast: Cast, dial: Dial) -> None:
    session = await orm(sign_in, live_cast.bob)
    live_cast.bob.is_active = False
    await orm(live_cast.bob.save)
    line = await dial(RawWebSocket, server, None, Cookie=f"sessionid={session}")
    assert (await line.greet())["data"]["message"] == "signed_out"
