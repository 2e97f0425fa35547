"""axe on what is met less often: pages that refuse, each step of a second factor, threads of comments."""

import os
from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Route, expect

from rooms.core.commenting import EMOJI, Kind
from rooms.models import Thread
from rooms.services import comments
from tests.browser.conftest import Sit
from tests.browser.contents import fill, line
from tests.browser.reach import WIDTHS, faults
from tests.harness.people import PASSWORD, Cast
from tests.harness.server import Server


@pytest.fixture(params=WIDTHS if os.environ.get("COLLAB_SOAK") else ["phone"])
def width(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def answers(body: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=body, content_type="text/html")


def test_pages_that_refuse(server: Server, live_cast: Cast, sit: Sit, width: str) -> None:
    """As they are rendered where nothing is known of the request: what is in them is all that they can say."""
    page = sit(None, server.url, **WIDTHS[width]).page("/accounts/login/")
    found: list[str] = []
    for name in ("403", "403_csrf", "404", "429", "500"):
        page.route("**/refused", answers(render_to_string(f"{name}.html")))
        page.goto(f"{server.url}/refused")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        found += [f"{name} {fault}" for fault in faults(page)]
        page.unroute("**/refused")
    assert not found, "\n".join(found)


def test_every_step_of_a_second_factor(server: Server, live_cast: Cast, sit: Sit, width: str) -> None:
    page = sit(None, server.url, **WIDTHS[width]).page("/accounts/login/")
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Rooms", exact=True, level=1)).to_be_visible()
    found: list[str] = []

    def look(path: str) -> None:
        page.goto(f"{server.url}/accounts/2fa/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        found.extend(f"{path} {fault}" for fault in faults(page))

    look("totp/activate/")
    assert "reauthenticate" in page.url
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    for path in ("totp/activate/", "webauthn/", "webauthn/add/", "recovery-codes/generate/"):
        look(path)
    assert not found, "\n".join(found)


def discussed(cast: Cast) -> None:
    """A thread with an answer and a reaction, and a suggestion."""
    fill(cast, line("The launch is planned for March."))

    def begin(kind: Kind, body: str, replacement: str | None) -> Thread:
        beginning = comments.Beginning(kind, None, None, "March", body, replacement)
        begun = comments.begin(document=cast.document, by=cast.carol, beginning=beginning).thread
        assert begun is not None
        return begun

    begin(Kind.SUGGESTION, "", "April")
    asked = begin(Kind.COMMENT, "Is that not the fair?", None)
    comments.reply(document=cast.document, thread=asked.key, by=cast.alice, body="It is. Then in April.")
    first = asked.comments.order_by("pk")[0]
    comments.react(document=cast.document, thread=asked.key, comment=first.key, by=cast.alice, emoji=EMOJI[0], on=True)


def test_threads_of_comments(server: Server, live_cast: Cast, sit: Sit, width: str) -> None:
    discussed(live_cast)
    found: list[str] = []
    for person in (live_cast.alice, live_cast.carol):
        page = sit(person, server.url, **WIDTHS[width]).open(live_cast.document.key)
        page.get_by_test_id("open-comments").click()
        threads = page.get_by_test_id("panel-comments").get_by_test_id("thread")
        expect(threads).to_have_count(2)
        expect(threads.filter(has_text="It is.").get_by_test_id("comment")).to_have_count(2)
        found += [f"{person.name} {fault}" for fault in faults(page)]
        threads.get_by_role("button", name="Edit this comment").first.click()
        found += [f"{person.name}, changing, {fault}" for fault in faults(page)]
    assert not found, "\n".join(found)
