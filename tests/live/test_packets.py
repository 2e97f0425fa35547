"""Packets: what cannot be read, what is too large, and how many there may be."""

from contextlib import suppress
from typing import Any

import msgpack
import pytest

from tests.conftest import Connect, Dial
from tests.harness.client import eventually
from tests.harness.people import Cast
from tests.harness.raw import (
    ACK,
    BINARY_EVENT,
    BOTH,
    CONNECT_ERROR,
    EVENT,
    SOON,
    RawPolling,
    RawWebSocket,
    opening,
    packet,
)
from tests.harness.server import Server


async def test_s7_more_than_sixteen_packets_in_one_post_all_count(server: Server, live_cast: Cast, dial: Dial) -> None:
    line = await dial(RawPolling, server, live_cast.bob)
    await line.greet()
    move = ["cursor", {"document": live_cast.document.key, "anchor": None, "head": None}]
    await line.ask("open", opening(live_cast.document.key))
    await line.send(*(packet(EVENT, move, line.number()) for _ in range(100)))
    await eventually(lambda: len(line.answers()) == 101, what="a hundred and one answers")


BAD_PACKETS: dict[str, str | bytes] = {
    "no Engine.IO packet": "x",
    "text where MessagePack belongs": "4[[[",
    "an event in JSON": '42["open",{}]',
    "nothing": "",
    "an empty frame": b"",
    "no base64": "b!!!!",
    "bytes that are no MessagePack": b"\xc1\xff\xff",
    "trailing bytes": packet(EVENT, ["open", {}], 1) + b"\x00",
    "a list": msgpack.packb([1, 2]),
    "an unknown type": packet(9),
    "a refusal": packet(CONNECT_ERROR, {"message": "no"}),
    "an answer that nobody asked for": packet(ACK, [], 1),
    "s11 an event with attachments": packet(BINARY_EVENT, ["edit", {"_placeholder": True, "num": 0}], 1, attachments=9),
    "s11 attachments in the engine's words": '45999999999-["edit",{"_placeholder":true,"num":0}]',
    "b9 an extension type": packet(EVENT, ["open", msgpack.ExtType(0, b"undefined")], 1),
    "a packet of the engine that no client sends": "6",
    "a packet of the engine that is none": "9",
    "another namespace": packet(EVENT, ["open", {}], 1, nsp="/admin"),
    "an id that is none": packet(EVENT, ["open", {}], "one"),  # type: ignore[arg-type]
    "an event without a name": packet(EVENT, [7, {}], 1),
    "an event that is no list": packet(EVENT, {"open": {}}, 1),
    "a map with a list as a key": b"\x81\x90\x01",
    "a list ten thousand deep": b"\x91" * 10_000 + b"\xc0",
}


@pytest.mark.parametrize("bad", BAD_PACKETS)
async def test_s8_a_bad_packet_closes_the_line_and_the_face_is_gone(
    server: Server, live_cast: Cast, connect: Connect, dial: Dial, bad: str
) -> None:
    alice = await connect(server, live_cast.alice)
    await alice.open(live_cast.document.key)
    line = await dial(RawWebSocket, server, live_cast.bob)
    await line.greet()
    (answer,) = await line.ask("open", opening(live_cast.document.key))
    await line.frame(BAD_PACKETS[bad])
    await eventually(
        lambda: any(answer["you"] in told["left"] for told in alice.events["people"]), seconds=SOON, what="bob left"
    )
    await eventually(line.closed.is_set, seconds=SOON, what="closed")
    assert not alice.disconnected.is_set()


@pytest.mark.parametrize("bad", BAD_PACKETS)
async def test_s8_a_bad_packet_in_a_post_closes_the_line_too(
    server: Server, live_cast: Cast, connect: Connect, dial: Dial, bad: str
) -> None:
    """python-engineio answers 200, and drops the whole body in silence."""
    if bad == "nothing":
        pytest.skip("an empty body is a body without packets")
    alice = await connect(server, live_cast.alice)
    await alice.open(live_cast.document.key)
    line = await dial(RawPolling, server, live_cast.bob)
    await line.greet()
    (answer,) = await line.ask("open", opening(live_cast.document.key))
    data = BAD_PACKETS[bad]
    if isinstance(data, bytes):
        await line.send(data)
    else:
        await line.post(data)
    await eventually(
        lambda: any(answer["you"] in told["left"] for told in alice.events["people"]), seconds=SOON, what="bob left"
    )


POSTS = {
    "more packets than allowed": "\x1e".join(["3"] * 300).encode(),
    "no UTF-8": b"\xff\xfe",
    "larger than the buffer": b"4" + b"x" * 2_000_000,
}


@pytest.mark.parametrize("body", POSTS)
async def test_s7_a_body_that_cannot_be_read_ends_the_line_and_is_not_lost_in_silence(
    server: Server, live_cast: Cast, dial: Dial, body: str
) -> None:
    line = await dial(RawPolling, server, live_cast.bob)
    await line.greet()
    assert await line.post(POSTS[body]) == 400
    await eventually(line.closed.is_set, seconds=SOON)


async def test_s15_a_frame_over_the_buffer_closes_only_that_line(
    server: Server, live_cast: Cast, connect: Connect, dial: Dial
) -> None:
    alice = await connect(server, live_cast.alice)
    hers = await alice.open(live_cast.document.key)
    line = await dial(RawWebSocket, server, live_cast.bob)
    await line.greet()
    await line.ask("open", opening(live_cast.document.key))
    with suppress(ConnectionError):  # closed before all of it was sent
        await line.frame(b"x" * 3_000_000)
    await eventually(line.closed.is_set, seconds=SOON)
    assert await hers.type("still here") == 1


@BOTH
async def test_s15_an_update_over_the_limit_is_answered_and_the_line_lives(
    server: Server, live_cast: Cast, dial: Dial, transport: Any
) -> None:
    line = await dial(transport, server, live_cast.bob)
    await line.greet()
    key = live_cast.document.key
    await line.ask("open", opening(key))
    (answer,) = await line.ask("edit", {"document": key, "update": b"x" * 1_048_577})
    assert answer["code"] == "too_large"
    (answer,) = await line.ask("edit", {"document": key, "update": b"\x00\x00"})
    assert answer["ok"]


@BOTH
async def test_an_event_before_connect_closes_the_line(
    server: Server, live_cast: Cast, dial: Dial, transport: Any
) -> None:
    line = await dial(transport, server, live_cast.bob)
    await line.send(packet(EVENT, ["open", opening(live_cast.document.key)], 1))
    await eventually(line.closed.is_set, seconds=SOON)
    assert line.heard == []
