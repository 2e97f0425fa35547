"""Documents that a test writes before anybody opens them, and how they are looked at."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from rooms.models import User
from rooms.services.documents import write_content
from tests.browser.conftest import Sit
from tests.browser.reading import editor, settle
from tests.harness.people import Cast
from tests.harness.server import Server

Json = dict[str, Any]


def text(words: str, *marks: str) -> Json:
    return {"type": "text", "text": words, **({"marks": [{"type": mark} for mark in marks]} if marks else {})}


def line(*content: Json | str) -> Json:
    return {"type": "paragraph", "content": [text(one) if isinstance(one, str) else one for one in content]}


def code(words: str, language: str | None = None) -> Json:
    return {"type": "codeBlock", "attrs": {"language": language}, "content": [text(words)]}


def fill(cast: Cast, *blocks: Json) -> None:
    write_content(document=cast.document, content={"type": "doc", "content": list(blocks)}, by=cast.alice)


def opens(sit: Sit, user: User, server: Server, cast: Cast, **options: Any) -> Page:
    page = sit(user, server.url, **options).open(cast.document.key)
    expect(editor(page)).to_be_visible()
    return page


def caret_in(page: Page, words: str) -> None:
    """Put the caret at the end of the line that holds `words`."""
    editor(page).get_by_text(words).click()
    expect(editor(page)).to_be_focused()
    page.keyboard.press("End")
    settle(page)


def lines(page: Page) -> list[str]:
    """The texts of the blocks of the document."""
    found: list[str] = editor(page).locator("> *").evaluate_all("blocks => blocks.map(block => block.textContent)")
    return found


def expect_lines(page: Page, *expected: str) -> None:
    expect(editor(page).locator("> *")).to_have_text(list(expected))


def bubble(page: Page) -> Locator:
    return page.get_by_test_id("bubble")


def handle_of(page: Page, words: str) -> Locator:
    editor(page).get_by_text(words).hover()
    handle = page.locator(".block-handle")
    expect(handle).to_be_visible()
    return handle


def finds(page: Page, words: str) -> Locator:
    page.keyboard.press("Control+f")
    bar = page.get_by_test_id("find-bar")
    bar.get_by_label("Find", exact=True).fill(words)
    return bar


def count(page: Page) -> Locator:
    return page.get_by_test_id("find-count")
