"""No other site's page gets a socket with the cookie of whoever looks at it (trap S12), however it names itself."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from yarl import URL

from collab.handshakes import is_handshake
from collab.origins import is_foreign
from tests.conftest import Dial
from tests.harness.people import Cast
from tests.harness.raw import BOTH, CONNECT, RawPolling, RawWebSocket
from tests.harness.server import Server

# How a page that is not ours could call itself; {url} is ours, {host} its host and port, {port} its port.
FOREIGN = {
    "another site": "https://evil.example",
    "a sandboxed frame": "null",
    "https for http": "https://{host}",
    "another port": "http://127.0.0.1:1",
    "no port": "http://127.0.0.1",
    "a subdomain": "http://docs.localhost:{port}",
    "our name in front": "{url}.evil.example",
    "our name behind": "http://evil{host}",
    "our name as a person": "http://{host}@evil.example",
    "our name as a path": "http://evil.example/{url}",
    "with a path": "{url}/",
    "two at once": "{url}, https://evil.example",
    "two in a row": "{url} https://evil.example",
    "another name of this machine": "http://[::1]:{port}",
    "in capitals": "HTTP://{host}",
    "an extension": "chrome-extension://abcdefghijklmnop",
    "a file": "file://",
}
PROXIED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Server": "evil.example",
    "Forwarded": "host=evil.example;proto=https",
    "X-Forwarded-For": "192.0.2.1",
}


def origin_of(server: Server, pattern: str) -> str:
    host = urlsplit(server.url).netloc
    return pattern.format(url=server.url, host=host, port=server.port)


async def is_refused(dial: Dial, transport: Any, server: Server, cast: Cast, **headers: str) -> bool:
    """Whether alice's browser gets no line for this."""
    if transport is RawWebSocket:
        try:
            await dial(transport, server, cast.alice, **headers)
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status == 403
        return False
    line = await dial(transport, server, cast.alice, reading=False, **headers)
    return line.status in {400, 403} and "sid" not in line.body


@BOTH
@pytest.mark.parametrize("name", FOREIGN)
async def test_s12_an_origin_that_is_not_ours_gets_no_line(
    server: Server, live_cast: Cast, dial: Dial, transport: Any, name: str
) -> None:
    assert await is_refused(dial, transport, server, live_cast, Origin=origin_of(server, FOREIGN[name]))


@BOTH
async def test_s12_nor_where_a_proxy_is_trusted(own_server: Any, live_cast: Cast, dial: Dial, transport: Any) -> None:
    server = own_server(COLLAB_PROXY_COUNT="1")
    for name in ("another site", "https for http", "a subdomain"):
        origin = origin_of(server, FOREIGN[name])
        assert await is_refused(dial, transport, server, live_cast, Origin=origin, **PROXIED), name
    line = await dial(transport, server, live_cast.alice, Origin=server.url, **PROXIED)
    assert (await line.greet())["type"] == CONNECT


@BOTH
@pytest.mark.parametrize("site", ["cross-site", "same-site", "something", ""])
async def test_s12_a_browser_that_asks_for_another_page_without_an_origin_gets_no_line(
    server: Server, live_cast: Cast, dial: Dial, transport: Any, site: str
) -> None:
    assert await is_refused(dial, transport, server, live_cast, **{"Sec-Fetch-Site": site})


@BOTH
@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}])
async def test_a_get_of_our_own_page_and_a_program_have_no_origin_and_are_let_in(
    server: Server, live_cast: Cast, dial: Dial, transport: Any, headers: dict[str, str]
) -> None:
    line = await dial(transport, server, live_cast.alice, **headers)
    assert (await line.greet())["type"] == CONNECT


async def test_s12_who_knows_the_name_of_a_line_does_not_use_it_from_another_site(
    server: Server, live_cast: Cast, dial: Dial
) -> None:
    line = await dial(RawPolling, server, live_cast.alice)
    await line.greet()
    evil = {**line.headers, "Origin": "https://evil.example"}
    async with line.http.post(line.address, data=b"1", headers=evil) as answer:
        assert answer.status == 400
    async with line.http.get(line.address, headers={**line.headers, "Sec-Fetch-Site": "cross-site"}) as answer:
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    upgrade = line.address.replace("http", "ws", 1).replace("polling", "websocket")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await line.http.ws_connect(upgrade, headers=evil)
    assert not line.closed.is_set()


@pytest.mark.parametrize("query", ["{}&j=0", "j=1&{}", "{}&%6a=0", "{}&%6A=0&j", "{}&j="])
async def test_an_answer_is_never_a_script(server: Server, live_cast: Cast, dial: Dial, query: str) -> None:
    """JSONP: the page of another site would load it, with alice's cookie, and read what it says."""
    line = await dial(RawPolling, server, live_cast.alice)
    address = f"{server.url}/socket.io/?" + query.format("EIO=4&transport=polling")
    async with line.http.get(URL(address, encoded=True), headers=line.headers) as answer:
        assert answer.status == 403
        assert "___eio" not in await answer.text()


def test_only_a_whole_name_asks_for_a_script() -> None:
    assert not is_foreign({"type": "http", "query_string": b"EIO=4&obj=1&k=j=2", "headers": []})


@pytest.mark.parametrize(
    ("query", "names_a_line"),
    [
        ("EIO=4&sid=a", True),
        ("s%69d=a", True),
        ("sid", False),
        ("sid=", False),
        ("xsid=a&a=sid=a", False),
        ("", False),
    ],
)
def test_a_request_begins_a_line_exactly_when_engineio_would_begin_one(query: str, names_a_line: bool) -> None:
    """In whatever way the name of one is written: else it would not wait at the door, or wait for nothing."""
    assert is_handshake({"query_string": query.encode()}) is not names_a_line
    assert ("sid" in parse_qs(query)) is names_a_line
