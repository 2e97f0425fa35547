"""While one packet is being written, the next ones wait behind it: nothing goes straight past the queue."""

import asyncio
from types import SimpleNamespace
from typing import Any

import msgpack
import pytest

from rooms.live import frames, wire
from rooms.live.lines import Line
from rooms.live.transport import Server
from tests.harness.client import eventually
from tests.harness.raw import ACK, EVENT, packet
from tests.harness.segments import FakeTransport


class FakeWebSocket:
    """Each `send` waits for a turn, and takes its message only then. Nothing is ever said to the server."""

    def __init__(self, said: list[int | str]) -> None:
        self.said = said
        self.sending = 0
        self.turns = asyncio.Semaphore(0)
        self.closed = asyncio.Event()
        self.error: Exception | None = None

    async def send(self, message: bytes | str) -> None:
        self.sending += 1
        await self.turns.acquire()
        if self.error is not None:
            raise self.error
        self.said.append(meant(message) if isinstance(message, bytes) else message)

    async def wait(self) -> bytes:
        await self.closed.wait()
        raise OSError

    async def close(self) -> None:
        self.closed.set()


class Straight(FakeTransport):
    """Where whole frames are written past the WebSocket."""

    def __init__(self, said: list[int | str]) -> None:
        super().__init__()
        self.said = said
        self.waiting = 0

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def write(self, data: bytes) -> None:
        self.said.append(meant(data[2:]) if data[0] == 0x82 else data[2:].decode())


class Behind:
    """What uvicorn has behind `send`."""

    def __init__(self, transport: Any, deflate: bool) -> None:
        self.transport = transport
        self.config = SimpleNamespace(ws_per_message_deflate=deflate)

    async def send(self, message: Any) -> None: ...


def meant(payload: bytes) -> int | str:
    """Return the number in an event, or which event is answered."""
    fields = msgpack.unpackb(payload)
    return f"answer {fields['id']}" if fields["type"] == ACK else int(fields["data"][1]["n"])


def told(number: int) -> wire.Shared:
    return wire.event("told", {"n": number})


async def unused(*_: Any) -> Any:
    raise AssertionError


class Stage:
    """One line over a WebSocket that is slow to take what is said; `said` has what came out, by both ways."""

    def __init__(self, *, deflate: bool = False) -> None:
        self.said: list[int | str] = []
        self.websocket = FakeWebSocket(self.said)
        self.heard: list[str] = []
        self.server = Server(
            dispatch=unused,
            dispatch_now=self._hear,
            connect_within=10,
            max_waiting=2_000,
            max_queued=1_000_000,
            cors_allowed_origins=[],
        )
        self.line = self.server.eio.sockets["line"] = Line(self.server.eio, "line")
        self._send = Behind(Straight(self.said), deflate).send
        self.line.attach(self._send)

    def _hear(self, sid: str, event: str, frame: Any) -> dict[str, Any]:
        self.heard.append(event)
        return {"ok": True}

    def begin(self) -> "asyncio.Task[None]":
        return asyncio.create_task(self.line._websocket_handler(self.websocket))  # type: ignore[arg-type]

    def say(self, *numbers: int) -> None:
        for number in numbers:
            self.server.hand_out(told(number), [self.line])

    async def go_on(self, times: int) -> None:
        """Let so many messages out by the slow way."""
        for _ in range(times):
            before = len(self.said)
            self.websocket.turns.release()
            await eventually(lambda before=before: len(self.said) > before or self.websocket.closed.is_set())


@pytest.mark.parametrize("deflate", [False, True])
async def test_nothing_overtakes_what_is_being_written(deflate: bool) -> None:
    stage = Stage(deflate=deflate)
    stage.say(0, 1)
    handler = stage.begin()
    await eventually(lambda: stage.websocket.sending, what="the first is being written")
    stage.say(2)
    assert (stage.said, stage.line.straight) == ([], None)
    await stage.go_on(1)
    stage.say(3)
    stage.line.push(wire.Control(6))
    await stage.go_on(3)
    stage.say(4)
    assert stage.said == [0, 1, 2, 3]
    await stage.go_on(2)
    assert stage.said == [0, 1, 2, 3, "6", 4]
    if deflate:
        assert stage.line.straight is None
        stage.say(5)
        await stage.go_on(1)
    else:
        await eventually(lambda: stage.line.straight, what="the queue is empty")
        stage.say(5)
    assert stage.said == [0, 1, 2, 3, "6", 4, 5]
    await stage.websocket.close()
    await asyncio.wait_for(handler, 5)


async def test_what_is_said_at_the_end_of_a_write_waits_for_the_next_one() -> None:
    """The writer is between two packets: the queue is empty for it, and what comes now is still its."""
    stage = Stage()
    stage.say(0)
    handler = stage.begin()
    await eventually(lambda: stage.websocket.sending)
    expected: list[int | str] = []
    for number in range(20):
        stage.websocket.turns.release()
        for _ in range(number % 4):
            await asyncio.sleep(0)
        stage.say(2 * number + 1, 2 * number + 2)
        expected += [2 * number + 1, 2 * number + 2]
    stage.websocket.turns.release()
    for _ in range(50):
        stage.websocket.turns.release()
    await eventually(lambda: len(stage.said) == 41)
    assert stage.said == [0, *expected]
    await stage.websocket.close()
    await asyncio.wait_for(handler, 5)


