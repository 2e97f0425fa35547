"""The line without a library: frames as a hostile or broken client writes them, on both transports."""

import asyncio
import base64
import io
from typing import Any, Self

import aiohttp
import msgpack
import pytest
from pycrdt import Doc

from tests.harness.client import ANSWER_SECONDS

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT = range(6)
SEPARATOR = "\x1e"
# A line that the server does not close in turn is dropped.
_CLOSING = aiohttp.ClientWSTimeout(ws_close=0.5)


def packet(kind: int, data: Any = None, id: int | None = None, **fields: Any) -> bytes:
    """Encode a Socket.IO packet."""
    body: dict[str, Any] = {"type": kind, "nsp": "/", "data": data, **fields}
    if id is not None:
        body["id"] = id
    encoded: bytes = msgpack.packb(body)
    return encoded


class Raw:
    """What both transports have in common. `heard` has every Socket.IO packet that arrived."""

    def __init__(self, url: str, session: str | None, **headers: str) -> None:
        self.url = url
        self.headers = dict(headers)
        if session is not None:
            self.headers["Cookie"] = f"sessionid={session}"
        self.heard: list[dict[str, Any]] = []
        self.closed = asyncio.Event()
        self._ids = 0
        self._reader: asyncio.Task[None] | None = None
        self._http: aiohttp.ClientSession | None = None

    @property
    def http(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._http

    def events(self, name: str) -> list[Any]:
        return [one["data"][1] for one in self.heard if one["type"] == EVENT and one["data"][0] == name]

    def answers(self) -> dict[int, Any]:
        return {one["id"]: one["data"] for one in self.heard if one["type"] == ACK}

    def number(self) -> int:
        self._ids += 1
        return self._ids

    async def send(self, *packets: bytes) -> None:
        raise NotImplementedError

    async def greet(self) -> dict[str, Any]:
        """Send CONNECT and return the packet that answers it."""
        await self.send(packet(CONNECT))
        return await self.hear(lambda one: one["type"] in (CONNECT, CONNECT_ERROR))

    async def ask(self, event: str, payload: Any) -> Any:
        """Send one event and return what the answer carries: a list."""
        number = self.number()
        await self.send(packet(EVENT, [event, payload], number))
        return (await self.hear(lambda one: one["type"] == ACK and one["id"] == number))["data"]

    async def hear(self, wanted: Any) -> dict[str, Any]:
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                for one in self.heard:
                    if wanted(one):
                        return one
                await asyncio.sleep(0.005)

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._http is not None:
            await self._http.close()


class RawWebSocket(Raw):
    """`frame` sends anything at all. With `reading=False` nothing is taken off the line."""

    # How many bits of a window are offered for compression; 0: none is.
    compress = 0

    async def dial(self, *, reading: bool = True) -> Self:
        address = self.url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        self.line = await self.http.ws_connect(
            address, headers=self.headers, max_msg_size=0, timeout=_CLOSING, compress=self.compress
        )
        self.opening = await self.line.receive()
        if reading:
            self.read()
        return self

    def read(self) -> None:
        self._reader = asyncio.create_task(self._read())

    async def frame(self, data: str | bytes) -> None:
        await (self.line.send_str(data) if isinstance(data, str) else self.line.send_bytes(data))

    async def send(self, *packets: bytes) -> None:
        for one in packets:
            await self.frame(one)

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        if hasattr(self, "line"):
            await self.line.close()
        await super().close()

    async def _read(self) -> None:
        async for message in self.line:
            if message.type is aiohttp.WSMsgType.BINARY:
                self.heard.append(msgpack.unpackb(message.data))
            elif message.data == "2":
                await self.line.send_str("3")
        self.closed.set()


class RawPolling(Raw):
    """`post` sends any body at all."""

    async def dial(self, *, reading: bool = True) -> Self:
        async with self.http.get(f"{self.url}/socket.io/?EIO=4&transport=polling", headers=self.headers) as answer:
            self.status, self.body = answer.status, await answer.text()
        if self.status == 200:
            self.sid = sid_in(self.body)
            if reading:
                self._reader = asyncio.create_task(self._read())
        return self

    @property
    def address(self) -> str:
        return f"{self.url}/socket.io/?EIO=4&transport=polling&sid={self.sid}"

    async def post(self, body: str | bytes) -> int:
        data = io.BytesIO(body.encode() if isinstance(body, str) else body)
        async with self.http.post(self.address, data=data, headers=self.headers) as answer:
            await answer.read()
            return answer.status

    async def send(self, *packets: bytes) -> None:
        await self.post(SEPARATOR.join("b" + base64.b64encode(one).decode() for one in packets))

    async def _read(self) -> None:
        while True:
            async with self.http.get(self.address, headers=self.headers) as answer:
                body = await answer.text()
                if answer.status != 200:
                    break
            for one in body.split(SEPARATOR):
                if one.startswith("b"):
                    self.heard.append(msgpack.unpackb(base64.b64decode(one[1:])))
                elif one == "2":
                    await self.post("3")
                elif one == "1":
                    self.closed.set()
                    return
        self.closed.set()


def sid_in(body: str) -> str:
    """Return the Engine.IO id out of the opening packet, which is JSON."""
    return body.split('"sid":"', 1)[1].split('"', 1)[0]


BOTH = pytest.mark.parametrize("transport", [RawWebSocket, RawPolling])
# Far less than the minute that the libraries take by themselves.
SOON = 5.0


def opening(document: str, doc: Doc[Any] | None = None) -> dict[str, Any]:
    """Return the payload of `open` for a client that holds nothing yet."""
    return {"document": document, "have": b"\x00", "client_id": doc.client_id if doc else 77, "epoch": None}
