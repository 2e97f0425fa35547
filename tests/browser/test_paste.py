"""What other programs put on the clipboard becomes a clean part of the document, and nothing of it is dangerous."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Sit
from tests.browser.pasting import clear, content, paste
from tests.browser.reading import chip, editor, settle, words, write
from tests.harness.people import Cast
from tests.harness.server import ROOT, Server

FRAGMENTS = ROOT / "static" / "tests" / "paste"


def paragraph(text: str) -> dict[str, object]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


@pytest.fixture
def alice(server: Server, live_cast: Cast, sit: Sit) -> Page:
    page = sit(live_cast.alice, server.url).open(live_cast.document.key)
    editor(page).click()
    return page


@pytest.mark.parametrize("fragment", sorted(FRAGMENTS.glob("*.html")), ids=lambda path: path.stem)
def test_what_a_program_copies_comes_out_clean(alice: Page, fragment: Path) -> None:
    paste(alice, html=fragment.read_text())
    assert content(alice) == json.loads(fragment.with_suffix(".json").read_text())


def test_nothing_dangerous_of_a_page_gets_into_the_text(alice: Page) -> None:
    paste(alice, html=(FRAGMENTS / "web.html").read_text())
    found = editor(alice).evaluate(
        """(element) => {
            const bad = [];
            for (const one of element.querySelectorAll("*")) {
                // Our own buttons are drawn with icons.
                if (one.matches("script, style, link, iframe, object, embed, form, input, svg:not(.icon)")) {
                    bad.push(one.outerHTML);
                }
                for (const { name, value } of one.attributes) {
                    const isBad = /^on/.test(name) || /javascript:|evil\\.example|position:/i.test(value);
                    if (isBad) bad.push(one.outerHTML);
                }
            }
            return bad;
        }"""
    )
    assert found == []


def test_a_picture_elsewhere_becomes_a_link_and_is_not_asked_for(alice: Page) -> None:
    asked: list[str] = []
    alice.on("request", lambda request: asked.append(request.url))
    paste(alice, html='<p>Look: <img src="https://img.example.org/cat.png" alt="A cat"></p>')
    expect(editor(alice).locator("a")).to_have_attribute("href", "https://img.example.org/cat.png")
    expect(editor(alice).locator("a")).to_have_text("A cat")
    assert [url for url in asked if "example.org" in url] == []


MARKDOWN = "# Plan\n\nThis is **important**:\n\n- [x] one\n- [ ] two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"


def test_markdown_is_formatted(alice: Page) -> None:
    paste(alice, text=MARKDOWN)
    expect(editor(alice).locator("h1")).to_have_text("Plan")
    assert [block["type"] for block in content(alice)] == ["heading", "paragraph", "taskList", "table"]


def test_pasting_without_formatting_keeps_the_signs(alice: Page) -> None:
    paste(alice, text=MARKDOWN, html="<h1>Plan</h1>", plain=True)
    assert words(alice).startswith("# PlanThis is **important**:- [x] one")
    assert {block["type"] for block in content(alice)} == {"paragraph"}


@pytest.mark.parametrize(
    "text", ["snake_case and __init__ and _x_", "2*3*4 and 2 * 3", "*.py", "one\ntwo", "# not a title", "a | b"]
)
def test_text_that_only_looks_odd_stays_as_it_is(alice: Page, text: str) -> None:
    paste(alice, text=text)
    assert content(alice) == [paragraph(line) for line in text.split("\n")]


def test_markdown_joins_the_line_that_it_is_pasted_into(alice: Page) -> None:
    write(alice, "Before after")
    for _ in range(len("after")):
        alice.keyboard.press("ArrowLeft")
    paste(alice, text="see [this](https://example.org) and ")
    expect(editor(alice)).to_have_text("Before see this and after")
    expect(editor(alice).locator("p")).to_have_count(1)
    expect(editor(alice).locator("a")).to_have_text("this")


def test_columns_of_a_spreadsheet_become_a_table(alice: Page) -> None:
    paste(alice, text='Tea\t4.50\nRye bread\t"3\nor 4"\n')
    [table] = content(alice)
    cells = [[cell["content"] for cell in row["content"]] for row in table["content"]]
    assert cells == [
        [[paragraph("Tea")], [paragraph("4.50")]],
        [[paragraph("Rye bread")], [paragraph("3"), paragraph("or 4")]],
    ]


def test_cells_are_pasted_into_the_cells_of_a_table(alice: Page) -> None:
    alice.locator("[data-command=table]").click()
    paste(alice, text="1\t2\n3\t4")
    assert words(alice) == "1234"
    expect(editor(alice).locator("tr")).to_have_count(3)


def test_an_address_pasted_onto_words_makes_them_a_link(alice: Page) -> None:
    write(alice, "the quay")
    alice.keyboard.press("Control+Shift+ArrowLeft")
    settle(alice)
    paste(alice, text="https://example.org/quay")
    expect(editor(alice)).to_have_text("the quay")
    expect(editor(alice).locator("a")).to_have_text("quay")
    expect(editor(alice).locator("a")).to_have_attribute("href", "https://example.org/quay")


def test_code_is_pasted_into_code_as_it_is(alice: Page) -> None:
    alice.keyboard.type("```")
    alice.keyboard.press("Enter")
    paste(alice, text="# a\n- b\n\n**c**")
    assert content(alice)[0] == {"type": "codeBlock", "content": [{"type": "text", "text": "# a\n- b\n\n**c**"}]}


def test_what_an_editor_of_code_copies_is_code_with_its_language(alice: Page) -> None:
    html = '<div style="font-family:Consolas;white-space:pre"><div><span>let a;</span></div><div>let b;</div></div>'
    paste(alice, html=html, text="let a;\nlet b;\n", vscode_editor_data='{"version":1,"mode":"javascript"}')
    assert content(alice)[0] == {
        "type": "codeBlock",
        "attrs": {"language": "javascript"},
        "content": [{"type": "text", "text": "let a;\nlet b;"}],
    }


def test_a_part_of_the_document_survives_copying_and_pasting(alice: Page) -> None:
    paste(alice, html=(FRAGMENTS / "own.html").read_text())
    before = content(alice)
    copied = editor(alice).evaluate(
        """(element) => {
            element.editor.commands.selectAll();
            const clipboardData = new DataTransfer();
            element.dispatchEvent(new ClipboardEvent("copy", { clipboardData, bubbles: true, cancelable: true }));
            return [clipboardData.getData("text/html"), clipboardData.getData("text/plain")];
        }"""
    )
    clear(alice)
    paste(alice, html=copied[0], text=copied[1])
    assert content(alice) == before
    assert copied[1] == "Ours\n\nWords\n\nA tip with x^2 for @Bob\n\n[x] done\n\na\tb\n\nmarked Notes"


def test_undo_takes_a_paste_back_and_the_other_browser_sees_it(
    alice: Page, server: Server, live_cast: Cast, sit: Sit
) -> None:
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    paste(alice, html=(FRAGMENTS / "word.html").read_text())
    expect(editor(bob).locator("h1").first).to_have_text("Harbour report")
    expect(chip(alice)).to_have_attribute("data-state", "saved")
    assert content(bob) == content(alice)
    alice.keyboard.press("Control+z")
    expect(editor(bob)).to_have_text("")


def test_a_viewer_pastes_nothing(server: Server, live_cast: Cast, sit: Sit) -> None:
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    editor(vera).click()
    paste(vera, text=MARKDOWN, html="<h1>Plan</h1>", changes=False)
    expect(chip(vera)).to_have_attribute("data-state", "viewonly")
    assert words(vera) == ""
