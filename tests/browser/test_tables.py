"""Tables: rows, columns, cells that are merged, what is sorted and how wide a column is."""

import pytest
from playwright.sync_api import Page, expect

from rooms.services.documents import write_content
from tests.browser.conftest import Sit
from tests.browser.pasting import content
from tests.browser.reading import chip, editor, settle
from tests.harness.people import Cast
from tests.harness.server import Server


@pytest.fixture
def alice(server: Server, live_cast: Cast, sit: Sit) -> Page:
    page = sit(live_cast.alice, server.url).open(live_cast.document.key)
    editor(page).click()
    return page


def paragraph(text: str) -> dict[str, object]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


def table(page: Page, *rows: str) -> None:
    """Write a table with a header row, one string with spaces a row, and leave the caret in its first cell."""
    cells = [row.split(" ") for row in rows]
    kinds = ["tableHeader"] + ["tableCell"] * (len(rows) - 1)
    made = [
        {"type": "tableRow", "content": [{"type": kind, "content": [paragraph(cell)]} for cell in row]}
        for kind, row in zip(kinds, cells, strict=True)
    ]
    editor(page).evaluate(
        """(element, content) => {
            const { editor } = element;
            editor.commands.setContent({ type: "doc", content });
            editor.commands.setTextSelection(11); // After a line of five letters: table, row, cell, paragraph.
            editor.view.focus();
        }""",
        [paragraph("First"), {"type": "table", "content": made}],
    )
    settle(page)


def rows(page: Page) -> list[str]:
    found: list[str] = (
        editor(page)
        .locator("tr")
        .evaluate_all("all => all.map(row => [...row.cells].map(cell => cell.innerText.trim()).join(' '))")
    )
    return found


def press(page: Page, command: str) -> None:
    page.locator(f"[data-command={command}]").click()


def test_rows_are_sorted_by_the_column_of_the_caret(alice: Page) -> None:
    table(alice, "Name Age", "Bob 9", "Vera 100", "Carol 20")
    alice.keyboard.press("Tab")
    press(alice, "sortUp")
    assert rows(alice) == ["Name Age", "Bob 9", "Carol 20", "Vera 100"]
    press(alice, "sortDown")
    assert rows(alice) == ["Name Age", "Vera 100", "Carol 20", "Bob 9"]
    alice.keyboard.press("Control+z")
    alice.keyboard.press("Control+z")


def test_cells_are_merged_and_split_and_headers_turned(alice: Page) -> None:
    table(alice, "a b", "c d")
    expect(alice.locator("[data-command=mergeCells]")).to_have_attribute("aria-disabled", "true")
    for _ in range(2):
        alice.keyboard.press("Shift+ArrowRight")
        settle(alice)
    expect(editor(alice).locator(".selectedCell")).to_have_count(2)
    press(alice, "mergeCells")
    expect(editor(alice).locator("th[colspan='2']")).to_have_text("ab")
    expect(alice.locator("[data-command=sortUp]")).to_have_attribute("aria-disabled", "true")
    press(alice, "splitCell")
    expect(editor(alice).locator("th")).to_have_count(2)
    press(alice, "headerRow")
    expect(editor(alice).locator("th")).to_have_count(0)
    press(alice, "headerColumn")
    expect(editor(alice).locator("th")).to_have_count(2)


def test_tab_in_the_last_cell_adds_a_row(alice: Page) -> None:
    table(alice, "a b")
    alice.keyboard.press("Tab")
    alice.keyboard.press("Tab")
    alice.keyboard.type("c")
    assert rows(alice) == ["a b", "c "]


def drag_edge(page: Page, by: int) -> None:
    """Draw the right edge of the first cell."""
    box = editor(page).locator("tr").first.locator("th").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] - 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 30, y)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y, steps=4)
    page.mouse.up()


def test_a_column_is_drawn_wider_and_others_see_it(alice: Page, live_cast: Cast, server: Server, sit: Sit) -> None:
    table(alice, "a b", "c d")
    expect(chip(alice)).to_have_attribute("data-state", "saved")
    carol = sit(live_cast.carol, server.url).open(live_cast.document.key)
    width = editor(alice).locator("th").first.evaluate("cell => cell.offsetWidth")
    drag_edge(alice, -80)
    expect(chip(alice)).to_have_attribute("data-state", "saved")
    [drawn] = content(alice)[1]["content"][0]["content"][0]["attrs"]["colwidth"]
    assert abs(drawn - (width - 80)) <= 3
    expect(editor(carol).locator("col").first).to_have_css("width", f"{drawn}px")

    drag_edge(carol, 50)
    assert content(carol) == content(alice)


def column_widths(page: Page) -> list[float]:
    cells = editor(page).locator("tr").first.locator("th, td")
    found: list[float] = cells.evaluate_all("all => all.map(cell => cell.offsetWidth)")
    return found


def test_a_column_is_made_wider_and_narrower_by_key(alice: Page, live_cast: Cast, server: Server, sit: Sit) -> None:
    table(alice, "a b", "c d")
    expect(chip(alice)).to_have_attribute("data-state", "saved")
    before = column_widths(alice)
    button = alice.get_by_role("button", name="Make this column narrower")
    button.focus()
    alice.keyboard.press("Enter")
    expect(chip(alice)).to_have_attribute("data-state", "saved")
    head, body = (row["content"][0]["attrs"]["colwidth"] for row in content(alice)[1]["content"])
    assert head == body == [before[0] - 32]
    expect(editor(alice).locator("col").first).to_have_css("width", f"{before[0] - 32}px")
    carol = sit(live_cast.carol, server.url).open(live_cast.document.key)
    expect(editor(carol).locator("col").first).to_have_css("width", f"{before[0] - 32}px")
    for _ in range(40):
        press(alice, "columnNarrower")
    assert content(alice)[1]["content"][0]["content"][0]["attrs"]["colwidth"] == [96]
    press(alice, "columnWider")
    assert content(alice)[1]["content"][0]["content"][0]["attrs"]["colwidth"] == [128]


def test_a_cell_over_two_columns_keeps_the_width_of_the_other(alice: Page) -> None:
    table(alice, "a b", "c d")
    for _ in range(2):
        alice.keyboard.press("Shift+ArrowRight")
        settle(alice)
    press(alice, "mergeCells")
    press(alice, "columnNarrower")
    merged, below = (row["content"][0]["attrs"]["colwidth"] for row in content(alice)[1]["content"])
    assert merged == [below[0], 0]


def test_a_table_that_claims_millions_of_columns_stops_nobody(live_cast: Cast, server: Server, sit: Sit) -> None:
    wide = {"type": "tableCell", "attrs": {"colspan": 10**9, "rowspan": 10**9}, "content": [paragraph("Wide")]}
    claims = {"type": "table", "content": [{"type": "tableRow", "content": [wide]}]}
    write_content(
        document=live_cast.document,
        content={"type": "doc", "content": [paragraph("First"), claims, paragraph("Last")]},
        by=live_cast.alice,
    )
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    expect(editor(vera).locator("td")).to_have_attribute("colspan", "100")
    editor(bob).get_by_text("Wide").click()
    bob.keyboard.press("End")
    bob.keyboard.type(" enough")
    expect(editor(vera).locator("td")).to_have_text("Wide enough")
