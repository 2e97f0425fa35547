"""Everything without a mouse: it is reached, it is seen where one is, and one comes back to where one was."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from rooms.services.documents import write_content
from tests.browser.conftest import SETTLED, Sit
from tests.browser.contents import caret_in, line
from tests.browser.reach import everything
from tests.browser.reading import caret_of, chip, editor, settle
from tests.harness.people import PASSWORD, Cast
from tests.harness.server import Server

MOST_STOPS = 80

# What has the focus: its name for a message, whether it shows that, and how much of it can be seen.
FOCUSED = """() => {
    const one = document.activeElement;
    if (one === null || one === document.body) return null;
    const name = one.getAttribute("aria-label") || one.textContent.trim().slice(0, 40) || one.id || one.className;
    // A part of a row may show it for the whole row.
    const shown = (part) => {
        const style = getComputedStyle(part);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    };
    const around = [one, one.parentElement, one.parentElement?.parentElement, one.nextElementSibling];
    const text = one.classList.contains("ProseMirror") || one.id === "document-title";
    const box = one.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, Math.min(box.y + box.height / 2, box.y + 12)];
    const top = document.elementFromPoint(x, y);
    return {
        name: `${one.tagName.toLowerCase()} ${name}`,
        shows: text || around.some((part) => part !== null && part !== undefined && shown(part)),
        inView: box.width > 0 && x >= 0 && y >= 0 && x <= innerWidth && y <= innerHeight,
        covered: !text && top !== null && !one.contains(top) && !top.contains(one),
    };
}"""


def focused(page: Page) -> dict[str, Any] | None:
    settle(page)
    found: dict[str, Any] | None = page.evaluate(FOCUSED)
    return found


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press Tab until `target` has the focus."""
    for _ in range(MOST_STOPS):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{target} was not reached with {key}")


def test_from_signing_in_to_signing_out(server: Server, live_cast: Cast, sit: Sit) -> None:
    write_content(document=live_cast.document, content={"type": "doc", "content": [line("Words.")]}, by=live_cast.alice)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    caret_in(bob, "Words.")
    page = sit(None, server.url).page("/accounts/login/")
    keys = page.keyboard

    tab_to(page, page.get_by_label("Email"))
    keys.type("alice@example.com")
    tab_to(page, page.get_by_label("Password", exact=True))
    keys.type(PASSWORD)
    keys.press("Enter")
    main = page.get_by_role("main")
    expect(main.get_by_role("link", name="Design review")).to_be_visible()

    # Past the bar and the sidebar.
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    keys.press("Enter")
    tab_to(page, main.get_by_role("link", name="Design review"))
    keys.press("Enter")
    expect(main.get_by_role("heading", name="Design review")).to_be_visible()
    tab_to(page, main.get_by_role("link", name="Launch plan"))
    keys.press("Enter")
    expect(chip(page)).to_have_attribute("data-state", SETTLED)

    tab_to(page, editor(page))
    keys.press("Control+End")
    settle(page)
    keys.press("Enter")
    keys.type("Bold words")
    keys.press("Shift+Home")
    settle(page)
    bar = page.locator("#toolbar-dock").get_by_role("toolbar", name="Formatting")
    bold = bar.get_by_role("button", name="Bold")
    tab_to(page, bar.locator("[tabindex='0']"), "Shift+Tab")
    for _ in range(30):
        if bold.evaluate("one => one === document.activeElement"):
            break
        keys.press("ArrowRight")
    keys.press("Enter")
    expect(editor(page).locator("strong")).to_have_text("Bold words")
    expect(editor(page)).to_be_focused()

    keys.press("End")
    keys.press("Enter")
    keys.type("/quote")
    expect(page.get_by_role("option", selected=True)).to_have_text("Quote")
    keys.press("Enter")
    keys.type("So they said")
    expect(editor(page).locator("blockquote")).to_have_text("So they said")

    keys.press("Shift+Home")
    settle(page)
    keys.press("Control+Alt+m")
    composer = page.get_by_test_id("composer")
    expect(composer.get_by_label("Comment", exact=True)).to_be_focused()
    keys.type("Who?")
    tab_to(page, composer.get_by_role("button", name="Comment"))
    keys.press("Enter")
    expect(page.get_by_test_id("thread")).to_have_count(1)
    tab_to(page, page.get_by_test_id("panel-comments").get_by_role("button", name="Close", exact=True), "Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_test_id("panel-comments")).to_be_hidden()
    expect(page.get_by_test_id("open-comments")).to_be_focused()

    tab_to(page, page.get_by_test_id("open-menu"))
    keys.press("Enter")
    expect(page.get_by_test_id("document-menu")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_test_id("open-menu")).to_be_focused()

    tab_to(page, page.get_by_test_id("open-contents"), "Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_test_id("panel-contents")).to_be_focused()
    keys.press("Escape")
    expect(page.get_by_test_id("open-contents")).to_be_focused()

    face = page.get_by_test_id("people").get_by_role("button", name=re.compile("Bob"))
    tab_to(page, face)
    keys.press("Enter")
    expect(caret_of(page, "Bob")).to_be_in_viewport()

    tab_to(page, page.get_by_role("link", name="Share"), "Shift+Tab")
    keys.press("Enter")
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Your menu"))
    keys.press("Enter")
    tab_to(page, page.get_by_role("button", name="Sign out"))
    keys.press("Enter")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


@pytest.mark.parametrize("person", ["alice", "carol", "vera"])
def test_tab_goes_once_around_the_document_in_sight(server: Server, live_cast: Cast, sit: Sit, person: str) -> None:
    everything(live_cast)
    page = sit(getattr(live_cast, person), server.url).open(live_cast.document.key)
    expect(editor(page).locator("figure.image img")).to_be_visible()
    page.get_by_test_id("open-contents").click()
    expect(page.get_by_test_id("contents").get_by_role("button").first).to_be_visible()
    page.get_by_role("link", name="Skip to the page").focus()
    faults, names = [], []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        at = focused(page)
        if at is None:
            break
        names.append(at["name"])
        faults += [f"{at['name']}: {fault}" for fault in ("shows", "inView") if not at[fault]]
        faults += [f"{at['name']}: covered"] if at["covered"] else []
    assert not faults, "\n".join(faults)
    assert len(names) < MOST_STOPS, "\n".join(names)
    assert any("Document text" in name for name in names), names


def test_what_closes_gives_the_focus_back(server: Server, live_cast: Cast, sit: Sit) -> None:
    everything(live_cast)
    page = sit(live_cast.alice, server.url).open(live_cast.document.key)
    caret_in(page, "The last words.")
    words = editor(page)
    opened = {
        "Control+f": page.get_by_test_id("find-bar"),
        "Control+k": page.get_by_test_id("link-popover"),
        "Control+/": page.get_by_role("dialog", name="Keyboard shortcuts"),
    }
    for keys, what in opened.items():
        page.keyboard.press(keys)
        expect(what).to_be_visible()
        expect(words).not_to_be_focused()
        page.keyboard.press("Escape")
        expect(what).to_be_hidden()
        expect(words).to_be_focused()
    buttons = {"open-comments": "panel-comments", "open-contents": "panel-contents", "open-menu": "document-menu"}
    for button, name in buttons.items():
        page.get_by_test_id(button).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id(name)).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        expect(page.get_by_test_id(name)).to_be_hidden()
        expect(page.get_by_test_id(button)).to_be_focused()
