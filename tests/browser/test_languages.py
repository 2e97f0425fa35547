"""The bundle in another language than the source's: its words arrive, are found, and have room."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.contents import caret_in, fill, line, opens
from tests.browser.reach import PHONE, WIDTHS
from tests.browser.reading import editor
from tests.browser.test_comments import select
from tests.harness.people import Cast
from tests.harness.server import Server

from .conftest import Sit

GERMAN = {"locale": "de-DE"}

# Of what stands on the screen: what is cut off at its right, or reaches over the edge of the window.
CUT_OFF = """() => [...document.querySelectorAll("button, h2, .menu__item span, .find-choice, .chip-text, p")]
    .filter((one) => one.checkVisibility() && one.closest(".ProseMirror, .toolbar") === null)
    .filter((one) => {
        const { right } = one.getBoundingClientRect();
        const clipped = getComputedStyle(one).overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1;
        return clipped || right > document.documentElement.clientWidth + 1;
    })
    .map((one) => one.textContent.trim() || one.getAttribute("aria-label"))"""


def test_the_page_speaks_german_and_finds_commands_by_german_and_english_words(
    server: Server, live_cast: Cast, sit: Sit
) -> None:
    fill(live_cast, line("Eins"))
    alice = opens(sit, live_cast.alice, server, live_cast, **GERMAN)
    expect(alice.get_by_test_id("state-chip")).to_contain_text("Gespeichert")
    expect(alice.get_by_role("button", name="Fett", exact=True)).to_be_visible()
    expect(alice.get_by_role("textbox", name="Text des Dokuments")).to_be_visible()

    caret_in(alice, "Eins")
    alice.keyboard.press("Enter")
    options = alice.get_by_test_id("slash-menu").get_by_role("option")
    for asked in ("uberschrift 2", "heading 2"):
        alice.keyboard.type(f"/{asked}")
        expect(options).to_have_count(1)
        expect(options).to_contain_text("Überschrift 2")
        for _ in f"/{asked}":
            alice.keyboard.press("Backspace")


@pytest.mark.parametrize("width", WIDTHS)
def test_german_words_have_room(
    width: str, server: Server, live_cast: Cast, sit: Sit, shot: Callable[[Page, str], None]
) -> None:
    fill(live_cast, line("Ein Text, der kommentiert wird."))
    alice = opens(sit, live_cast.alice, server, live_cast, **GERMAN, **WIDTHS[width])
    expect(alice.get_by_test_id("state-chip")).to_contain_text("Gespeichert")
    assert alice.evaluate(CUT_OFF) == []

    alice.get_by_test_id("open-menu").click()
    expect(alice.locator("#document-menu")).to_be_visible()
    shot(alice, f"german-menu-{width}")
    assert alice.evaluate(CUT_OFF) == []
    alice.keyboard.press("Escape")

    select(alice, "kommentiert")
    if WIDTHS[width] is not PHONE:
        alice.get_by_test_id("bubble").get_by_role("button", name="Mehr Formatierung").click()
        expect(alice.get_by_test_id("format-menu")).to_be_visible()
        shot(alice, f"german-formats-{width}")
        assert alice.evaluate(CUT_OFF) == []
        alice.keyboard.press("Escape")
    alice.keyboard.press("Control+Alt+f")
    expect(alice.get_by_test_id("find-bar").get_by_role("button", name="Alle ersetzen")).to_be_visible()
    shot(alice, f"german-find-{width}")
    assert alice.evaluate(CUT_OFF) == []
    alice.keyboard.press("Escape")

    select(alice, "kommentiert")
    editor(alice).press("Control+Alt+m")
    expect(alice.get_by_test_id("composer").get_by_role("button", name="Kommentieren")).to_be_visible()
    shot(alice, f"german-comments-{width}")
    assert alice.evaluate(CUT_OFF) == []


def test_german_help_of_the_keyboard_has_room(
    server: Server, live_cast: Cast, sit: Sit, shot: Callable[[Page, str], None]
) -> None:
    fill(live_cast, line("Eins"))
    alice = opens(sit, live_cast.alice, server, live_cast, **GERMAN)
    editor(alice).press("Control+/")
    expect(alice.get_by_role("dialog", name="Tastenkürzel")).to_contain_text("Strg")
    shot(alice, "german-help")
    assert alice.evaluate(CUT_OFF) == []
