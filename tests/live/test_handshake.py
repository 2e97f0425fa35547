"""A handshake asks the database nothing: who it is, is read at CONNECT, for all who connect at once in one read."""

import asyncio
import base64
import runpy
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgpack
import pytest
import pytest_asyncio
from django.conf import settings
from django.db.backends.utils import CursorWrapper

from rooms import access
from tests.harness.client import eventually
from tests.harness.orm import orm
from tests.harness.people import Cast, sign_in
from tests.harness.raw import CONNECT, CONNECT_ERROR, packet, sid_in


class Line:
    """One ASGI connection of a client with this cookie: what the application is sent, and what it says."""

    def __init__(
        self,
        application: Any,
        kind: str,
        cookie: str,
        query: str,
        *,
        method: str = "GET",
        path: str = "/socket.io/",
        content_length: int = 0,
    ) -> None:
        self.said: list[dict[str, Any]] = []
        self._coming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope: dict[str, Any] = {
            "type": kind,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"host", b"testserver"), (b"cookie", cookie.encode())],
            "http_version": "1.1",
            "asgi": {"version": "3.0"},
            "client": ("127.0.0.1", 1),
        }
        if kind == "websocket":
            scope["headers"] += [(b"upgrade", b"websocket"), (b"connection", b"Upgrade")]
            self.hear({"type": "websocket.connect"})
        else:
            scope["method"] = method
            scope["headers"].append((b"content-length", str(content_length).encode()))
        self.running = asyncio.create_task(application(scope, self._coming.get, self._send))

    def hear(self, *messages: dict[str, Any]) -> None:
        for message in messages:
            self._coming.put_nowait(message)

    async def _send(self, message: dict[str, Any]) -> None:
        self.said.append(message)

    def packets(self) -> list[Any]:
        return [msgpack.unpackb(message["bytes"]) for message in self.said if message.get("bytes")]


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement of every thread of this process."""
    asked: list[str] = []
    execute = CursorWrapper.execute

    def counted(self: CursorWrapper, sql: Any, params: Any = None) -> Any:
        asked.append(str(sql))
        return execute(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", counted)
    return asked


@pytest_asyncio.fixture
async def application(live_cast: Cast) -> AsyncIterator[Any]:
    """The whole application, as `collab/asgi.py` puts it together, made anew for this loop."""
    made = runpy.run_path(str(settings.BASE_DIR / "collab" / "asgi.py"))
    yield made["application"]
    live = made["live"]
    for task in live.sio._tasks:
        task.cancel()
    await live.sio.shutdown()
    await live.database.close()


async def test_a_websocket_handshake_asks_nothing_and_a_crowd_of_connects_asks_once(
    application: Any, live_cast: Cast, queries: list[str]
) -> None:
    cookies = [f"sessionid={await orm(sign_in, user)}" for user in (live_cast.alice, live_cast.bob, live_cast.vera)] * 4
    queries.clear()
    lines = [Line(application, "websocket", cookie, "EIO=4&transport=websocket") for cookie in cookies]
    await eventually(lambda: all(len(line.said) == 2 for line in lines), what="accepted, and told its id")
    assert queries == []
    for line in lines:
        line.hear({"type": "websocket.receive", "bytes": packet(CONNECT)})
    await eventually(lambda: all(line.packets() for line in lines), what="connected")
    assert {line.packets()[0]["type"] for line in lines} == {CONNECT}
    asked = [one for one in queries if "django_session" in one]
    assert 1 <= len(asked) <= 2, "the first one waits for nobody, and the others share"
    assert len(queries) == 2 * len(asked)
    for line in lines:
        line.hear({"type": "websocket.disconnect", "code": 1001})
    await asyncio.gather(*(line.running for line in lines))


async def test_a_polling_handshake_asks_nothing_either(application: Any, live_cast: Cast, queries: list[str]) -> None:
    cookie = f"sessionid={await orm(sign_in, live_cast.alice)}"
    queries.clear()
    handshake = Line(application, "http", cookie, "EIO=4&transport=polling")
    handshake.hear(request(b""))
    await asyncio.wait_for(handshake.running, 5)
    sid = sid_in(handshake.said[-1]["body"].decode())
    assert queries == []
    connect = b"b" + base64.b64encode(packet(CONNECT))
    post = Line(
        application, "http", cookie, f"EIO=4&transport=polling&sid={sid}", method="POST", content_length=len(connect)
    )
    post.hear(request(connect))
    await asyncio.wait_for(post.running, 5)
    assert post.said[0]["status"] == 200
    assert len(queries) == 2, "the session, and its account"
    poll = Line(application, "http", cookie, f"EIO=4&transport=polling&sid={sid}")
    poll.hear(request(b""))
    await asyncio.wait_for(poll.running, 5)
    answer = msgpack.unpackb(base64.b64decode(poll.said[-1]["body"][1:]))
    assert answer["type"] == CONNECT
    assert len(queries) == 2


async def answers_to(application: Any, cookies: list[str]) -> list[Any]:
    """Connect with each of these cookies in the same moment, and hang up. Returns what each CONNECT was answered."""
    lines = [Line(application, "websocket", cookie, "EIO=4&transport=websocket") for cookie in cookies]
    await eventually(lambda: all(len(line.said) == 2 for line in lines), what="accepted, and told its id")
    for line in lines:
        line.hear({"type": "websocket.receive", "bytes": packet(CONNECT)})
    await eventually(lambda: all(line.packets() for line in lines), what="each CONNECT is answered")
    for line in lines:
        line.hear({"type": "websocket.disconnect", "code": 1001})
    await asyncio.gather(*(line.running for line in lines))
    packets = [line.packets()[0] for line in lines]
    return [one["data"]["message"] if one["type"] == CONNECT_ERROR else "in" for one in packets]


WILD = ['sessionid="abcdefgh\\000"', 'sessionid="abcdefgh\\377"', "sessionid=ABCDEFGH"]


async def test_a_session_that_django_cannot_have_made_is_not_asked_for(
    application: Any, live_cast: Cast, queries: list[str]
) -> None:
    queries.clear()
    assert await answers_to(application, WILD) == ["signed_out"] * 3
    assert queries == []


async def test_a_session_that_a_database_refuses_keeps_nobody_else_out(application: Any, live_cast: Cast) -> None:
    """PostgreSQL refuses a NUL, and the whole question with it."""
    good = f"sessionid={await orm(sign_in, live_cast.alice)}"
    assert await answers_to(application, [good, *WILD] * 5) == ["in", *["signed_out"] * 3] * 5


async def test_a_connect_that_fails_is_answered_too_and_fails_nobody_else(
    application: Any, live_cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alices, bobs = [await orm(sign_in, user) for user in (live_cast.alice, live_cast.bob)]
    people_of = access.people_of

    def failing(keys: Iterable[str]) -> Any:
        if bobs in keys:
            raise ZeroDivisionError
        return people_of(keys)

    monkeypatch.setattr(access, "people_of", failing)
    told = await answers_to(application, [f"sessionid={alices}", f"sessionid={bobs}"] * 3)
    assert told == ["in", "internal"] * 3
    assert "handling CONNECT failed" in caplog.text


async def test_pages_go_to_django(application: Any, live_cast: Cast, queries: list[str]) -> None:
    """Else the tests above could be of an application that asks nothing at all."""
    page = Line(application, "http", f"sessionid={await orm(sign_in, live_cast.alice)}", "", path="/")
    queries.clear()
    page.hear(request(b""))
    await asyncio.wait_for(page.running, 10)
    assert page.said[0]["status"] == 200
    assert any("django_session" in one for one in queries)


def request(body: bytes) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": False}
