"""However bytes arrive, the same messages are heard, in the same order, as uvicorn's own class would have it."""

import asyncio
from random import Random
from typing import Any

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Opcode

from rooms.live.frames import HearingProtocol
from tests.harness.segments import REQUEST, Conversation, cut, disguised, fragmented, frame, parsed

# Where the length of a frame changes its form.
SIZES = (0, 1, 125, 126, 127, 65_535, 65_536, 70_000)
PROTOCOLS = pytest.mark.parametrize("protocol", [HearingProtocol, WebSocketsSansIOProtocol])


def speech(rng: Random) -> tuple[bytes, list[bytes | str], int]:
    """Return what a client sends, the messages in it, and how many pings."""
    stream, pings = b"", 0
    messages: list[bytes | str] = []
    for number in range(rng.randint(1, 12)):
        payload = bytes([number]) + rng.randbytes(rng.choice((*SIZES, 3, 40, 300)))
        kind = rng.random()
        if kind < 0.6:
            stream += frame(payload)
        elif kind < 0.7:
            ping = frame(b"are you there", opcode=Opcode.PING) if rng.random() < 0.5 else b""
            pieces = rng.randint(2, 4)
            stream += fragmented(payload, pieces, ping)
            pings += (pieces - 1) * bool(ping)
        elif kind < 0.8:
            stream += frame(f"{number}")
            messages.append(f"{number}")
            continue
        else:
            stream += frame(payload[:100], opcode=Opcode.PING) + frame(b"", opcode=Opcode.PONG)
            pings += 1
            continue
        messages.append(payload)
    return stream, messages, pings


@PROTOCOLS
@pytest.mark.parametrize("seed", range(25))
async def test_however_a_stream_is_cut_its_messages_arrive_whole_and_in_order(protocol: Any, seed: int) -> None:
    """Heard at once or from the queue, by an application that is busy now and then: nothing overtakes anything."""
    rng = Random(seed)
    stream, messages, pings = speech(rng)
    talk = await Conversation(protocol).begin()
    talk.may_hear = lambda: rng.random() < 0.8

    async def be_busy() -> None:
        while True:
            talk.free.set() if rng.random() < 0.5 else talk.free.clear()
            await asyncio.sleep(0)

    busy = asyncio.create_task(be_busy())
    async with asyncio.timeout(10):
        await talk.feed(*cut(stream, rng), rng=rng)
        await talk.heard(len(messages))
    busy.cancel()
    assert talk.arrived == messages
    _, *answered = talk.transport.written
    assert [one.opcode for one in parsed(b"".join(answered))] == [Opcode.PONG] * pings
    await talk.end()
    assert talk.arrived == messages


@PROTOCOLS
async def test_at_every_place_where_a_stream_can_be_cut_in_two_it_is_the_same_stream(protocol: Any) -> None:
    messages = [b"a", b"", b"b" * 126, b"c" * 3, b"d" * 130, b"e"]
    stream = b"".join(frame(one) for one in messages)
    for place in range(len(stream) + 1):
        talk = await Conversation(protocol).begin()
        await talk.feed(stream[:place], stream[place:])
        assert await talk.heard(len(messages)) == messages, f"cut at {place}"
        await talk.end()


@PROTOCOLS
@pytest.mark.parametrize("size", [60_000, 70_000])
@pytest.mark.parametrize("early", [False, True])
async def test_what_looks_like_frames_inside_a_message_is_none(protocol: Any, size: int, early: bool) -> None:
    """Cut exactly where they would begin; begun, it may be, before the connection was let in."""
    fake = frame(b"not a frame")
    head, body = disguised(size, fake)
    segments = [body[start : start + 100 * len(fake)] for start in range(0, size, 100 * len(fake))]
    talk = Conversation(protocol)
    if early:
        talk.may_accept.clear()
        talk.protocol.data_received(REQUEST)
        talk.protocol.data_received(head + segments.pop(0))
        talk.may_accept.set()
        await talk.let_in()
    else:
        await talk.begin()
        await talk.feed(head)
    await talk.feed(*segments, frame(b"after"))
    assert await talk.heard(2) == [body, b"after"]
    await talk.end()


@PROTOCOLS
@pytest.mark.parametrize("form", [126, 127])
async def test_what_looks_like_a_frame_inside_a_head_is_none(protocol: Any, form: int) -> None:
    """The last byte of the length and the mask look like the head of another frame, and arrive by themselves."""
    body, mask = b"x" * (0x0182 if form == 126 else 0x010082), bytes([0x85, 1, 2, 3])
    length = len(body).to_bytes(2 if form == 126 else 8, "big")
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(body))
    stream = bytes([0x82, 0x80 | form]) + length + mask + masked + frame(b"after")
    talk = await Conversation(protocol).begin()
    cut_at = 1 + len(length)
    await talk.feed(stream[:cut_at], stream[cut_at:])
    assert await talk.heard(2) == [body, b"after"]
    await talk.end()


