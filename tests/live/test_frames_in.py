"""However bytes arrive, the same messages are heard, in the same order, as uvicorn's own class would have it."""

import asyncio
from random import Random
from typing import Any

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Opcode

from rooms.live import frames
from rooms.live.frames import HearingProtocol
from tests.harness.client import eventually
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


# --- Floods ------------------------------------------------------------------------------------------------------

SMALL_FRAMES = {
    "ping": frame(b"", opcode=Opcode.PING),
    "ping with words": frame(b"x" * 125, opcode=Opcode.PING),
    "pong": frame(b"", opcode=Opcode.PONG),
    "text": frame("3"),
    "piece of nothing": frame(b"", opcode=Opcode.CONT, fin=False),
    "piece of a letter": frame(b"x", opcode=Opcode.CONT, fin=False),
    "message in two pieces": frame(b"x", fin=False) + frame(b"", opcode=Opcode.CONT),
}
# As many as may come together.
MANY = int(frames.SMALL_FRAMES_PER_SECOND * frames.SMALL_FRAMES_SECONDS)


@pytest.mark.parametrize("kind", SMALL_FRAMES)
@pytest.mark.parametrize("at_once", [False, True])
async def test_who_sends_nearly_nothing_again_and_again_is_cut_off(kind: str, at_once: bool) -> None:
    talk = await Conversation(HearingProtocol).begin()
    flood = [SMALL_FRAMES[kind]] * 10 * MANY
    begun = [frame(b"x", fin=False)] if kind.startswith("piece") else []
    async with asyncio.timeout(10):
        await talk.feed(*begun, *([b"".join(flood)] if at_once else flood))
    assert talk.transport.closed
    answered = parsed(b"".join(talk.transport.written[1:]))
    assert len(answered) <= MANY + frames.SLICE_BYTES // 6, "those of one slice are answered together"
    assert len(talk.arrived) <= MANY + 1
    assert sum(map(len, talk.protocol.frames)) + len(talk.protocol.frames) <= 2 * (MANY + 2)
    await talk.end()


@pytest.mark.parametrize("kind", ["ping", "pong", "text", "message in two pieces"])
async def test_who_sends_a_few_is_not(kind: str) -> None:
    """Also when they come together: somebody was on a train."""
    talk = await Conversation(HearingProtocol).begin()
    await talk.feed(SMALL_FRAMES[kind] * (MANY // 4), frame(b"after"))
    await eventually(lambda: talk.arrived[-1:] == [b"after"], what="heard")
    assert not talk.transport.closed
    await talk.end()


async def test_a_large_message_may_come_in_pieces_and_many_small_ones_whole() -> None:
    talk = await Conversation(HearingProtocol).begin()
    talk.protocol.conn.max_message_size = 2_000_000
    paste = b"p" * 1_048_576
    await talk.feed(frame(b"x") * 10 * MANY, fragmented(paste, 256), fragmented(paste, 1_024), frame(b"x") * 10 * MANY)
    arrived = await talk.heard(20 * MANY + 2)
    assert [len(one) for one in arrived if one != b"x"] == [len(paste)] * 2
    assert not talk.transport.closed
    await talk.end()


async def test_a_reader_that_is_behind_gets_no_pongs() -> None:
    """Each would wait for it, for ever."""
    talk = await Conversation(HearingProtocol).begin()
    talk.transport.waiting = frames.ENOUGH_BYTES + 1
    await talk.feed(SMALL_FRAMES["ping"], frame(b"heard"))
    assert (await talk.heard(1), talk.transport.written[1:]) == ([b"heard"], [])
    talk.transport.waiting = 0
    await talk.feed(SMALL_FRAMES["ping"])
    assert [one.opcode for one in parsed(b"".join(talk.transport.written[1:]))] == [Opcode.PONG]
    await talk.end()


async def test_what_comes_while_a_message_is_handled_waits_as_bytes() -> None:
    """As messages, 256 KiB of small ones would be 20 MB."""
    talk = await Conversation(HearingProtocol).begin()
    talk.free.clear()
    await talk.feed(frame("first"))
    for _ in range(5):
        await asyncio.sleep(0)
    many = [number.to_bytes(4) for number in range(20_000)]
    talk.protocol.data_received(b"".join(frame(one) for one in many))
    assert len(talk.protocol.queue._items) < frames.SLICE_BYTES
    talk.free.set()
    assert await talk.heard(1 + len(many)) == ["first", *many]
    assert await asyncio.wait_for(talk.transport.reading.wait(), 5), "and is read on"
    await talk.feed(frame(b"after"))
    assert talk.arrived[-1] == b"after"
    await talk.end()


async def test_who_goes_on_after_the_end_is_not_read() -> None:
    """The answer to the end may take a round trip, and an edit may be on its way; thousands of them are not."""
    talk = await Conversation(HearingProtocol).begin()
    await talk.protocol.send({"type": "websocket.close"})
    await talk.feed(frame(b"on its way"))
    assert talk.transport.reading.is_set()
    talk.protocol.data_received(frame(b"x" * 1_000) * 10 * MANY)
    assert not talk.transport.reading.is_set()
    assert not talk.transport.closed, "it has its time to read why"
    await talk.end()


async def test_who_sends_much_before_it_was_let_in_is_cut_off() -> None:
    talk = Conversation(HearingProtocol)
    talk.may_accept.clear()
    talk.protocol.data_received(REQUEST)
    for _ in range(3):
        assert not talk.transport.closed
        talk.protocol.data_received(frame(b"x" * (frames.EARLY_BYTES // 3)))
    assert talk.transport.closed
    talk.protocol.connection_lost(None)
