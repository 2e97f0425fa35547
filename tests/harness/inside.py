"""The live part inside the test's own process: real handlers, queue, documents and database, no network."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgpack

from rooms import access, announcements
from rooms.live.app import Live
from rooms.live.participants import Client
from rooms.live.wire import Later, Queue
from rooms.models import User
from tests.harness.client import Page, Refused
from tests.harness.orm import orm
from tests.harness.people import sign_in


class FakeSocket:
    """What an Engine.IO socket is to the live part: a queue, and whether it is closed."""

    straight: Any = None
    transport: Any = None

    def __init__(self, gone: Any, sid: str = "line") -> None:
        self.sid = sid
        self.queue = Queue()
        self.closed = self.closing = False
        self._gone = gone

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        if not self.closed:
            self.closed = self.closing = True
            await self._gone()

    def push(self, packet: Any) -> None:
        self.queue.put_nowait(packet)

    def drop_queued(self) -> None:
        self.queue = Queue()

    def frames(self) -> list[tuple[str, Any]]:
        """Take what is queued: (event, payload) each."""
        taken = []
        while not self.queue.empty():
            shared = self.queue.get_nowait()
            if shared is not None:
                name, payload = msgpack.unpackb(shared.data)["data"]
                taken.append((name, payload))
        return taken


class Visitor:
    """One connected client. Frames wait in its socket until `hear` takes them."""

    def __init__(self, live: Live, client: Client, socket: FakeSocket) -> None:
        self.live, self.client, self.socket = live, client, socket
        self.pages: dict[str, Page] = {}
        self.events: list[tuple[str, Any]] = []

    async def send(self, event: str, frame: Any) -> "asyncio.Future[dict[str, Any]]":
        """Dispatch one event and return the future of its answer."""
        done = asyncio.get_running_loop().create_future()
        answer = await self.live._dispatch(self.client.sid, event, frame)
        if isinstance(answer, Later):
            answer.hear = done.set_result
        else:
            done.set_result(answer)
        return done

    async def call(self, event: str, frame: Any) -> dict[str, Any]:
        """Raises Refused."""
        answer = await (await self.send(event, frame))
        if not answer["ok"]:
            raise Refused(answer)
        return answer

    def hear(self) -> None:
        for name, payload in self.socket.frames():
            self.events.append((name, payload))
            if name == "edited" and payload["document"] in self.pages:
                self.pages[payload["document"]].take(payload["update"])

    def heard(self, name: str) -> list[Any]:
        self.hear()
        return [payload for event, payload in self.events if event == name]

    async def open(self, key: str, page: Page | None = None) -> Page:
        """As tests.harness.client.Client.open: afterwards both have everything."""
        page = page or Page()
        self.pages[key] = page
        page.client, page.key = self, key  # type: ignore[assignment]
        answer = await self.call(
            "open",
            {"document": key, "have": page.doc.get_state(), "client_id": page.doc.client_id, "epoch": page.epoch},
        )
        page.epoch, page.role, page.you = (answer[name] for name in ("epoch", "role", "you"))
        page.people, page.others = answer["people"], answer["others"]
        page.take(answer["update"])
        if page.unsaved:
            await self.call("edit", {"document": key, "update": page.doc.get_update(answer["have"])})
            page.unsaved = False
        return page

    async def hang_up(self) -> None:
        await self.socket.close()


class Inside:
    """`async with Inside() as inside`: a Live that a test drives step by step; its loops do not run by themselves."""

    async def __aenter__(self) -> "Inside":
        self.live = Live()
        self._numbers = 0
        self._deaf: Callable[[], None] = lambda: None
        return self

    def listen(self) -> None:
        """Act on changes of access as soon as this process has committed them."""
        loop = asyncio.get_running_loop()
        self._deaf = announcements.listen(lambda: loop.call_soon_threadsafe(self.live.watch.nudge))

    async def __aexit__(self, *error: Any) -> None:
        self._deaf()
        await self.live.commits.drain()
        self.live.documents.stop()
        await self.live.handlers.beside.stop()
        for timer in self.live.people._due.values():
            timer.cancel()
        await asyncio.gather(*self.live.sio._tasks, return_exceptions=True)
        await self.live.database.close()

    async def visit(self, user: User) -> Visitor:
        """Connect as `user`, with a session of its own."""
        session = await orm(sign_in, user)
        person = await self.live.database.read(access.person_of, session)
        assert person is not None
        self._numbers += 1
        sid = f"sid-{self._numbers}"

        async def gone() -> None:
            await self.live._on_disconnect(sid, "transport close")

        socket = FakeSocket(gone, sid)
        client = Client(sid, socket, session, person)
        self.live.enter(client)
        return Visitor(self.live, client, socket)