async def test_the_end_comes_after_all_that_was_said() -> None:
    stage = Stage()
    stage.say(0, 1)
    handler = stage.begin()
    await eventually(lambda: stage.websocket.sending)
    await stage.server.kick(stage.line)
    stage.say(2)
    await stage.go_on(3)
    assert stage.said == [0, 1, "1"], "and nothing after it"
    await eventually(stage.websocket.closed.is_set, what="closed")
    await asyncio.wait_for(handler, 5)


async def test_who_is_cut_off_gets_nothing_of_what_waited() -> None:
    stage = Stage()
    stage.say(0, 1, 2)
    handler = stage.begin()
    await eventually(lambda: stage.websocket.sending)
    await stage.server.kick(stage.line, abort=True)
    await stage.go_on(1)
    await eventually(stage.websocket.closed.is_set, what="closed")
    assert stage.said == [0], "this one was on its way"
    assert stage.line.transport is not None
    assert stage.line.transport.is_closing(), "the transport is cut: whatever it holds would wait for a reader"
    await asyncio.wait_for(handler, 5)


async def test_a_write_that_fails_ends_the_line() -> None:
    stage = Stage()
    stage.say(0, 1)
    handler = stage.begin()
    await eventually(lambda: stage.websocket.sending)
    stage.websocket.error = ConnectionResetError()
    stage.websocket.turns.release()
    await asyncio.wait_for(handler, 5)
    assert stage.line.closed
    assert stage.said == []


async def test_a_line_without_words_keeps_no_queue() -> None:
    """A queue of asyncio's takes more than all the rest of an idle line."""
    stage = Stage()
    stage.say(0)
    handler = stage.begin()
    await stage.go_on(1)
    await eventually(lambda: stage.line.straight)
    assert stage.line._queue is None
    stage.say(1)
    assert stage.line._queue is None
    await stage.websocket.close()
    await asyncio.wait_for(handler, 5)


async def test_s9_a_reader_that_is_behind_has_its_words_in_the_queue_and_each_counts() -> None:
    """A transport takes far more for a frame than its bytes: of small ones 4 MiB would be 60 MB, for each reader."""
    stage = Stage()
    handler = stage.begin()
    await eventually(lambda: stage.line.straight)
    transport: Any = stage.line.transport
    stage.say(0)
    transport.waiting = frames.ENOUGH_BYTES + 1
    stage.say(1)
    later = wire.Later()
    later.line, later.ack_id = stage.line, 2
    stage.server.reply([later], {"ok": True})
    assert stage.said == [0]
    await stage.go_on(2)
    transport.waiting = 0
    await eventually(lambda: stage.line.straight, what="it has caught up")
    stage.say(3)
    assert stage.said == [0, 1, "answer 2", 3]
    transport.waiting = frames.ENOUGH_BYTES + 1
    slow: list[wire.Line] = []
    for number in range(4_000):
        wire.hand_out(told(number), [stage.line], max_queued=1_000_000, too_slow=slow.append)
    assert stage.line.queue.qsize() < 1_000_000 // wire.PACKET_BYTES
    assert slow
    stage.line.drop_queued()
    assert stage.line.queue.held == 0
    await stage.websocket.close()
    stage.websocket.turns.release()
    await asyncio.wait_for(handler, 5)


async def test_a_line_that_ends_says_and_hears_nothing_more() -> None:
    """What comes in the moment between the decision and the end is too late, on every way."""
    stage = Stage()
    handler = stage.begin()
    await eventually(lambda: stage.line.straight)
    stage.line.client_sid = "bob"
    assert stage.line.hear_now(packet(EVENT, ["said", {}]))
    await stage.server.kick(stage.line)
    stage.line.push(told(1))
    stage.say(2)
    assert not stage.line.hear_now(packet(EVENT, ["late", {}]))
    await asyncio.wait_for(handler, 5)
    assert (stage.said, stage.heard) == (["1"], ["said"])


async def test_who_answers_no_ping_is_cut_off() -> None:
    """Half open, nothing would ever be read from it: what it was last told would be kept for a reader."""
    stage = Stage()
    handler = stage.begin()
    await eventually(lambda: stage.line.straight)
    transport = stage.line.transport
    assert transport is not None
    await stage.line.close(wait=False, reason=stage.server.reason.PING_TIMEOUT)
    assert transport.is_closing()
    await asyncio.wait_for(handler, 5)


async def test_an_answer_that_comes_later_takes_its_turn_too() -> None:
    stage = Stage()
    stage.say(0)
    handler = stage.begin()
    await eventually(lambda: stage.websocket.sending)

    def answer(*numbers: int) -> None:
        asked = [wire.Later() for _ in numbers]
        for later, number in zip(asked, numbers, strict=True):
            later.line, later.ack_id = stage.line, number
        stage.server.reply(asked, {"ok": True})

    answer(1, 2)
    stage.say(3)
    await stage.go_on(4)
    assert stage.said == [0, "answer 1", "answer 2", 3]
    await eventually(lambda: stage.line.straight)
    stage.say(4)
    answer(5)
    assert stage.said[4:] == [4, "answer 5"]
    await stage.websocket.close()
    await asyncio.wait_for(handler, 5)
