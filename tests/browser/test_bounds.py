"""What somebody reads who sends too much at once, or has too much open: calm words, and nothing lost."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Sit
from tests.browser.reading import chip, editor, words, write
from tests.harness.people import Cast
from tests.harness.server import Server


def test_who_pastes_more_than_a_share_is_told_that_it_will_be_sent_and_it_is(
    own_server: Callable[..., Server], live_cast: Cast, sit: Sit
) -> None:
    server = own_server(COLLAB_EDIT_BYTES_PER_SECOND="65536", COLLAB_BURST_SECONDS="1", COLLAB_PERSON_RATES="1")
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    pasted = "much " * 40_000
    editor(bob).click()
    bob.keyboard.insert_text(pasted)
    expect(chip(bob)).to_have_attribute("data-state", "saved")
    bob.keyboard.type("and more")
    expect(chip(bob)).to_contain_text("Sending in a moment")
    expect(chip(bob)).to_have_attribute("data-state", "saved")
    expect(editor(alice)).to_contain_text("and more")
    assert words(alice) == words(bob) == f"{pasted}and more"
    expect(bob.get_by_test_id("rescue")).to_be_hidden()


def test_words_that_do_not_fit_into_a_full_document_are_kept_beside_it(
    own_server: Callable[..., Server], live_cast: Cast, sit: Sit
) -> None:
    server = own_server(COLLAB_MAX_DOCUMENT_BYTES="65536")
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    editor(bob).click()
    bob.keyboard.insert_text("full " * 13_070)
    expect(chip(bob)).to_have_attribute("data-state", "saved")
    bob.keyboard.insert_text("Not one of these words is lost. " * 8)
    rescue = bob.get_by_test_id("rescue")
    expect(rescue).to_contain_text("the document has become too long")
    assert rescue.locator("textarea").first.input_value() == "Not one of these words is lost. " * 8
    expect(chip(bob)).to_have_attribute("data-state", "saved")
    editor(bob).press("End")
    for _ in range(20):
        bob.keyboard.press("Backspace")
    expect(chip(bob)).to_have_attribute("data-state", "saved")
    expect(rescue.locator("textarea")).to_have_count(1)


def test_a_tab_too_many_says_so_and_comes_in_when_one_is_closed(
    own_server: Callable[..., Server], live_cast: Cast, sit: Sit
) -> None:
    server = own_server(COLLAB_MAX_SOCKETS_PER_PERSON="1")
    desk = sit(live_cast.bob, server.url)
    first = desk.open(live_cast.document.key)
    write(first, "from the first tab")
    second = desk.page(f"/d/{live_cast.document.key}")
    expect(chip(second)).to_contain_text("Too many tabs are open")
    first.close()
    second.get_by_role("button", name="Try now").click()
    expect(editor(second)).to_contain_text("from the first tab")
