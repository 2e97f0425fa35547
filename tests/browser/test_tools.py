"""Working on text that is there: the bubble, colours, and blocks that move."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Sit
from tests.browser.contents import (
    bubble,
    caret_in,
    code,
    count,
    expect_lines,
    fill,
    finds,
    handle_of,
    line,
    lines,
    opens,
    text,
)
from tests.browser.reading import editor, settle, words
from tests.harness.people import Cast
from tests.harness.server import Server

# --- The bubble ---------------------------------------------------------------------------------------------


def test_a_bubble_over_selected_text_formats_it_with_mouse_and_keyboard(
    server: Server, live_cast: Cast, sit: Sit
) -> None:
    fill(live_cast, line("Some words here"))
    alice = opens(sit, live_cast.alice, server, live_cast)
    bob = opens(sit, live_cast.bob, server, live_cast)
    caret_in(alice, "Some words")
    expect(bubble(alice)).to_be_hidden()
    alice.keyboard.press("Control+Shift+ArrowLeft")

    bubble(alice).get_by_role("button", name="Bold").click()
    expect(editor(bob).locator("strong")).to_have_text("here")

    alice.keyboard.press("Alt+F10")
    expect(bubble(alice).get_by_role("button", name="Bold")).to_be_focused()
    alice.keyboard.press("ArrowRight")
    alice.keyboard.press("Enter")
    expect(editor(bob).locator("em")).to_have_text("here")

    alice.keyboard.press("Alt+F10")
    alice.keyboard.press("Escape")
    expect(editor(alice)).to_be_focused()
    bubble(alice).get_by_role("button", name="Link").click()
    expect(alice.get_by_test_id("link-popover")).to_be_visible()
    expect(bubble(alice)).to_be_hidden()


def test_no_bubble_without_words_in_code_or_for_a_reader(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, line("Some words"), code("x = 1"))
    alice = opens(sit, live_cast.alice, server, live_cast)
    vera = opens(sit, live_cast.vera, server, live_cast)

    caret_in(alice, "Some words")
    alice.keyboard.press("Shift+Home")
    expect(bubble(alice)).to_be_visible()
    alice.keyboard.press("Escape")
    expect(bubble(alice)).to_be_hidden()
    caret_in(alice, "x = 1")
    alice.keyboard.press("Shift+Home")
    settle(alice)
    expect(bubble(alice)).to_be_hidden()
    editor(vera).get_by_text("Some words").dblclick()
    settle(vera)
    expect(bubble(vera)).to_be_hidden()


def test_more_formatting_colours_and_aligns_text(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, line("Some words here"))
    alice = opens(sit, live_cast.alice, server, live_cast)
    bob = opens(sit, live_cast.bob, server, live_cast)
    caret_in(alice, "Some words")
    alice.keyboard.press("Control+Shift+ArrowLeft")
    menu = alice.get_by_test_id("format-menu")

    def choose(row: str, name: str) -> None:
        bubble(alice).get_by_role("button", name="More formatting").click()
        menu.get_by_role("toolbar", name=row, exact=True).get_by_role("button", name=name, exact=True).click()
        expect(menu).to_be_hidden()

    choose("Colour of the text", "Red")
    choose("Colour behind the text", "Blue behind")
    choose("Text", "Lowered, as in H₂O")
    choose("Text", "Align in the middle")

    colored = editor(bob).locator("[data-type=text-color][data-color=red]")
    expect(colored).to_have_text("here")
    expect(editor(bob).locator("mark[data-color=blue]")).to_have_text("here")
    expect(editor(bob).locator("sub")).to_have_text("here")
    expect(editor(bob).locator("p")).to_have_css("text-align", "center")
    plain = editor(bob).locator("p").evaluate("one => getComputedStyle(one).color")
    assert colored.evaluate("one => getComputedStyle(one).color") != plain

    # By the toolbar and the keyboard alone, and off again.
    more = alice.locator(".toolbar-dock [data-command=more]")
    more.focus()
    alice.keyboard.press("Enter")
    expect(menu.get_by_role("button", name="Raised, as in m²")).to_be_focused()
    alice.keyboard.press("Tab")
    expect(menu.get_by_role("button", name="No colour").first).to_be_focused()
    alice.keyboard.press("Enter")
    expect(colored).to_have_count(0)
    expect(editor(alice)).to_be_focused()


# --- Blocks -------------------------------------------------------------------------------------------------


def test_a_block_is_dragged_and_nobodys_caret_elsewhere_moves(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, line("First"), line("Second"), line("Third"), line("Fourth"))
    alice = opens(sit, live_cast.alice, server, live_cast)
    bob = opens(sit, live_cast.bob, server, live_cast)
    caret_in(bob, "Third")

    handle = handle_of(alice, "Second")
    handle.hover()
    alice.mouse.down()
    box = editor(alice).get_by_text("Fourth").bounding_box()
    assert box is not None
    alice.mouse.move(box["x"] + 20, box["y"] + 2, steps=5)
    expect(alice.locator(".block-line")).to_be_visible()
    alice.mouse.move(box["x"] + 20, box["y"] + box["height"] - 2, steps=5)
    settle(alice)
    alice.mouse.up()

    expect_lines(bob, "First", "Third", "Fourth", "Second")
    bob.keyboard.type(" of all")
    expect_lines(alice, "First", "Third of all", "Fourth", "Second")
    alice.keyboard.press("Control+z")
    expect_lines(bob, "First", "Second", "Third of all", "Fourth")


def test_a_caret_in_a_block_goes_with_it_when_somebody_else_moves_it(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, line("First"), line("Second"), line("Third"))
    alice = opens(sit, live_cast.alice, server, live_cast)
    bob = opens(sit, live_cast.bob, server, live_cast)
    caret_in(bob, "Second")

    caret_in(alice, "Second")
    alice.keyboard.press("Alt+Shift+ArrowDown")
    expect_lines(bob, "First", "Third", "Second")
    bob.keyboard.type(" to none")

    expect_lines(alice, "First", "Third", "Second to none")


def test_escape_ends_a_drag_and_changes_nothing(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, line("First"), line("Second"), line("Third"))
    alice = opens(sit, live_cast.alice, server, live_cast)

    handle_of(alice, "First").hover()
    alice.mouse.down()
    box = editor(alice).get_by_text("Third").bounding_box()
    assert box is not None
    alice.mouse.move(box["x"] + 20, box["y"] + box["height"] - 2, steps=5)
    expect(alice.locator(".block-line")).to_be_visible()
    alice.keyboard.press("Escape")
    expect(alice.locator(".block-line")).to_be_hidden()
    alice.mouse.up()

    settle(alice)
    assert lines(alice) == ["First", "Second", "Third"]


def test_the_keyboard_moves_and_duplicates_blocks_and_each_is_one_step_back(
    server: Server, live_cast: Cast, sit: Sit
) -> None:
    fill(live_cast, line("First"), line("Second"))
    alice = opens(sit, live_cast.alice, server, live_cast)
    caret_in(alice, "Second")

    alice.keyboard.type("!")
    alice.keyboard.press("Alt+Shift+ArrowUp")
    expect_lines(alice, "Second!", "First")
    alice.keyboard.press("Control+Shift+d")
    expect_lines(alice, "Second!", "Second!", "First")
    alice.keyboard.type("?")
    expect_lines(alice, "Second!", "Second!?", "First")

    for expected in (("Second!", "Second!", "First"), ("Second!", "First"), ("First", "Second!"), ("First", "Second")):
        alice.keyboard.press("Control+z")
        expect_lines(alice, *expected)


def test_the_menu_of_a_block_turns_and_deletes_it(server: Server, live_cast: Cast, sit: Sit) -> None:
    item = {"type": "listItem", "content": [line("An item")]}
    fill(
        live_cast, line("First"), line("Second"), {"type": "bulletList", "content": [item]}, {"type": "horizontalRule"}
    )
    alice = opens(sit, live_cast.alice, server, live_cast)
    bob = opens(sit, live_cast.bob, server, live_cast)
    menu = alice.get_by_test_id("block-menu")

    handle_of(alice, "Second").click()
    menu.get_by_role("menuitem", name="Heading 4").click()
    expect(editor(bob).locator("h4")).to_have_text("Second")
    handle_of(alice, "An item").click()
    menu.get_by_role("menuitem", name="Quote").click()
    expect(editor(bob).locator("blockquote")).to_have_text("An item")
    expect(editor(bob).locator("ul")).to_have_count(0)

    # By the keyboard alone.
    caret_in(alice, "First")
    alice.keyboard.press("Control+Alt+b")
    expect(menu.get_by_role("menuitem", name="Text", exact=True)).to_be_focused()
    alice.keyboard.press("End")
    alice.keyboard.press("Enter")
    expect_lines(bob, "Second", "An item", "")
    expect(editor(alice)).to_be_focused()

    # A dividing line cannot become text.
    editor(alice).locator("hr").hover()
    alice.locator(".block-handle").click()
    expect(menu.get_by_role("menuitem", name="Delete")).to_be_visible()
    expect(menu.get_by_role("menuitem", name="Heading 1")).to_be_hidden()
    expect(menu.get_by_role("menuitem", name="Move down")).to_be_disabled()


def test_a_phone_has_the_menu_of_a_block_behind_more_formatting(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, line("First"), line("Second"))
    phone = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True}
    alice = opens(sit, live_cast.alice, server, live_cast, **phone)
    caret_in(alice, "Second")
    expect(bubble(alice)).to_be_hidden()

    alice.locator(".toolbar-dock [data-command=more]").tap()
    menu = alice.get_by_test_id("format-menu")
    menu.get_by_role("button", name="Move the block up").tap()
    expect_lines(alice, "Second", "First")
    alice.locator(".toolbar-dock [data-command=more]").tap()
    menu.get_by_role("button", name="More for this block").tap()
    alice.get_by_test_id("block-menu").get_by_role("menuitem", name="Heading 1").tap()
    expect(editor(alice).locator("h1")).to_have_text("Second")


def test_a_viewer_has_no_handle(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast, line("First"), line("Second"))
    vera = opens(sit, live_cast.vera, server, live_cast)

    editor(vera).get_by_text("First").hover()
    editor(vera).focus()
    vera.keyboard.press("Alt+Shift+ArrowDown")
    vera.keyboard.press("Control+Shift+d")
    settle(vera)

    expect(vera.locator(".block-handle")).to_be_hidden()
    assert lines(vera) == ["First", "Second"]


# --- Pictures -----------------------------------------------------------------------------------------------


def test_pictures_of_the_tools(server: Server, live_cast: Cast, sit: Sit, shot: Any) -> None:
    plain = "A plan is a list of what has to be done, and by whom. Most plans are read once."
    marked = [{"type": "textColor", "attrs": {"color": "red"}}, {"type": "highlight", "attrs": {"color": "yellow"}}]
    fill(
        live_cast,
        {"type": "heading", "attrs": {"level": 2}, "content": [text("The plan")]},
        line(plain),
        line("Colours: ", {"type": "text", "text": "urgent", "marks": marked}, " and the rest."),
        code('def plan(days: int) -> str:\n    # Two weeks at most.\n    return f"{days} days"', "python"),
        line(plain),
    )
    for name, options in (
        ("light", {"color_scheme": "light"}),
        ("dark", {"color_scheme": "dark"}),
        ("phone", {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True}),
    ):
        page = opens(sit, live_cast.alice, server, live_cast, **options)
        expect(editor(page).locator(".hljs-keyword").first).to_be_visible()
        finds(page, "plan")
        page.keyboard.press("Control+Alt+f")
        expect(count(page)).to_contain_text("of 6")
        shot(page, f"find-{name}")
        page.keyboard.press("Escape")
        caret_in(page, "Colours")
        page.keyboard.press("Shift+Home")
        settle(page)
        if name != "phone":
            expect(bubble(page)).to_be_visible()
            shot(page, f"bubble-{name}")
        page.locator(".toolbar-dock [data-command=more]").click()
        expect(page.get_by_test_id("format-menu")).to_be_visible()
        shot(page, f"formatting-{name}")
        page.keyboard.press("Escape")
        editor(page).focus()
        page.keyboard.press("Control+Alt+b")
        expect(page.get_by_test_id("block-menu")).to_be_visible()
        shot(page, f"block-{name}")
        assert "Colours" in words(page)


def test_an_alignment_from_a_document_is_no_style(server: Server, live_cast: Cast, sit: Sit) -> None:
    """A hand-made client can write any attribute; none may style the page."""
    crafted = {**line("x"), "attrs": {"textAlign": "center; position: fixed; top: 0"}}
    fill(live_cast, crafted)
    alice = opens(sit, live_cast.alice, server, live_cast)

    assert editor(alice).locator("p").get_attribute("style") is None
