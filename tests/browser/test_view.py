"""The reader's view: contents, counts, focus, width, direction, print."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rooms.models import Update
from rooms.services.documents import write_content
from tests.browser.conftest import Sit
from tests.browser.reading import chip, editor, settle, write
from tests.harness.people import Cast
from tests.harness.server import Server

Shot = Callable[[Page, str], None]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def text(words: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": words}]}


def heading(level: int, words: str) -> dict[str, Any]:
    return {"type": "heading", "attrs": {"level": level}, "content": [{"type": "text", "text": words}]}


def chapters() -> dict[str, Any]:
    """Three chapters of thirty lines; the second has a section."""
    content: list[dict[str, Any]] = []
    for at, name in enumerate(("Beans", "Peas", "Lemons")):
        content += [heading(1, name), *[text(f"{name} need water.")] * 15]
        if at == 1:
            content.append(heading(3, "When to sow"))
        content += [text(f"{name} need sun.")] * 15
    return {"type": "doc", "content": content}


def menu(page: Page, command: str) -> None:
    page.get_by_test_id("open-menu").click()
    page.locator(f".document-menu [data-command={command}]").click()


def test_contents_lists_the_headings_marks_the_current_one_and_goes_there(
    server: Server, live_cast: Cast, sit: Sit, shot: Shot
) -> None:
    write_content(document=live_cast.document, content=chapters(), by=live_cast.alice)
    alice = sit(live_cast.alice, server.url, reduced_motion="reduce").open(live_cast.document.key)
    alice.get_by_test_id("open-contents").click()
    entries = alice.get_by_test_id("contents").get_by_role("button")
    expect(entries).to_have_text(["Beans", "Peas", "When to sow", "Lemons"])
    expect(entries.nth(0)).to_have_attribute("aria-current", "location")

    entries.nth(2).click()
    expect(editor(alice).get_by_role("heading", name="When to sow")).to_be_in_viewport()
    expect(entries.nth(2)).to_have_attribute("aria-current", "location")
    shot(alice, "contents-light")

    # By keyboard it leads into the text.
    entries.nth(2).focus()
    alice.keyboard.press("ArrowUp")
    alice.keyboard.press("Enter")
    expect(editor(alice)).to_be_focused()
    alice.keyboard.type("Green ")
    expect(entries).to_have_text(["Beans", "Green Peas", "When to sow", "Lemons"])


def test_words_and_characters_are_counted_in_all_and_in_the_selection(
    server: Server, live_cast: Cast, sit: Sit
) -> None:
    content = {"type": "doc", "content": [heading(1, "Two words"), text("and three more")]}
    write_content(document=live_cast.document, content=content, by=live_cast.alice)
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    menu(vera, "wordCount")
    expect(vera.get_by_test_id("counts")).to_have_text("5 words, 23 characters")

    editor(vera).locator("p").dblclick(position={"x": 5, "y": 10})
    expect(vera.get_by_test_id("counts-selected")).to_have_text("Selected: 1 word, 3 characters")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_hides_everything_but_the_text_and_is_remembered(
    server: Server, live_cast: Cast, sit: Sit, shot: Shot, scheme: str
) -> None:
    write_content(document=live_cast.document, content=chapters(), by=live_cast.alice)
    alice = sit(live_cast.alice, server.url, color_scheme=scheme).open(live_cast.document.key)
    rest = [alice.locator(selector) for selector in (".bar", ".sidebar", "#toolbar-dock", "[data-testid=people]")]
    editor(alice).locator("p").first.click()
    alice.keyboard.press("Control+Shift+f")
    for part in rest:
        expect(part).to_be_hidden()
    expect(chip(alice)).to_be_visible()
    expect(editor(alice)).to_be_focused()
    shot(alice, f"focus-{scheme}")

    alice.reload()
    expect(chip(alice)).to_have_attribute("data-state", "saved")
    expect(rest[0]).to_be_hidden()

    # Escape closes what is open first.
    write(alice, "")
    alice.keyboard.press("Enter")
    alice.keyboard.type("/")
    expect(alice.get_by_role("listbox")).to_be_visible()
    alice.keyboard.press("Escape")
    expect(alice.get_by_role("listbox")).to_be_hidden()
    expect(rest[0]).to_be_hidden()
    alice.keyboard.press("Escape")
    for part in rest:
        expect(part).to_be_visible()


def test_full_width_is_remembered(server: Server, live_cast: Cast, sit: Sit) -> None:
    write_content(document=live_cast.document, content=chapters(), by=live_cast.alice)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)

    def width() -> float:
        box = editor(alice).bounding_box()
        assert box is not None
        return box["width"]

    narrow = width()
    menu(alice, "wide")
    assert width() > narrow + 150
    alice.reload()
    expect(chip(alice)).to_have_attribute("data-state", "saved")
    assert width() > narrow + 150
    menu(alice, "wide")
    assert width() == narrow


def test_each_block_is_written_in_the_direction_of_its_words(
    server: Server, live_cast: Cast, sit: Sit, shot: Shot
) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    write(alice, "English first.")
    alice.keyboard.press("Enter")
    alice.keyboard.type("שלום עולם")
    alice.keyboard.press("Enter")
    alice.keyboard.type("- مرحبا بالعالم")
    for _ in range(2):
        alice.keyboard.press("Enter")
    alice.keyboard.type("> ציטוט")
    settle(alice)

    directions = editor(alice).evaluate(
        "root => [...root.querySelectorAll('p, ul, blockquote')].map(e => [e.tagName, getComputedStyle(e).direction])"
    )
    assert directions == [
        ["P", "ltr"], ["P", "rtl"], ["UL", "rtl"], ["P", "rtl"], ["BLOCKQUOTE", "rtl"], ["P", "rtl"],
    ]  # fmt: skip
    shot(alice, "right-to-left")

    # How it looks is no part of the document.
    expect(chip(alice)).to_have_attribute("data-state", "saved")
    payloads = Update.objects.filter(document=live_cast.document).values_list("payload", flat=True)
    stored = b"".join(bytes(payload or b"") for payload in payloads)
    assert "ש".encode() in stored
    assert b"dir" not in stored


def test_on_paper_there_is_nothing_but_the_words(server: Server, live_cast: Cast, sit: Sit, shot: Shot) -> None:
    write_content(document=live_cast.document, content=chapters(), by=live_cast.alice)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    write(bob, "Bob was here.")
    alice.get_by_test_id("open-contents").click()
    alice.emulate_media(media="print")
    for part in (".carets", ".side", "#toolbar-dock", "[data-testid=state-chip]", ".sidebar"):
        expect(alice.locator(part)).to_be_hidden()
    expect(editor(alice)).to_be_visible()
    shot(alice, "print")


def test_on_a_phone_contents_is_a_sheet_that_a_choice_closes(
    server: Server, live_cast: Cast, sit: Sit, shot: Shot
) -> None:
    write_content(document=live_cast.document, content=chapters(), by=live_cast.alice)
    alice = sit(live_cast.alice, server.url, **PHONE, reduced_motion="reduce").open(live_cast.document.key)
    alice.get_by_test_id("open-contents").tap()
    entries = alice.get_by_test_id("contents").get_by_role("button")
    expect(entries).to_have_count(4)
    shot(alice, "contents-phone")
    entries.nth(3).tap()
    expect(alice.get_by_test_id("panel-contents")).to_be_hidden()
    expect(editor(alice).get_by_role("heading", name="Lemons")).to_be_in_viewport()

    menu(alice, "focus")
    shot(alice, "focus-phone")
    alice.get_by_test_id("leave-focus").tap()
    expect(alice.get_by_test_id("leave-focus")).to_be_hidden()