async def test_what_is_free_to_be_heard_is_heard_at_once() -> None:
    """Else the test above says nothing about the short cut. A few of these frames are never for it."""
    talk = await Conversation(HearingProtocol).begin()
    small = [bytes([number]) * number for number in range(1, 200)]
    await talk.feed(b"".join(frame(one) for one in small))
    assert (talk.at_once, talk.arrived) == (len(small), small)
    large = frame(b"x" * 70_000)
    await talk.feed(large[:50_000], large[50_000:] + frame(b"after"))
    assert talk.arrived[-2:] == [b"x" * 70_000, b"after"]
    await talk.end()


@pytest.mark.parametrize("size", [3, 200])
async def test_a_message_that_arrives_while_another_is_handled_waits_for_its_turn(size: int) -> None:
    talk = await Conversation(HearingProtocol).begin()
    talk.free.clear()
    await talk.feed(frame("first"), frame(b"b" * size))
    for _ in range(5):
        await asyncio.sleep(0)
    talk.protocol.data_received(frame(b"c" * size) + frame(b"d" * size))
    assert talk.arrived == []
    talk.free.set()
    assert await talk.heard(4) == ["first", b"b" * size, b"c" * size, b"d" * size]
    await talk.feed(frame(b"e" * size))
    assert talk.arrived[-1] == b"e" * size, "the queue is empty: at once again"
    await talk.end()


@pytest.mark.parametrize("segments", [1, 2])
async def test_a_message_does_not_overtake_one_that_its_reader_has_not_taken_yet(segments: int) -> None:
    """The reader of the first has had no turn, so nobody is busy."""
    talk = await Conversation(HearingProtocol).begin()
    first, rest = frame("first"), frame(b"second") + frame(b"third")
    for segment in [first + rest] if segments == 1 else [first, rest]:
        talk.protocol.data_received(segment)
    assert await talk.heard(3) == ["first", b"second", b"third"]
    await talk.end()


@PROTOCOLS
@pytest.mark.parametrize("seed", range(12))
async def test_who_sends_before_it_was_let_in_loses_nothing(protocol: Any, seed: int) -> None:
    rng = Random(seed)
    stream = b"".join(frame(bytes([number]) * 9) for number in range(9))
    early = rng.randrange(len(stream))
    talk = Conversation(protocol)
    talk.may_accept.clear()
    talk.protocol.data_received(REQUEST)
    talk.protocol.data_received(stream[:early])
    talk.may_accept.set()
    await talk.let_in()
    await talk.feed(*cut(stream[early:], rng))
    assert await talk.heard(9) == [bytes([number]) * 9 for number in range(9)]
    await talk.end()


BROKEN = {
    "no mask": [frame(b"hello", mask=False)],
    "a bit of an extension": [bytes([0xC2]) + frame(b"hello")[1:]],
    "an unknown kind": [bytes([0x83]) + frame(b"hello")[1:]],
    "a fragment of nothing": [frame(b"hello", opcode=Opcode.CONT)],
    "a message within a message": [frame(b"hello", fin=False), frame(b"hello")],
    "a ping in fragments": [bytes([0x09]) + frame(b"hello")[1:]],
    "a length without end": [bytes([0x82, 0xFF]) + b"\xff" * 8 + b"mask"],
}


@PROTOCOLS
@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("case", BROKEN)
async def test_a_frame_that_is_none_ends_the_line_and_nothing_after_it_is_heard(
    protocol: Any, case: str, together: bool
) -> None:
    talk = await Conversation(protocol).begin()
    segments = [*BROKEN[case], frame(b"late"), frame(b"later")]
    await talk.feed(frame(b"good"), *([b"".join(segments)] if together else segments))
    await asyncio.wait_for(talk.ended.wait(), 5)
    assert talk.arrived == [b"good"]
    assert talk.transport.closed
    assert any(written[:1] == bytes([0x80 | Opcode.CLOSE]) for written in talk.transport.written)


@PROTOCOLS
async def test_who_says_goodbye_is_not_heard_any_more(protocol: Any) -> None:
    talk = await Conversation(protocol).begin()
    await talk.feed(frame(b"good") + frame(b"\x03\xe8", opcode=Opcode.CLOSE) + frame(b"late"))
    await talk.feed(frame(b"later"))
    await asyncio.wait_for(talk.ended.wait(), 5)
    assert talk.arrived == [b"good"]
