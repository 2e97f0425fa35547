"""A client of docs/protocol.md in Python: pycrdt for the words, python-socketio for the line."""

import asyncio
from collections import defaultdict
from typing import Any

import aiohttp
import pycrdt
import socketio
from pycrdt import Doc, Text

ANSWER_SECONDS = 10


async def eventually(condition: Any, *, seconds: float = 10.0, what: str = "") -> Any:
    """Return the first true value of `condition()`, or raise AssertionError after `seconds`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        value = condition()
        if value:
            return value
        if loop.time() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        await asyncio.sleep(0.01)


class Refused(Exception):
    """The server answered with a code."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(f"{answer['code']}: {answer.get('message')}")
        self.code = answer["code"]
        self.answer = answer


class Client:
    """One socket of one person."""

    def __init__(
        self, url: str, session: str | None, *, transport: str = "websocket", auth: Any = None, **headers: str
    ) -> None:
        self.auth = auth
        self.url = url
        self.session = session
        self.transport = transport
        self.headers = dict(headers)
        if session is not None:
            self.headers["Cookie"] = f"sessionid={session}"
        self.events: dict[str, list[Any]] = defaultdict(list)
        self.pages: dict[str, Page] = {}
        self.disconnected = asyncio.Event()
        self.refusal: Any = None
        self._http: aiohttp.ClientSession | None = None
        self.sio: socketio.AsyncClient | None = None

    async def connect(self) -> "Client":
        if self._http is not None:
            await self.close()
        self._http = self._browsing()
        self.sio = socketio.AsyncClient(reconnection=False, serializer="msgpack", http_session=self._http)
        self.disconnected.clear()
        self.sio.on("disconnect", lambda reason=None: self.disconnected.set())
        self.sio.on("connect_error", self._refused)
        for name in ("edited", "people", "renamed", "commented", "access", "drain", "signed_out", "heard"):
            self.sio.on(name, self._listener(name))
        await self.sio.connect(
            self.url,
            headers=dict(self.headers),
            auth=self.auth,
            transports=[self.transport],
            wait_timeout=ANSWER_SECONDS,
        )
        return self

    def _browsing(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    def _refused(self, data: Any) -> None:
        self.refusal = data

    def _listener(self, name: str) -> Any:
        def hear(payload: dict[str, Any]) -> None:
            self.events[name].append(payload)
            if name == "edited" and payload["document"] in self.pages:
                self.pages[payload["document"]].take(payload["update"])

        return hear

    async def call(self, event: str, payload: Any) -> dict[str, Any]:
        """Send one event and return its answer. Raises Refused."""
        assert self.sio is not None
        answer: dict[str, Any] = await self.sio.call(event, payload, timeout=ANSWER_SECONDS)
        if not answer["ok"]:
            raise Refused(answer)
        return answer

    async def open(self, document: str, page: "Page | None" = None) -> "Page":
        """Open a document, with the copy that `page` holds if given; send back what the server lacks."""
        page = page or Page()
        page.client, page.key = self, document
        self.pages[document] = page
        answer = await self.call(
            "open",
            {"document": document, "have": page.doc.get_state(), "client_id": page.doc.client_id, "epoch": page.epoch},
        )
        page.epoch = answer["epoch"]
        page.role = answer["role"]
        page.you = answer["you"]
        page.people = answer["people"]
        page.others = answer["others"]
        page.take(answer["update"])
        lacking = page.doc.get_update(answer["have"])
        if page.unsaved:
            await self.call("edit", {"document": document, "update": lacking})
            page.unsaved = False
        return page

    async def close(self) -> None:
        """Hang up without a word: what a lost connection looks like."""
        if self.sio is not None and self.sio.eio.state != "disconnected":
            await self.sio.eio.disconnect(abort=True)
        if self._http is not None:
            await self._http.close()


class Page:
    """One copy of one document, with its text under the root "text"."""

    def __init__(self) -> None:
        self.doc: Doc[Any] = Doc()
        self.text = self.doc.get("text", type=Text)
        self.epoch: int | None = None
        self.role = ""
        self.you = ""
        self.people: list[dict[str, Any]] = []
        self.others = 0
        self.unsaved = False
        self.client: Client | None = None
        self.key = ""

    def take(self, update: bytes) -> None:
        self.doc.apply_update(update)

    def write(self, at: int, text: str) -> bytes:
        """Insert `text` at a byte offset; return the update."""
        before = self.doc.get_state()
        self.text.insert(at, text)
        return self.doc.get_update(before)

    async def type(self, text: str, at: int | None = None) -> int:
        """Write `text` (at the end, if `at` is not given), send it and return the acknowledged seq."""
        assert self.client is not None
        update = self.write(len(str(self.text).encode()) if at is None else at, text)
        self.unsaved = True
        answer = await self.client.call("edit", {"document": self.key, "update": update})
        self.unsaved = False
        seq: int = answer["seq"]
        return seq

    def __str__(self) -> str:
        return str(self.text)


def state(page: Page) -> dict[int, int]:
    """Return the state vector of a page as client → clock."""
    from rooms.core import state as vectors

    return vectors.decode(page.doc.get_state())


__all__ = ["Client", "Page", "Refused", "eventually", "pycrdt", "state"]
