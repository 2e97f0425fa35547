"""The two transports of docs/protocol.md, small: a line that a probe connects with its ticket, and asks over."""

import asyncio
import base64
import json
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from collab.doctor.web import Answer, Jar, NoAnswer, Site, cookie_of

PATH = "/socket.io/?EIO=4&transport="
CONNECT, EVENT, ACK, CONNECT_ERROR = 0, 2, 3, 4
SEPARATOR = "\x1e"
ANSWER_SECONDS = 10.0
# A poll is answered after one and a half heartbeats at the latest, whatever the heartbeat of the deployment is.
POLL_SECONDS = 900.0


class LineFailed(Exception):
    """A line could not be opened, was cut, or did not answer. `status` is what HTTP said, if that is why."""

    def __init__(self, said: str, status: int | None = None) -> None:
        super().__init__(said)
        self.status = status


class Refused(LineFailed):
    """The server answered the ticket with a code."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the server tells each client first. Seconds and bytes."""

    sid: str
    ping_every: float
    ping_timeout: float
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What another probe shouted, from which instance, and the loop's time when it came."""

    word: str
    instance: str
    at: float


class Line(ABC):
    """One client. `ended` is set when the line is gone; `why` then says how, `quiet` how long it had been silent."""

    kind = ""

    def __init__(self, site: Site, headers: dict[str, str] | None = None) -> None:
        self.site = site
        self.jar = Jar()
        self.heard: list[Heard] = []
        self.ended = asyncio.Event()
        self.why = ""
        # Ended by the server, and not by what is between.
        self.was_closed = False
        self.local = ""
        self.opening = Opening("", 0, 0, 0)
        self._headers = headers or {}
        self._last = asyncio.get_running_loop().time()
        self._ended_at = 0.0
        self._number = 0
        self._news = asyncio.Event()
        self._waiting: dict[int | None, asyncio.Future[dict[str, Any]]] = {}
        self._reader: asyncio.Task[None] | None = None

    @property
    def quiet(self) -> float:
        """Seconds since something came or went, or until the end."""
        return (self._ended_at or asyncio.get_running_loop().time()) - self._last

    async def greet(self) -> None:
        """Go as far as the server's first packet. Raises LineFailed."""
        await self._dial()

    async def open(self, ticket: str) -> Self:
        """Raises LineFailed; Refused when the server does not take the ticket."""
        try:
            await self.greet()
            self._reader = asyncio.create_task(self._read())
            answer = await self._call(None, {"type": CONNECT, "nsp": "/", "data": {"ticket": ticket}})
            if answer["type"] == CONNECT_ERROR:
                data = answer.get("data")
                raise Refused(str(data.get("message")) if isinstance(data, dict) else "refused")
        except BaseException:
            await self.close()
            raise
        return self

    async def ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send an event and return what is answered. Raises LineFailed."""
        self._number += 1
        packet = {"type": EVENT, "nsp": "/", "data": [event, payload], "id": self._number}
        data = (await self._call(self._number, packet)).get("data")
        answer = data[0] if isinstance(data, list) and data else None
        if not isinstance(answer, dict) or not answer.get("ok"):
            code = answer.get("code") if isinstance(answer, dict) else "nothing"
            raise LineFailed(f"`{event}` was answered with {code}")
        return answer

    async def hear(self, words: set[str], within: float) -> None:
        """Return once all these words were shouted, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not words <= {one.word for one in self.heard}:
                    self._news.clear()
                    await self._news.wait()

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    @abstractmethod
    async def _dial(self) -> None: ...

    @abstractmethod
    async def _send(self, packet: bytes) -> None: ...

    @abstractmethod
    async def _pong(self) -> None: ...

    @abstractmethod
    async def _receive(self) -> None:
        """Take what comes until the line ends. Raises LineFailed then."""

    async def _call(self, number: int | None, packet: dict[str, Any]) -> dict[str, Any]:
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        gone = asyncio.ensure_future(self.ended.wait())
        try:
            await self._send(msgpack.packb(packet))
            self._last = asyncio.get_running_loop().time()
            both: set[asyncio.Future[Any]] = {answer, gone}
            await asyncio.wait(both, timeout=ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            raise LineFailed(self.why or f"no answer within {ANSWER_SECONDS:.0f} s")
        finally:
            gone.cancel()
            answer.cancel()
            self._waiting.pop(number, None)

    async def _read(self) -> None:
        try:
            await self._receive()
        except LineFailed as error:
            self.why = str(error)
        finally:
            self._ended_at = asyncio.get_running_loop().time()
            self.ended.set()

    async def _take(self, packet: str | bytes) -> None:
        """Handle one packet of the server. Raises LineFailed when it says that this is the end."""
        self._last = asyncio.get_running_loop().time()
        if packet == "2":
            await self._pong()
        elif packet == "1":
            self.was_closed = True
            raise LineFailed("the instance closed it")
        elif isinstance(packet, bytes):
            self._take_packet(_unpack(packet))

    def _take_packet(self, fields: dict[str, Any]) -> None:
        number = fields.get("id") if fields.get("type") == ACK else None
        data = fields.get("data")
        if fields.get("type") == EVENT and isinstance(data, list) and data[0] == "heard":
            self.heard.append(Heard(str(data[1]["word"]), str(data[1]["from"]), self._last))
            self._news.set()
        elif fields.get("type") in (CONNECT, CONNECT_ERROR, ACK):
            waiting = self._waiting.get(number)
            if waiting is not None and not waiting.done():
                waiting.set_result(fields)


class WebSocketLine(Line):
    kind = "WebSocket"

    async def _dial(self) -> None:
        address = self.site.url.replace("http", "ws", 1) + PATH + "websocket"
        try:
            self._line: ClientConnection = await connect(
                address,
                ssl=self.site.tls,
                additional_headers=self._headers | self.jar.header(),
                user_agent_header="collab-doctor",
                compression=None,
                proxy=None,
                ping_interval=None,
                open_timeout=ANSWER_SECONDS,
                close_timeout=1,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            said = (error.response.body or b"").decode(errors="replace").strip()
            raise LineFailed(f"answered with {status} instead of 101{_short(said)}", status) from error
        except (OSError, TimeoutError, WebSocketException) as error:
            raise LineFailed(str(error) or "no answer") from error
        if (response := self._line.response) is not None:
            self.jar.take([cookie_of(line) for line in response.headers.get_all("Set-Cookie")])
        self.local = str(self._line.local_address[0])
        try:
            first = await asyncio.wait_for(self._line.recv(), ANSWER_SECONDS)
        except (TimeoutError, ConnectionClosed) as error:
            raise LineFailed("101, and then nothing") from error
        self.opening = opening_in(first if isinstance(first, str) else "")

    async def _send(self, packet: bytes | str) -> None:
        try:
            await self._line.send(packet)
        except ConnectionClosed as error:
            raise LineFailed("the connection was cut") from error

    async def _pong(self) -> None:
        await self._send("3")

    async def _receive(self) -> None:
        try:
            while True:
                await self._take(await self._line.recv())
        except ConnectionClosed as error:
            self.was_closed = error.rcvd is not None
            raise LineFailed("the instance closed it" if self.was_closed else "the connection was cut") from error

    async def close(self) -> None:
        await super().close()
        if hasattr(self, "_line"):
            await self._line.close()


class PollingLine(Line):
    """`requests` counts what it took so far."""

    kind = "long polling"

    def __init__(self, site: Site, headers: dict[str, str] | None = None) -> None:
        super().__init__(site, headers)
        self.requests = 0

    async def _dial(self) -> None:
        answer = await self._request("GET", PATH + "polling")
        self.local = answer.local
        self.opening = opening_in(answer.body.decode(errors="replace").split(SEPARATOR)[0])
        self._address = f"{PATH}polling&sid={self.opening.sid}"

    async def _send(self, packet: bytes) -> None:
        await self._request("POST", self._address, b"b" + base64.b64encode(packet))

    async def _pong(self) -> None:
        await self._request("POST", self._address, b"3")

    async def _receive(self) -> None:
        while True:
            answer = await self._request("GET", self._address, within=POLL_SECONDS)
            for one in answer.body.decode(errors="replace").split(SEPARATOR):
                await self._take(_decoded(one[1:]) if one.startswith("b") else one)

    async def _request(self, method: str, path: str, body: bytes = b"", *, within: float = ANSWER_SECONDS) -> Answer:
        """Raises LineFailed for anything but 200."""
        self.requests += 1
        try:
            answer = await self.site.request(method, path, self._headers | self.jar.header(), body, within=within)
        except NoAnswer as error:
            raise LineFailed(str(error)) from error
        self.jar.take(answer.cookies)
        if answer.status != 200:
            said = answer.body.decode(errors="replace").replace(self.opening.sid or "\0", "")
            raise LineFailed(f"answered with {answer.status}{_short(said)}", answer.status)
        return answer


def opening_in(packet: str) -> Opening:
    """Read Engine.IO's first packet. Raises LineFailed when it is something else."""
    try:
        fields = json.loads(packet.removeprefix("0"))
        return Opening(
            fields["sid"], fields["pingInterval"] / 1000, fields["pingTimeout"] / 1000, int(fields["maxPayload"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise LineFailed("what answers is not Engine.IO") from error


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise LineFailed("an unreadable packet") from error


def _unpack(packet: bytes) -> dict[str, Any]:
    try:
        fields = msgpack.unpackb(packet)
    except (ValueError, msgpack.UnpackException) as error:
        raise LineFailed("an unreadable packet") from error
    return fields if isinstance(fields, dict) else {}


def _short(said: str) -> str:
    """Return what an error page says, if that is a few words and no page."""
    said = said.strip('" ')
    return f" ({said})" if said and len(said) <= 80 and "<" not in said else ""
