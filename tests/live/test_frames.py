"""A frame of ours is a frame, and is written past the server only where that is safe; an inbox is a queue."""

import asyncio
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.frames import Opcode

from rooms.live import frames
from rooms.live.frames import Inbox
from tests.harness.segments import FakeTransport, parsed

# Where the length of a frame changes its form.
SIZES = (0, 1, 125, 126, 127, 65_535, 65_536, 70_000)


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_of_ours_is_read_back_as_it_was(size: int) -> None:
    payload = Random(size).randbytes(size)
    head = 2 if size < 126 else 4 if size < 65_536 else 10
    assert len(frames.binary(payload)) == head + size, "the shortest form of a length is the only right one"
    (read,) = parsed(frames.binary(payload))
    assert (read.opcode, read.fin, read.rsv1, bytes(read.data)) == (Opcode.BINARY, True, False, payload)
    words = "ä" * (size // 2) + "x" * (size % 2)
    (read,) = parsed(frames.text(words))
    assert (read.opcode, read.fin, read.rsv1, bytes(read.data)) == (Opcode.TEXT, True, False, words.encode())


class Uvicorn:
    """What there is behind `send`, as far as `frames` looks at it."""

    def __init__(self, transport: Any, **config: Any) -> None:
        self.transport = transport
        self.config = SimpleNamespace(**config)

    async def send(self, message: Any) -> None: ...


async def _nobody(message: Any) -> None: ...


async def test_without_a_transport_or_with_state_between_frames_nothing_is_written_past_the_server() -> None:
    transport = FakeTransport()
    assert frames.transport_of(Uvicorn(transport).send) is transport
    assert frames.may_write(Uvicorn(transport, ws_per_message_deflate=False).send)
    assert not frames.may_write(Uvicorn(transport, ws_per_message_deflate=True).send)
    assert not frames.may_write(Uvicorn(transport).send), "unknown is no"
    for stranger in (None, _nobody, Uvicorn(None).send, Uvicorn(SimpleNamespace(write=print)).send):
        assert frames.transport_of(stranger) is None
        assert not frames.may_write(stranger)
        frames.listen(stranger, lambda message: True)


# --- Inbox -----------------------------------------------------------------------------------------------------


async def test_an_inbox_keeps_the_order_whether_somebody_waits_or_not() -> None:
    inbox = Inbox()
    assert inbox.empty()
    waiting = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    for number in range(3):
        inbox.put_nowait(number)
    assert not inbox.empty()
    assert [await waiting, await inbox.get(), await inbox.get()] == [0, 1, 2]
    assert inbox.empty()
    inbox.put_nowait(3)
    assert await inbox.get() == 3


@pytest.mark.parametrize("when", ["before it comes", "after it came"])
async def test_a_reader_of_an_inbox_that_is_cancelled_takes_nothing_with_it(when: str) -> None:
    inbox = Inbox()
    reader = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    if when == "before it comes":
        reader.cancel()
        await asyncio.sleep(0)
    inbox.put_nowait("kept")
    inbox.put_nowait("and this")
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert [await inbox.get(), await inbox.get()] == ["kept", "and this"]
    later = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    inbox.put_nowait("later")
    assert await asyncio.wait_for(later, 5) == "later"
