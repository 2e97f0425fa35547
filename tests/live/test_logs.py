"""Logs hold no secret and no words: a day of everything, at the most talkative level, and then a look at every line."""

import logging
import re
import sys
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from collab.discreet import DiscreetRecord, discreet
from rooms.core.access import Role
from rooms.services import sharing
from tests.conftest import Connect, Dial
from tests.harness.client import Refused
from tests.harness.orm import orm
from tests.harness.people import PASSWORD, Cast
from tests.harness.raw import RawPolling, RawWebSocket, packet
from tests.harness.server import Server

WORDS = "nobodyreadsthisinalog"


class Day:
    """A browser of alice's, and what it knows that a log must not."""

    def __init__(self, server: Server, http: aiohttp.ClientSession) -> None:
        self.server, self.http = server, http
        self.secrets: dict[str, str] = {"password": PASSWORD, "words": WORDS}

    async def ask(self, method: str, path: str, **options: Any) -> int:
        token = self.secrets.get("csrf token", "")
        headers = {"X-CSRFToken": token, "Origin": self.server.url}
        async with self.http.request(
            method, self.server.url + path, headers=headers, allow_redirects=False, **options
        ) as answer:
            await answer.read()
            for name, secret in (("csrftoken", "csrf token"), ("sessionid", "session")):
                if name in answer.cookies and answer.cookies[name].value:
                    self.secrets[secret] = answer.cookies[name].value
            return answer.status


@pytest.mark.timeout(60)
async def test_no_line_of_a_log_has_a_secret(
    own_server: Callable[..., Server], live_cast: Cast, connect: Connect, dial: Dial
) -> None:
    server = own_server(COLLAB_SERVER_LOG_LEVEL="debug", COLLAB_LOG_LEVEL="DEBUG", EMAIL_URL="dummymail://")
    document = live_cast.document.key
    link = await orm(sharing.make_link, document=live_cast.document, by=live_cast.alice, role=Role.VIEWER)
    _, invitation = await orm(
        sharing.invite, room=live_cast.room, email="new@example.com", role=Role.VIEWER, by=live_cast.alice
    )
    token = await orm(default_token_generator.make_token, live_cast.bob)
    reset = f"{user_pk_to_url_str(live_cast.bob)}-{token}"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        day = Day(server, http)
        day.secrets |= {"link": link.key, "invitation": invitation, "reset": reset.split("-", 1)[1]}
        await day.ask("GET", "/accounts/login/")
        login = {"login": "alice@example.com", "next": f"/l/{link.key}"}
        assert await day.ask("POST", "/accounts/login/", data={**login, "password": f"{PASSWORD}x"}) == 200
        assert await day.ask("POST", "/accounts/login/", data={**login, "password": PASSWORD}) == 302
        for path in (f"/l/{link.key}", f"/invitations/{invitation}", f"/accounts/password/reset/key/{reset}/"):
            assert await day.ask("GET", path) in {200, 302}
            assert await day.ask("DELETE", path) in {302, 405}  # which Django logs with its address
            assert await day.ask("GET", f"{path.rstrip('/')}/x") in {200, 301, 302, 404}
        await day.ask("GET", f"/invitations/wrong{invitation}")
        for _ in range(25):
            tired = await day.ask("GET", f"/l/{link.key}")
        assert tired == 429
        assert await day.ask("GET", f"/d/{document}/people?q={WORDS}") == 200
        form = aiohttp.FormData()
        form.add_field("file", b"a", filename=f"{WORDS}.txt")
        assert await day.ask("POST", f"/d/{document}/files", data=form) == 201
        assert await day.ask("POST", f"/d/{document}/rename", data={"title": WORDS}) == 200
        assert await day.ask("POST", f"/d/{document}/comments", json={"body": WORDS}) == 400
        assert await day.ask("POST", f"/d/{document}/comments", data=WORDS) == 400
        await the_sockets(day, dial, connect, live_cast)
        assert await day.ask("POST", "/accounts/logout/") == 302
    log = server.log()
    # It did log all of that: else nothing is proven.
    for line in ("Method Not Allowed", "Too Many Requests: /l/…", "[accepted]", "bad packet", "/socket.io/?…"):
        assert line in log, line
    assert len(day.secrets) == 10
    assert {
        name: [line for line in log.splitlines() if secret in line]
        for name, secret in day.secrets.items()
        if secret in log
    } == {}
    assert re.search(r"\b(sid|sessionid|csrftoken|q|next)=[^…]", log) is None
    assert WORDS.encode().hex(" ")[:20] not in log
    assert "alice@example.com" not in log
    assert "new@example.com" not in log


