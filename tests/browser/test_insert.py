"""Getting things into the text: the slash menu, people, documents, emoji, callouts, folds, and formulas."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from rooms.services import documents, rooms
from rooms.services.documents import write_content
from tests.browser.conftest import Sit
from tests.browser.pasting import content
from tests.browser.reading import chip, editor, words, write
from tests.harness.people import Cast
from tests.harness.server import Server

Shot = Callable[[Page, str], None]


@pytest.fixture
def alice(server: Server, live_cast: Cast, sit: Sit) -> Page:
    page = sit(live_cast.alice, server.url).open(live_cast.document.key)
    editor(page).click()
    return page


def menu(page: Page) -> Locator:
    return page.locator("[role=listbox]:visible")


def option(page: Page) -> Locator:
    """The one that Enter takes."""
    return menu(page).locator("[role=option][aria-selected=true] .choices-label")


def ask(page: Page, sign: str) -> None:
    """Type what opens a menu, and wait for it."""
    page.keyboard.type(sign)
    expect(menu(page)).to_be_visible()


def begin(page: Page) -> None:
    """A line of words first. The binding of Yjs warns in the console of whoever opens a text that begins otherwise."""
    page.keyboard.type("First")
    page.keyboard.press("Enter")


def press(page: Page, command: str) -> None:
    page.locator(f"[data-command={command}]").click()


def paragraph(*parts: Any) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": p} if isinstance(p, str) else p for p in parts]}


# --- The slash menu ---------------------------------------------------------------------------------------------------


def test_the_slash_menu_is_in_groups_and_goes_by_keys(alice: Page) -> None:
    ask(alice, "/")
    groups = menu(alice).locator("[role=group]").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert groups[:4] == ["Text", "Lists", "Notes", "Insert"]
    expect(option(alice)).to_have_text("Heading 1")
    alice.keyboard.press("End")
    expect(option(alice)).to_have_text(menu(alice).locator(".choices-label").last.inner_text())
    alice.keyboard.press("Home")
    alice.keyboard.press("ArrowDown")
    expect(option(alice)).to_have_text("Heading 2")
    current = menu(alice).locator("[aria-selected=true]").get_attribute("id") or ""
    expect(editor(alice)).to_have_attribute("aria-activedescendant", current)
    alice.keyboard.press("Escape")
    expect(menu(alice)).to_have_count(0)
    assert words(alice) == "/"


@pytest.mark.parametrize(
    ("asked", "selector"),
    [
        ("/heading 4", "h4"),
        ("/hint", ".callout[data-tone=note]"),
        ("/warning", ".callout[data-tone=warning]"),
        ("/toggle", ".details.is-open"),
        ("/divider", "hr"),
        ("/table", "table"),
        ("/task", "ul[data-type=taskList]"),
    ],
)
def test_everything_is_found_by_its_words(alice: Page, asked: str, selector: str) -> None:
    ask(alice, asked)
    alice.keyboard.press("Enter")
    expect(editor(alice).locator(selector)).to_be_visible()
    assert "/" not in words(alice)


# --- People, documents, emoji -----------------------------------------------------------------------------------------


def test_a_person_is_named_by_keys(alice: Page, live_cast: Cast, server: Server, sit: Sit) -> None:
    write(alice, "Ask ")
    ask(alice, "@b")
    expect(menu(alice).locator(".choices-label")).to_have_text(["Bob"])
    alice.keyboard.press("Enter")
    alice.keyboard.type("please")
    mention = {"type": "mention", "attrs": {"id": live_cast.bob.key, "label": "Bob"}}
    assert content(alice) == [paragraph("Ask ", mention, " please")]
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    expect(editor(bob)).to_have_text("Ask @Bob please")


def test_an_answer_that_comes_late_picks_nobody_else(alice: Page) -> None:
    """Whoever was offered for fewer letters is not taken for more."""
    ask(alice, "@")
    alice.keyboard.type("zz")
    alice.keyboard.press("Enter")
    assert words(alice) == "@zz"
    assert [block["type"] for block in content(alice)] == ["paragraph", "paragraph"]


def test_escape_leaves_the_sign_alone(alice: Page) -> None:
    ask(alice, "@")
    alice.keyboard.press("Escape")
    alice.keyboard.type("bob")
    alice.keyboard.press("Enter")
    expect(menu(alice)).to_have_count(0)
    assert words(alice) == "@bob"


def test_a_document_is_linked_and_shows_todays_title(alice: Page, live_cast: Cast, server: Server, sit: Sit) -> None:
    notes = documents.create_document(room=live_cast.room, by=live_cast.alice, title="Harbour notes")
    ask(alice, "see [[harb")
    expect(option(alice)).to_contain_text("Harbour notes")
    alice.keyboard.press("Enter")
    link = {"type": "documentLink", "attrs": {"key": notes.key, "label": "Harbour notes"}}
    assert content(alice) == [paragraph("see ", link, " ")]
    expect(chip(alice)).to_have_attribute("data-state", "saved")

    documents.rename_document(document=notes, title="Notes of the harbour")
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    shown = editor(vera).locator("a.document-link")
    expect(shown).to_have_text("Notes of the harbour")
    shown.click()
    expect(vera.locator("[data-testid=title]")).to_have_value("Notes of the harbour")


def test_a_link_to_a_document_of_others_keeps_its_label(alice: Page, live_cast: Cast, server: Server, sit: Sit) -> None:
    secret_room = rooms.create_room(name="Board", by=live_cast.mallory)
    secret = documents.create_document(room=secret_room, by=live_cast.mallory, title="Money")
    link = {"type": "documentLink", "attrs": {"key": secret.key, "label": "What we called it"}}
    write_content(
        document=live_cast.document, content={"type": "doc", "content": [paragraph(link)]}, by=live_cast.alice
    )
    bob = sit(live_cast.bob, server.url)
    with bob.context.expect_event("response", lambda answer: "/documents?key=" in answer.url) as asked:
        page = bob.open(live_cast.document.key)
    assert asked.value.json() == {"documents": []}
    expect(editor(page).locator("a.document-link")).to_have_text("What we called it")


def test_an_emoji_is_found_by_its_name(alice: Page) -> None:
    ask(alice, "Done :tada")
    expect(option(alice)).to_contain_text("tada")
    alice.keyboard.press("Enter")
    assert words(alice) == "Done 🎉"
    ask(alice, " :rocket")
    alice.keyboard.type(":")
    assert words(alice) == "Done 🎉 🚀"


def test_times_and_addresses_open_no_menu(alice: Page) -> None:
    alice.keyboard.type("at 10:30 mail bob@example.org and std::vector :) ")
    expect(menu(alice)).to_have_count(0)
    assert words(alice) == "at 10:30 mail bob@example.org and std::vector :)"


# --- Callouts and folded text -----------------------------------------------------------------------------------------


def test_the_kind_of_a_callout_is_changed_in_its_corner(alice: Page, live_cast: Cast, server: Server, sit: Sit) -> None:
    begin(alice)
    ask(alice, "/tip")
    alice.keyboard.press("Enter")
    alice.keyboard.type("Mind the gap")
    alice.get_by_label("Kind of note").select_option("danger")
    assert content(alice)[1]["attrs"] == {"tone": "danger"}
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    expect(editor(vera).locator(".callout[data-tone=danger] .callout-word")).to_have_text("Danger")
    expect(vera.get_by_label("Kind of note")).to_be_hidden()


def test_folded_text_opens_by_key_also_for_a_viewer_and_that_is_no_edit(
    alice: Page, live_cast: Cast, server: Server, sit: Sit
) -> None:
    begin(alice)
    ask(alice, "/folded")
    alice.keyboard.press("Enter")
    alice.keyboard.type("Summary")
    alice.keyboard.press("Enter")
    alice.keyboard.type("Inside")
    before = content(alice)
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    inside = editor(vera).locator("[data-type=detailsContent]")
    expect(editor(vera)).to_contain_text("Summary")
    expect(inside).to_be_hidden()
    toggle = editor(vera).locator(".details > button")
    toggle.focus()
    vera.keyboard.press("Enter")
    expect(inside).to_be_visible()
    expect(toggle).to_be_focused()
    vera.keyboard.press("Space")
    expect(inside).to_be_hidden()
    alice.keyboard.press("Control+Enter")
    expect(editor(alice).locator("[data-type=detailsContent]")).to_be_hidden()
    assert content(alice) == content(vera) == before
    expect(chip(vera)).to_have_attribute("data-state", "viewonly")


# --- Formulas ---------------------------------------------------------------------------------------------------------


def test_a_formula_is_typed_between_dollars_and_prices_are_not(alice: Page) -> None:
    alice.keyboard.type("costs $5 or $6 and $x^2$ is it")
    expect(editor(alice).locator(".math .katex")).to_be_visible()
    formula = {"type": "inlineMath", "attrs": {"latex": "x^2"}}
    assert content(alice) == [paragraph("costs $5 or $6 and ", formula, " is it")]


def test_a_formula_is_changed_in_its_form_and_seen_while_typing(alice: Page, shot: Shot) -> None:
    alice.keyboard.type("$$ ")
    form = alice.locator("[data-testid=math-form]")
    source = form.get_by_label("Formula in LaTeX")
    expect(source).to_be_focused()
    source.fill(r"\left(\sum_{i=1}^n \frac{1}{i}\right) \pmb{x} \fcolorbox{red}{white}{y}")
    expect(form.locator(".math-preview .katex")).to_be_visible()
    source.press("Control+Enter")
    expect(form).to_be_hidden()
    expect(editor(alice).locator(".math-block .katex-display")).to_be_visible()

    editor(alice).locator(".math-block").click()
    source.fill(r"\frac{1}{")
    expect(form.get_by_role("status")).not_to_be_empty()
    shot(alice, "formula-form")
    source.press("Escape")
    assert content(alice)[0]["attrs"]["latex"].startswith(r"\left(")


def test_what_is_no_formula_is_shown_as_it_is(alice: Page, live_cast: Cast, server: Server, sit: Sit) -> None:
    bad = [
        r"\href{javascript:alert(1)}{x}",
        r"\includegraphics{https://evil.example/x.png}",
        r"\foo",
        r"\def\a{\a\a}\a",
    ]
    nodes = [paragraph("First"), *({"type": "blockMath", "attrs": {"latex": latex}} for latex in bad)]
    write_content(document=live_cast.document, content={"type": "doc", "content": nodes}, by=live_cast.alice)
    page = sit(live_cast.alice, server.url).open(live_cast.document.key)
    expect(editor(page).locator(".math-block").nth(2)).to_have_class("math math-block is-wrong")
    expect(editor(page).locator(".math-block").nth(3)).to_have_class("math math-block is-wrong")
    expect(editor(page).locator("a, img:not(.ProseMirror-separator)")).to_have_count(0)


def test_an_empty_formula_leaves_nothing_behind(alice: Page) -> None:
    alice.keyboard.type("before ")
    alice.keyboard.press("Enter")
    ask(alice, "/formula in")
    alice.keyboard.press("Enter")
    expect(alice.get_by_label("Formula in LaTeX")).to_be_focused()
    alice.keyboard.press("Escape")
    expect(editor(alice).locator(".math")).to_have_count(0)


# --- Links and looks --------------------------------------------------------------------------------------------------


def test_the_address_of_a_link_is_copied(alice: Page) -> None:
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    alice.keyboard.type("https://example.org/quay ")
    editor(alice).locator("a").click()
    popover = alice.locator("[data-testid=link-popover]")
    expect(popover.get_by_label("Open the link")).to_have_attribute("title", "https://example.org/quay")
    popover.get_by_label("Copy the address").click()
    expect(popover).to_contain_text("The address is copied.")
    assert alice.evaluate("() => navigator.clipboard.readText()") == "https://example.org/quay"


EVERYTHING: list[dict[str, Any]] = [
    {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "Harbour report"}]},
    paragraph(
        "Asked ",
        {"type": "mention", "attrs": {"id": "x", "label": "Bob"}},
        " about ",
        {"type": "documentLink", "attrs": {"key": "none", "label": "Tide tables"}},
        " and ",
        {"type": "inlineMath", "attrs": {"latex": r"e^{i\pi} + 1 = 0"}},
        ".",
    ),
    *(
        {"type": "callout", "attrs": {"tone": tone}, "content": [paragraph(f"This is a {tone}.")]}
        for tone in ("note", "tip", "warning", "danger")
    ),
    {"type": "blockMath", "attrs": {"latex": r"\int_0^1 \sqrt{1 - x^2}\,dx = \frac{\pi}{4}"}},
    {
        "type": "details",
        "content": [
            {"type": "detailsSummary", "content": [{"type": "text", "text": "What else"}]},
            {"type": "detailsContent", "content": [paragraph("Folded.")]},
        ],
    },
]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("light", {}),
        ("dark", {"color_scheme": "dark"}),
        ("phone", {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}),
    ],
)
def test_it_looks_right(live_cast: Cast, server: Server, sit: Sit, shot: Shot, name: str, options: Any) -> None:
    write_content(document=live_cast.document, content={"type": "doc", "content": EVERYTHING}, by=live_cast.alice)
    page = sit(live_cast.alice, server.url, **options).open(live_cast.document.key)
    expect(editor(page).locator(".katex")).to_have_count(2)
    shot(page, f"insert-{name}")
    write(page, "")
    page.keyboard.press("Enter")
    ask(page, "/")
    shot(page, f"insert-slash-{name}")
    page.keyboard.press("Backspace")
    ask(page, "@")
    shot(page, f"insert-people-{name}")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    press(page, "table")
    page.keyboard.type("Item")
    shot(page, f"insert-table-{name}")
    overflow = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
