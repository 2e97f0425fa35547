"""Seeing others write: carets, faces, who is writing, who wrote last."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rooms.services.documents import write_content
from tests.browser.conftest import Sit
from tests.browser.reading import caret_of, chip, editor, people, settle, write
from tests.harness.people import Cast
from tests.harness.server import Server

Shot = Callable[[Page, str], None]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}

# Counts the flashes from now on: each is gone within a second or so.
COUNT_FLASHES = """() => {
    window.flashes = [];
    new MutationObserver((changes) => {
        for (const { addedNodes } of changes)
            for (const node of addedNodes)
                if (node.className === "flash") window.flashes.push(node.style.getPropertyValue("--person"));
    }).observe(document.querySelector("#paper"), { childList: true, subtree: true });
}"""

# Within three pixels of the end of the last line.
CARET_IS_AT_THE_END = """() => {
    const range = document.createRange();
    range.selectNodeContents(document.querySelector(".ProseMirror > :last-child"));
    const text = range.getBoundingClientRect();
    const caret = document.querySelector(".caret").getBoundingClientRect();
    return Math.abs(caret.left - text.right) <= 3 && Math.abs(caret.bottom - text.bottom) <= 3;
}"""


def lines(count: int) -> dict[str, Any]:
    paragraphs = ({"type": "paragraph", "content": [{"type": "text", "text": f"Line {at}."}]} for at in range(count))
    return {"type": "doc", "content": list(paragraphs)}


def to_the_end(page: Page) -> None:
    editor(page).click()
    page.keyboard.press("Control+End")
    settle(page)


def face(page: Page, name: str) -> Any:
    return page.locator("[data-testid=people]").get_by_label(name)


def doing(page: Page) -> Any:
    return page.locator("[data-testid=doing]")


def test_a_caret_that_is_far_away_is_not_drawn_and_a_click_on_the_face_goes_there(
    server: Server, live_cast: Cast, sit: Sit
) -> None:
    write_content(document=live_cast.document, content=lines(300), by=live_cast.alice)
    alice = sit(live_cast.alice, server.url, reduced_motion="reduce").open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    editor(bob).click(position={"x": 20, "y": 10})
    expect(caret_of(alice, "Bob")).to_have_count(1)

    to_the_end(bob)
    expect(caret_of(alice, "Bob")).to_have_count(0)

    face(alice, "Bob").click()
    expect(caret_of(alice, "Bob")).to_be_in_viewport()


def test_whoever_is_followed_is_kept_in_sight(server: Server, live_cast: Cast, sit: Sit) -> None:
    write_content(document=live_cast.document, content=lines(300), by=live_cast.alice)
    alice = sit(live_cast.alice, server.url, reduced_motion="reduce").open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    editor(bob).click(position={"x": 20, "y": 10})
    expect(caret_of(alice, "Bob")).to_have_count(1)

    for _ in range(2):
        face(alice, "Bob").click()
    expect(face(alice, "Bob")).to_have_attribute("aria-pressed", "true")
    to_the_end(bob)
    expect(caret_of(alice, "Bob")).to_be_in_viewport()

    alice.mouse.wheel(0, -200)
    expect(face(alice, "Bob")).to_have_attribute("aria-pressed", "false")


def test_a_caret_stands_where_its_person_is_and_moves_with_the_text(server: Server, live_cast: Cast, sit: Sit) -> None:
    write_content(document=live_cast.document, content=lines(3), by=live_cast.alice)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    to_the_end(bob)
    expect(caret_of(alice, "Bob")).to_be_visible()

    alice.wait_for_function(CARET_IS_AT_THE_END)
    editor(alice).locator("p").first.click()
    for _ in range(3):
        alice.keyboard.press("Enter")
    alice.keyboard.type("above")
    settle(alice)
    alice.wait_for_function(CARET_IS_AT_THE_END)
    # It is no part of the text that people copy or that a spelling checker reads.
    expect(editor(alice).locator(".caret")).to_have_count(0)


def test_a_selection_of_somebody_else_is_seen(server: Server, live_cast: Cast, sit: Sit) -> None:
    write_content(document=live_cast.document, content=lines(4), by=live_cast.alice)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    editor(bob).click()
    bob.keyboard.press("Control+a")
    expect(alice.locator(".remote-selection")).to_have_count(4)
    bob.keyboard.press("ArrowRight")
    expect(alice.locator(".remote-selection")).to_have_count(0)


def test_whoever_writes_is_named_while_it_lasts_and_as_the_last_after_it(
    server: Server, live_cast: Cast, sit: Sit
) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    expect(doing(alice)).to_have_text("")

    write(bob, "Bob is at it.")

    expect(doing(alice)).to_have_text("Bob is writing…")
    expect(face(alice, "Bob, writing")).to_be_visible()
    expect(doing(alice)).to_have_text("Last edited by Bob, just now")
    expect(doing(bob)).to_have_text("Last edited by you, just now", timeout=40_000)

    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    expect(doing(vera)).to_have_text("Last edited by Bob, just now")


def test_what_somebody_else_writes_flashes_in_their_colour(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    vera = sit(live_cast.vera, server.url, reduced_motion="reduce").open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    for page in (alice, bob, vera):
        page.evaluate(COUNT_FLASHES)

    write(bob, "Look here.")

    alice.wait_for_function("() => window.flashes.length > 0")
    assert set(alice.evaluate("window.flashes")) == {live_cast.bob.color}
    expect(alice.locator(".flash")).to_have_count(0)
    expect(editor(vera)).to_contain_text("Look here.")
    settle(vera)
    # Not one's own words, and for nobody who asked for less motion.
    assert bob.evaluate("window.flashes") == vera.evaluate("window.flashes") == []


def test_those_who_do_not_fit_are_in_a_list_that_the_keyboard_reaches(
    server: Server, live_cast: Cast, sit: Sit, shot: Shot
) -> None:
    write_content(document=live_cast.document, content=lines(200), by=live_cast.alice)
    alice = sit(live_cast.alice, server.url, **PHONE, reduced_motion="reduce").open(live_cast.document.key)
    others = [
        sit(user, server.url).open(live_cast.document.key) for user in (live_cast.bob, live_cast.carol, live_cast.vera)
    ]
    to_the_end(others[0])
    expect(people(alice)).to_have_count(2)

    more = alice.get_by_test_id("more-people")
    expect(more).to_have_text("+2")
    more.focus()
    alice.keyboard.press("Enter")
    listed = alice.get_by_test_id("people-list")
    expect(listed.locator("li")).to_have_text(
        ["AAlice (you)Owner", "BBobCan edit", "CCarolCan comment", "VVeraCan view"]
    )
    expect(listed.get_by_role("button").first).to_be_focused()
    shot(alice, "people-phone")

    alice.keyboard.press("ArrowDown")
    alice.keyboard.press("ArrowUp")
    alice.keyboard.press("Enter")
    expect(listed).to_be_hidden()
    expect(caret_of(alice, "Bob")).to_be_in_viewport()

    more.click()
    alice.keyboard.press("Escape")
    expect(listed).to_be_hidden()


def test_how_many_are_here_opens_the_same_list(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    sit(live_cast.vera, server.url).open(live_cast.document.key)
    alice.get_by_role("button", name="1 other here").click()
    expect(alice.get_by_test_id("people-list").locator("li")).to_have_count(2)
    expect(face(alice, "Vera, views only")).to_be_visible()
    expect(chip(alice)).to_have_attribute("data-state", "saved")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_of_people_who_write(server: Server, live_cast: Cast, sit: Sit, shot: Shot, scheme: str) -> None:
    write_content(document=live_cast.document, content=lines(12), by=live_cast.alice)
    alice = sit(live_cast.alice, server.url, color_scheme=scheme).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    carol = sit(live_cast.carol, server.url).open(live_cast.document.key)
    sit(live_cast.vera, server.url).open(live_cast.document.key)
    editor(carol).locator("p").nth(3).click(click_count=3)
    write(bob, " And Bob goes on here.")
    expect(editor(alice)).to_contain_text("Bob goes on here.")
    expect(alice.locator(".remote-selection")).not_to_have_count(0)
    alice.get_by_role("button", name="3 others here").click()
    expect(alice.get_by_test_id("people-list").locator("li")).to_have_count(4)
    shot(alice, f"together-{scheme}")
