"""Debian's Chromium, driven by Playwright, against a real server."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from rooms.models import User
from tests.harness import people
from tests.harness.chromium import CHROMIUM
from tests.harness.proxy import Proxy
from tests.harness.server import ROOT, Server

# Written anew by `make screenshots`, which keeps them in docs/images; other runs leave the repository alone.
SCREENSHOTS = Path(os.environ.get("COLLAB_SCREENSHOTS", ROOT / "var" / "screenshots"))

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

SETTLED = re.compile("saved|viewonly")

expect.set_options(timeout=10_000)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
    # Playwright leaves a running loop in this thread until the end of the session; whatever came after it
    # it could neither run a loop of its own nor use the ORM. So the browser comes last.
    items.sort(key=lambda item: "tests/browser" in str(item.path))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": ARGUMENTS, "headless": True}


@pytest.fixture(autouse=True)
def orm_beside_playwright(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright's synchronous API runs a loop in this thread, which Django would take for asynchronous code."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


class Desk:
    """One person at one browser. Whatever the browser complains about fails the test."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.complaints: list[str] = []
        self._asking: set[Request] = set()
        context.on("request", self._ask)
        context.on("requestfinished", lambda request: self._asking.discard(request))
        context.on("requestfailed", lambda request: self._asking.discard(request))

    def _ask(self, request: Request) -> None:
        # Those of a connection stay open; a service worker's are told in another way.
        if "/socket.io/" not in request.url and request.resource_type == "fetch":
            self._asking.add(request)

    def leave(self) -> None:
        """Close everything, once what was asked for is answered: the database is emptied next."""
        for page in self.context.pages[:1]:
            for _ in range(100):
                if not self._asking:
                    break
                page.wait_for_timeout(20)
        self.context.close()

    def page(self, path: str = "/") -> Page:
        page = self.context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.goto(self.url + path)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        # A connection that fails while we cut the line is meant to, and so is a question about comments that was asked
        # while access ended; everything else is a fault.
        if "status of 404" in message.text and message.location.get("url", "").endswith("/comments"):
            return
        cut = any(words in message.text for words in ("ERR_", "WebSocket", "fetching the script"))
        if message.type in {"error", "warning"} and not cut:
            self.complaints.append(f"{message.type}: {message.text}")

    def open(self, document: str) -> Page:
        """Open a document and wait until it is there."""
        page = self.page(f"/d/{document}")
        expect(page.locator("[data-testid=state-chip]")).to_have_attribute("data-state", SETTLED)
        return page


Sit = Callable[..., Desk]


@pytest.fixture
def sit(browser: Browser) -> Iterator[Sit]:
    """`sit(alice, url)`: alice, signed in, at a browser of her own."""
    desks: list[Desk] = []

    def make(user: User | None, url: str, **options: Any) -> Desk:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        if user is not None:
            context.add_cookies([{"name": "sessionid", "value": people.sign_in(user), "url": url}])
        desks.append(Desk(context, url))
        return desks[-1]

    yield make
    complaints = [complaint for desk in desks for complaint in desk.complaints]
    for desk in desks:
        desk.leave()
    assert complaints == []


@pytest.fixture
def line(own_server: Callable[..., Server]) -> Iterator[Callable[..., Proxy]]:
    """Makes lines to one server of this test's own; `cut()` breaks one. People sit at its `url`."""
    lines = [Proxy(), Proxy(websocket=False)]
    server = own_server(COLLAB_ORIGINS=",".join(one.url for one in lines))
    for one in lines:
        one.start(server.port)
    yield lambda *, websocket=True: lines[0 if websocket else 1]
    for one in lines:
        one.stop()


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Keep a picture of a page."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")

    return take
