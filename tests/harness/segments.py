"""One WebSocket connection of uvicorn's, without a network: bytes go in as the segments that a test cuts."""

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import uvicorn
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from rooms.live.frames import listen

REQUEST = (
    b"GET /socket.io/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)

# Nothing here waits for a network.
SOON = 5


class FakeTransport:
    """Keeps what is written; reading pauses and goes on as the protocol asks."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.wrote = asyncio.Event()
        self.reading = asyncio.Event()
        self.reading.set()
        self.closed = False
        # What waits for a reader, in bytes.
        self.waiting = 0

    def write(self, data: bytes) -> None:
        self.written.append(bytes(data))
        self.wrote.set()

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True
        self.reading.set()

    abort = close

    def pause_reading(self) -> None:
        self.reading.clear()

    def resume_reading(self) -> None:
        self.reading.set()

    def get_extra_info(self, name: str) -> None:
        return None


class Conversation:
    """An application that takes messages at once, or later, one after the other: `arrived` has all of them in order.

    It is busy with a message of its queue until `free` is set, and takes nothing at once while it is; of the rest it
    takes at once what `may_hear` says.
    """

    def __init__(self, protocol: Any) -> None:
        self.arrived: list[bytes | str] = []
        self._arrived = asyncio.Event()
        self.at_once = 0
        self.ended = asyncio.Event()
        self.free = asyncio.Event()
        self.free.set()
        self.may_accept = asyncio.Event()
        self.may_accept.set()
        self.may_hear: Callable[[], bool] = lambda: True
        self._busy = False
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            ws=protocol,
            ws_per_message_deflate=False,
            log_config=None,
            log_level="critical",
        )
        config.load()
        self.transport = FakeTransport()
        self.protocol: Any = protocol(config, ServerState(), {}, asyncio.get_running_loop())
        self.protocol.connection_made(self.transport)

    async def begin(self) -> "Conversation":
        self.protocol.data_received(REQUEST)
        await self.let_in()
        return self

    async def let_in(self) -> None:
        """Return once the handshake is answered."""
        await asyncio.wait_for(self.transport.wrote.wait(), SOON)

    async def feed(self, *segments: bytes, rng: Random | None = None) -> None:
        """Give the connection these segments, while it reads; with `rng`, now and then after others had their turn."""
        for segment in segments:
            for _ in range(rng.randint(0, 2) if rng else 0):
                await asyncio.sleep(0)
            await self.transport.reading.wait()
            if not self.transport.closed:
                self.protocol.data_received(segment)

    async def heard(self, messages: int) -> list[bytes | str]:
        """Return what has arrived, once it is so many messages."""
        async with asyncio.timeout(SOON):
            while len(self.arrived) < messages:
                self._arrived.clear()
                await self._arrived.wait()
        return self.arrived

    async def end(self) -> None:
        """Hang up, and wait until the application has noticed."""
        self.free.set()
        self.may_accept.set()
        self.protocol.connection_lost(None)
        async with asyncio.timeout(SOON):
            await self.ended.wait()

    def _hear(self, message: bytes) -> bool:
        if self._busy or not self.may_hear():
            return False
        self.arrived.append(message)
        self._arrived.set()
        self.at_once += 1
        return True

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await self.may_accept.wait()
        await send({"type": "websocket.accept"})
        listen(send, self._hear)
        while (message := await receive())["type"] == "websocket.receive":
            self._busy = True
            await self.free.wait()
            self.arrived.append(message["text"] if message.get("bytes") is None else message["bytes"])
            self._arrived.set()
            self._busy = False
        listen(send, None)
        self.ended.set()


def frame(data: bytes | str, *, opcode: Opcode | None = None, fin: bool = True, mask: bool = True) -> bytes:
    """Return one frame as a browser sends it."""
    payload = data.encode() if isinstance(data, str) else data
    kind = opcode if opcode is not None else Opcode.TEXT if isinstance(data, str) else Opcode.BINARY
    return bytes(Frame(kind, payload, fin).serialize(mask=mask))


def disguised(size: int, inside: bytes) -> tuple[bytes, bytes]:
    """Return the head and the body of a binary frame of `size` bytes whose body reads `inside`, again and again.

    Its mask is nothing, so what looks like frames in it stands there as it is.
    """
    length = bytes([0xFE]) + size.to_bytes(2, "big") if size < 65_536 else bytes([0xFF]) + size.to_bytes(8, "big")
    return bytes([0x82]) + length + bytes(4), (inside * (size // len(inside) + 1))[:size]


def fragmented(data: bytes, pieces: int, between: bytes = b"") -> bytes:
    """Return one binary message in several frames, with `between` (a ping, say) between them."""
    size = max(1, len(data) // pieces)
    parts = [data[size * number : size * (number + 1)] for number in range(pieces - 1)] + [data[size * (pieces - 1) :]]
    frames = [
        frame(part, opcode=Opcode.CONT if number else Opcode.BINARY, fin=number == pieces - 1)
        for number, part in enumerate(parts)
    ]
    return between.join(frames)


def cut(data: bytes, rng: Random) -> Sequence[bytes]:
    """Cut a stream into segments of any size: of a byte, of part of a head, of many frames."""
    segments = []
    while data:
        size = rng.choice((1, 2, 3, 5, 7, 20, 100, 1_000, 5_000, 100_000))
        segments.append(data[:size])
        data = data[size:]
    return segments


def parsed(data: bytes) -> list[Frame]:
    """Read what a server sent with the library, which must take every byte of it."""
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    frames = []
    while reader.buffer:
        try:
            next(Frame.parse(reader.read_exact, mask=False))
        except StopIteration as done:
            frames.append(done.value)
        else:
            raise AssertionError("the last frame is cut off")
    return frames
