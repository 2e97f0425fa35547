"""Two people in two real browsers write one document."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from rooms.services.documents import write_content
from tests.browser.conftest import Sit
from tests.browser.reading import caret_of, chip, editor, people, words, write
from tests.harness.people import Cast
from tests.harness.proxy import Proxy
from tests.harness.server import Server


@pytest.mark.parametrize("websocket", [True, False], ids=["websocket", "long polling only"])
def test_two_people_write_in_one_document(
    line: Callable[..., Proxy], live_cast: Cast, sit: Sit, websocket: bool
) -> None:
    alice = sit(live_cast.alice, line().url).open(live_cast.document.key)
    bob = sit(live_cast.bob, line(websocket=websocket).url).open(live_cast.document.key)

    write(alice, "Alice begins. ")
    expect(editor(bob)).to_contain_text("Alice begins.")
    write(bob, "Bob goes on.")
    expect(editor(alice)).to_contain_text("Alice begins. Bob goes on.")

    for page in (alice, bob):
        expect(chip(page)).to_have_attribute("data-state", "saved")
    assert words(alice) == words(bob) == "Alice begins. Bob goes on."


def test_each_sees_the_others_caret_with_the_name_from_the_server(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)

    write(bob, "Here is Bob.")

    expect(caret_of(alice, "Bob")).to_be_visible()
    expect(alice.locator(f"[data-testid=people] [data-person='{live_cast.bob.key}']")).to_be_visible()


def test_two_tabs_are_one_person(server: Server, live_cast: Cast, sit: Sit) -> None:
    desk = sit(live_cast.bob, server.url)
    desk.open(live_cast.document.key)
    desk.open(live_cast.document.key)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)

    expect(people(alice)).to_have_count(2)  # alice and bob

    desk.context.close()
    expect(people(alice)).to_have_count(1)


def test_what_one_formats_the_other_sees_formatted(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)

    editor(alice).click()
    alice.keyboard.type("# A heading")
    alice.keyboard.press("Enter")
    alice.keyboard.press("Control+b")
    alice.keyboard.type("bold")
    alice.keyboard.press("Control+b")
    alice.keyboard.press("Enter")
    alice.keyboard.type("- a list")
    for _ in range(2):
        alice.keyboard.press("Enter")
    alice.keyboard.type("[ ] a task")
    for _ in range(2):
        alice.keyboard.press("Enter")
    alice.locator("[data-command=table]").click()
    alice.keyboard.type("a cell")

    for place, text in (("h1", "A heading"), ("strong", "bold"), ("ul li", "a list"), ("th", "a cell")):
        expect(editor(bob).locator(place).first).to_contain_text(text)
    box = editor(bob).locator("ul[data-type=taskList] input[type=checkbox]")
    expect(box).not_to_be_checked()
    box.check()
    expect(editor(alice).locator("ul[data-type=taskList] input[type=checkbox]")).to_be_checked()


def test_undo_takes_back_only_ones_own_words(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    write(alice, "Alice wrote this. ")
    expect(editor(bob)).to_contain_text("Alice wrote this.")
    write(bob, "Bob wrote that.")
    expect(editor(alice)).to_contain_text("Bob wrote that.")

    alice.keyboard.press("Control+z")

    expect(editor(bob)).not_to_contain_text("Alice wrote this.")
    expect(editor(alice)).to_contain_text("Bob wrote that.")


def test_a_viewer_reads_along_and_cannot_write(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)

    expect(chip(vera)).to_have_attribute("data-state", "viewonly")
    write(alice, "Look at this.")
    expect(editor(vera)).to_contain_text("Look at this.")
    write(vera, "I was here.")
    write(alice, " And at that.")

    expect(editor(vera)).to_contain_text("Look at this. And at that.")
    assert words(vera) == words(alice) == "Look at this. And at that."


def test_a_title_follows_for_everybody(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)

    title = alice.locator("[data-testid=title]")
    title.fill("Launch plan, final")
    title.press("Enter")

    expect(bob.locator("[data-testid=title]")).to_have_value("Launch plan, final")
    expect(bob).to_have_title(re.compile("Launch plan, final"))


def test_a_link_leads_only_to_harmless_places(server: Server, live_cast: Cast, sit: Sit) -> None:
    """A document may hold any link that a hand-made client put there; none of another scheme is ever followed."""
    content = {"type": "doc", "content": [{"type": "paragraph", "content": [
        {"type": "text", "text": "evil", "marks": [{"type": "link", "attrs": {"href": "javascript:alert(1)"}}]},
        {"type": "text", "text": " good", "marks": [{"type": "link", "attrs": {"href": "https://example.org/"}}]},
    ]}]}  # fmt: skip
    write_content(document=live_cast.document, content=content, by=live_cast.alice)

    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)

    expect(editor(alice)).to_contain_text("evil good")
    hrefs = editor(alice).locator("a").evaluate_all("links => links.map(link => link.getAttribute('href') || '')")
    assert [href for href in hrefs if href.startswith("javascript")] == []
    assert "https://example.org/" in hrefs
