"""Finding and replacing in a document, and blocks of code."""

from playwright.sync_api import expect

from tests.browser.conftest import Sit
from tests.browser.contents import caret_in, code, count, expect_lines, fill, finds, line, opens, text
from tests.browser.reading import editor
from tests.harness.people import Cast
from tests.harness.server import Server

# --- Finding and replacing ----------------------------------------------------------------------------------


def test_words_are_found_across_marks_and_while_others_write(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, line("One plan and a pl", text("an", "bold")), line("No word"), line("PLAN of planes"))
    alice = opens(sit, live_cast.alice, server, live_cast)
    bob = opens(sit, live_cast.bob, server, live_cast)
    caret_in(bob, "No word")

    bar = finds(alice, "plan")
    expect(count(alice)).to_have_text("1 of 4")
    expect(editor(alice).locator(".found")).to_have_count(5)  # One of them is cut by a mark.
    bar.get_by_role("button", name="Match case").click()
    expect(count(alice)).to_have_text("1 of 3")
    bar.get_by_role("button", name="Whole words").click()
    expect(count(alice)).to_have_text("1 of 2")

    bob.keyboard.type(" of a plan")
    expect(count(alice)).to_have_text("1 of 3")

    bar.get_by_label("Find", exact=True).focus()
    alice.keyboard.press("Shift+Enter")
    expect(count(alice)).to_have_text("3 of 3")
    alice.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    expect(editor(alice)).to_be_focused()
    expect(editor(alice).locator(".found")).to_have_count(0)
    alice.keyboard.type("hint")
    expect_lines(bob, "One plan and a plan", "No word of a hint", "PLAN of planes")


def test_a_viewer_finds_and_cannot_replace(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, line("One plan"), line("Two plans"))
    vera = opens(sit, live_cast.vera, server, live_cast)

    bar = finds(vera, "plan")
    expect(count(vera)).to_have_text("1 of 2")
    vera.keyboard.press("Enter")
    expect(count(vera)).to_have_text("2 of 2")
    vera.keyboard.press("Control+Alt+f")
    expect(bar.get_by_role("button", name="Replace", exact=True)).to_be_hidden()
    vera.keyboard.press("Escape")

    assert vera.evaluate("() => String(getSelection())") == "plan"
    vera.get_by_test_id("open-menu").click()
    expect(vera.locator("[data-command=replace]")).to_be_disabled()
    expect(vera.locator("[data-command=find]")).to_be_enabled()


def test_one_and_all_are_replaced_and_all_is_one_step_back(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, line("2026-07 and 2026-08"), line("then ", text("2027-01", "bold")))
    alice = opens(sit, live_cast.alice, server, live_cast)
    bob = opens(sit, live_cast.bob, server, live_cast)
    caret_in(alice, "2026-07")
    alice.keyboard.type("!")
    alice.keyboard.press("Control+Alt+f")
    bar = alice.get_by_test_id("find-bar")
    bar.get_by_role("button", name="Regular expression").click()
    bar.get_by_label("Find", exact=True).fill(r"(\d{4})-(\d\d)")
    bar.get_by_label("Replace with").fill("$2/$1")
    expect(count(alice)).to_have_text("3 of 3")  # The caret is behind the first two.

    bar.get_by_role("button", name="Next match").click()
    expect(count(alice)).to_have_text("1 of 3")
    bar.get_by_role("button", name="Replace", exact=True).click()
    expect_lines(bob, "07/2026 and 2026-08!", "then 2027-01")
    expect(count(alice)).to_have_text("1 of 2")

    bar.get_by_role("button", name="Replace all").click()
    expect(count(alice)).to_have_text("Replaced 2")
    expect_lines(bob, "07/2026 and 08/2026!", "then 01/2027")
    expect(editor(bob).locator("strong")).to_have_text("01/2027")

    alice.keyboard.press("Escape")
    editor(alice).focus()
    alice.keyboard.press("Control+z")
    expect_lines(bob, "07/2026 and 2026-08!", "then 2027-01")
    alice.keyboard.press("Control+z")
    expect_lines(bob, "2026-07 and 2026-08!", "then 2027-01")


def test_expressions_that_are_none_or_never_end_are_said_plainly(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, line("a" * 40 + "!"))
    alice = opens(sit, live_cast.alice, server, live_cast)

    bar = finds(alice, "(a")
    bar.get_by_role("button", name="Regular expression").click()
    expect(bar.get_by_role("alert")).to_contain_text("This is not a regular expression")
    bar.get_by_label("Find", exact=True).fill("(a+)+$")
    expect(bar.get_by_role("alert")).to_contain_text("takes too long")
    expect(count(alice)).to_have_text("")
    bar.get_by_label("Find", exact=True).fill("a+!")
    expect(count(alice)).to_have_text("1 of 1")
    expect(bar.get_by_role("alert")).to_be_hidden()


# --- Code ---------------------------------------------------------------------------------------------------


def test_code_has_a_language_and_its_colours_for_everybody(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, code("def plan():\n    return 1"), line("after"))
    alice = opens(sit, live_cast.alice, server, live_cast)
    vera = opens(sit, live_cast.vera, server, live_cast)

    alice.get_by_label("Language of this code").select_option(label="Python")

    for page in (alice, vera):
        expect(editor(page).locator(".hljs-keyword")).to_have_text(["def", "return"])
    expect(vera.get_by_label("Language of this code")).to_be_hidden()
    expect(vera.locator(".code-name")).to_have_text("Python")

    caret_in(alice, "return")
    alice.keyboard.press("End")
    alice.keyboard.press("Enter")
    alice.keyboard.press("Tab")
    alice.keyboard.type("import x")
    expect(editor(vera).locator(".hljs-keyword")).to_have_text(["def", "return", "import"])
    assert "\n  import x" in editor(alice).locator("pre").inner_text()
    alice.keyboard.press("Shift+Tab")
    expect(editor(vera).locator("pre")).to_have_text("def plan():\n    return 1\nimport x", use_inner_text=True)
    # Nobody is caught in it.
    alice.keyboard.press("Escape")
    alice.keyboard.press("Tab")
    expect(editor(alice)).not_to_be_focused()


def test_code_is_copied_by_a_button_also_by_a_viewer(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, code("one\n  two"))
    vera = opens(sit, live_cast.vera, server, live_cast, permissions=["clipboard-read", "clipboard-write"])

    vera.get_by_label("Copy this code").click()

    expect(vera.locator("#voice")).to_have_text("The code is copied.")
    assert vera.evaluate("() => navigator.clipboard.readText()") == "one\n  two"


def test_a_language_from_a_document_is_words_and_never_a_class(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, code("x", "x menu page-notice"))
    alice = opens(sit, live_cast.alice, server, live_cast)

    expect(alice.get_by_label("Language of this code").locator("option:checked")).to_have_text("x menu page-notice")
    expect(editor(alice).locator(".menu, .page-notice")).to_have_count(0)
