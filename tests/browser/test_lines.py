"""Tunnels, killed servers, closed tabs: what becomes of the words, and what the page says of them."""

import re
from collections.abc import Callable

from playwright.sync_api import Dialog, expect

from rooms.core.access import Role
from rooms.models import Membership
from tests.browser.conftest import Sit
from tests.browser.reading import chip, editor, people, words, write
from tests.harness.people import Cast
from tests.harness.proxy import Proxy
from tests.harness.server import Server


def test_one_goes_offline_writes_on_and_comes_back(line: Callable[..., Proxy], live_cast: Cast, sit: Sit) -> None:
    desk = sit(live_cast.alice, line().url)
    alice = desk.open(live_cast.document.key)
    bob = sit(live_cast.bob, line(websocket=False).url).open(live_cast.document.key)
    write(alice, "Before the tunnel. ")
    expect(editor(bob)).to_contain_text("Before the tunnel.")

    desk.context.set_offline(True)
    line().cut()
    write(alice, "In the tunnel. ")
    write(bob, "Meanwhile outside. ")

    expect(chip(alice)).to_have_attribute("data-state", "offline")
    expect(chip(alice)).to_contain_text("On this device")
    expect(people(bob)).to_have_count(1)
    expect(editor(bob)).not_to_contain_text("In the tunnel.")

    line().mend()
    desk.context.set_offline(False)

    expect(editor(bob)).to_contain_text("In the tunnel.")
    expect(editor(alice)).to_contain_text("Meanwhile outside.")
    expect(chip(alice)).to_have_attribute("data-state", "saved")
    expect(people(bob)).to_have_count(2)
    assert words(alice) == words(bob)


def test_a_line_that_breaks_says_when_it_tries_again_and_can_be_told_to(
    line: Callable[..., Proxy], live_cast: Cast, sit: Sit
) -> None:
    alice = sit(live_cast.alice, line().url).open(live_cast.document.key)

    line().cut()
    write(alice, "On this device only.")
    expect(chip(alice)).to_have_attribute("data-state", "waiting")
    # Several seconds: it must not come back by itself while it is told to.
    expect(chip(alice)).to_contain_text(re.compile(r"Reconnecting in ([5-9]|\d\d) s"), timeout=60_000)
    line().mend()
    chip(alice).get_by_role("button").click()

    expect(chip(alice)).to_have_attribute("data-state", "saved")


def test_a_killed_server_costs_nobody_a_word(own_server: Callable[..., Server], live_cast: Cast, sit: Sit) -> None:
    server = own_server()
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    write(alice, "Kept. ")
    expect(chip(alice)).to_have_attribute("data-state", "saved")

    server.kill()
    write(alice, "Written while it was down. ")
    server.start()

    expect(chip(alice)).to_have_attribute("data-state", "saved", timeout=20_000)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    assert words(bob) == words(alice) == "Kept. Written while it was down."


def test_closing_a_tab_with_unsaved_words_warns_and_with_saved_ones_does_not(
    line: Callable[..., Proxy], live_cast: Cast, sit: Sit
) -> None:
    alice = sit(live_cast.alice, line().url).open(live_cast.document.key)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    alice.on("dialog", stay)

    line().cut()
    write(alice, "Not saved yet.")
    expect(chip(alice)).to_have_attribute("data-state", "waiting")
    alice.close(run_before_unload=True)
    expect(editor(alice)).to_contain_text("Not saved yet.")
    assert asked == ["beforeunload"]

    line().mend()
    expect(chip(alice)).to_have_attribute("data-state", "saved", timeout=20_000)
    with alice.expect_event("close"):
        alice.close(run_before_unload=True)
    assert asked == ["beforeunload"]


def test_whoever_may_no_longer_write_keeps_the_last_words_as_a_draft(
    own_server: Callable[..., Server], live_cast: Cast, sit: Sit
) -> None:
    # No sweep comes between: the commit itself finds that the role is too small by now.
    server = own_server(COLLAB_SWEEP_SECONDS="300")
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    write(bob, "Accepted. ")
    expect(editor(alice)).to_contain_text("Accepted.")
    expect(chip(bob)).to_have_attribute("data-state", "saved")

    Membership.objects.filter(room=live_cast.room, user=live_cast.bob).update(role=Role.VIEWER)
    bob.locator(".ProseMirror").evaluate("editor => document.execCommand('insertText', false, 'Too late.')")

    draft = bob.locator("[data-testid=rescue]")
    expect(draft).to_be_visible()
    expect(draft.locator("textarea")).to_have_value("Too late.")
    expect(chip(bob)).to_have_attribute("data-state", "viewonly")
    expect(editor(bob)).not_to_contain_text("Too late.")
    assert words(alice) == "Accepted."


def test_whoever_is_removed_sees_why_and_nothing_further(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)

    Membership.objects.filter(room=live_cast.room, user=live_cast.vera).delete()
    expect(chip(vera)).to_have_attribute("data-state", "removed")
    expect(people(alice)).to_have_count(1)
    write(alice, "Not for Vera.")
    expect(chip(alice)).to_have_attribute("data-state", "saved")

    expect(editor(vera)).not_to_contain_text("Not for Vera.")