async def the_sockets(day: Day, dial: Dial, connect: Connect, cast: Cast) -> None:
    """Both transports, well-behaved and not."""
    await orm(cast.alice.refresh_from_db)  # signing in has made a new hash of her password
    polling = await dial(RawPolling, day.server, cast.alice)
    await polling.greet()
    day.secrets["sid"] = polling.sid
    upgrade = polling.address.replace("http", "ws", 1).replace("polling", "websocket")
    async with polling.http.ws_connect(upgrade, headers=polling.headers) as line:
        await line.send_str("2probe")
        assert await line.receive_str() == "3probe"
    async with day.http.get(f"{polling.address}x") as answer:
        assert answer.status == 400
    day.secrets["unknown sid"] = f"{polling.sid}x"
    await polling.post(f"4{WORDS}")
    alice = await connect(day.server, cast.alice, auth={"secret": WORDS})
    page = await alice.open(cast.document.key)
    await page.type(WORDS)
    for bad in ({"document": cast.document.key, "update": WORDS.encode()}, {"document": WORDS}, WORDS):
        with pytest.raises(Refused):
            await alice.call("edit", bad)
    with pytest.raises(Refused):
        await alice.call(WORDS, {})
    day.secrets["line"] = alice.sio.eio.sid
    raw = await dial(RawWebSocket, day.server, cast.alice)
    await raw.greet()
    await raw.frame(packet(9, WORDS))
    await raw.closed.wait()


def test_a_stranger_writes_no_line_and_a_traceback_keeps_its_own() -> None:
    try:
        raise ValueError("why")
    except ValueError:
        record = DiscreetRecord("a", logging.ERROR, "", 1, "Invalid session %s", ("x\nforged",), sys.exc_info())
    first, *rest = logging.Formatter().format(record).splitlines()
    assert first == "Invalid session x\\nforged"
    assert (rest[0], rest[-1]) == ("Traceback (most recent call last):", "ValueError: why")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            '1.2.3.4:5 - "WebSocket /socket.io/?EIO=4&sid=abc_-1" [accepted]',
            '1.2.3.4:5 - "WebSocket /socket.io/?…" [accepted]',
        ),
        ('"GET /socket.io/?sid=abc HTTP/1.1" 200', '"GET /socket.io/?… HTTP/1.1" 200'),
        ("Not Found: /l/abc_-1", "Not Found: /l/…"),
        ("Not Found: /invitations/abc/x", "Not Found: /invitations/…/x"),
        ("/accounts/password/reset/key/1-abc-def/", "/accounts/password/reset/key/…/"),
        ("/accounts/confirm-email/MQ:1:x/", "/accounts/confirm-email/…/"),
        ("Invalid session AAAAAAAAAAAAAAAAAAAA", "Invalid session …"),
        ("Cookie: sessionid=abc; csrftoken=def", "Cookie: sessionid=…; csrftoken=…"),
        ("Not Found: /d/key/links", "Not Found: /d/key/links"),
        ("edit refused: not_found", "edit refused: not_found"),
        ("why? because", "why? because"),
        ("x\n2026-01-01 ERROR rooms alice owns all", "x\\n2026-01-01 ERROR rooms alice owns all"),
        ("x\r\x1b[2Jy\x00\x85\u2028z", "x\\r\\x1b[2Jy\\x00\\x85\\u2028z"),
        ("failed\n", "failed"),
        ("ünï\tcödé 字", "ünï\tcödé 字"),
    ],
)
def test_a_line_is_discreet(line: str, said: str) -> None:
    assert discreet(line) == said
