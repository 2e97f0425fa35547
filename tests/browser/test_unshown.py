"""A document that holds what no page can show, as an older version could have taken it (trap Y10)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pycrdt import Doc

from rooms import store
from rooms.core import prosemirror
from rooms.live.open_document import OpenDocument
from rooms.models import Document
from rooms.services import documents
from tests.browser.conftest import Desk, Sit
from tests.browser.reading import chip, editor, write
from tests.core import encoding as e
from tests.core.encoding import uint
from tests.harness.people import Cast
from tests.harness.server import Server
from tests.live import damaged

WORDS = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Launch plan"}]}]}

EVIL = {
    "letters beside the paragraphs": e.text("EVIL", root="default"),
    "an element by the name of text": e.element("text"),
    "a map beside the paragraphs": e.item(e.TYPE, uint(1), root="default"),
}


def put(document: Document, update: bytes) -> None:
    """Behind the server's back: it finds the row, and tells whoever has the document open."""
    damaged.row(document, update, seq=Document.objects.get(pk=document.pk).head + 1)


def paragraphs(document: Document) -> list[str]:
    """What is stored of it."""
    whole = OpenDocument(store.load(document.pk)).whole()
    assert whole is not None
    doc: Doc[Any] = Doc()
    doc.apply_update(whole)
    content = prosemirror.from_doc(doc)
    return sorted("".join(run["text"] for run in one.get("content", ())) for one in content["content"])


def is_lost(page: Page) -> None:
    expect(chip(page)).to_contain_text("Cannot be shown")
    expect(page.get_by_role("alert")).to_contain_text("Everything that was saved is still there")
    expect(page.get_by_role("button", name="Reload the page")).to_be_visible()
    assert not page.locator(".ProseMirror").evaluate("editor => editor.isContentEditable")


def come_back(page: Page) -> None:
    """Reload, until the server has found the row that mends the document."""
    for _ in range(100):
        page.reload()
        expect(chip(page)).to_have_attribute("data-state", re.compile("saved|viewonly|error"))
        if chip(page).get_attribute("data-state") != "error":
            return
    raise AssertionError("it cannot be shown still")


def complained(desk: Desk) -> None:
    """The fault is reported, once, and nothing else is."""
    found, desk.complaints = desk.complaints, []
    assert [one for one in found if "page error" not in one] == []
    assert len(found) == 1, found


@pytest.mark.parametrize("evil", EVIL)
def test_an_open_page_stops_before_it_deletes_the_words_of_others(
    own_server: Callable[..., Server], live_cast: Cast, sit: Sit, evil: str
) -> None:
    server = own_server(COLLAB_HEAL_SECONDS="0.3")
    document = live_cast.document
    documents.write_content(document=document, content=WORDS, by=live_cast.alice)
    desk = sit(live_cast.alice, server.url)
    alice = desk.open(document.key)
    write(alice, " of alice.")
    expect(chip(alice)).to_have_attribute("data-words", "saved")
    put(document, e.update(e.section(99, 0, EVIL[evil])))
    is_lost(alice)
    expect(editor(alice)).to_contain_text("Launch plan of alice.")
    later = e.element("paragraph"), e.item(e.TYPE, uint(6), parent=(98, 0)), e.text("Bob's words", parent=(98, 1))
    put(document, e.update(e.section(98, 0, *later)))

    editor(alice).click()
    alice.keyboard.type("typed all the same")
    alice.keyboard.press("Control+z")
    expect(editor(alice)).to_contain_text("Launch plan of alice.")
    complained(desk)

    alice.get_by_role("button", name="Reload the page").click()
    is_lost(alice)
    expect(editor(alice)).not_to_contain_text("Nothing has been written")
    alice.keyboard.type("and once more")
    complained(desk)
    reader = sit(live_cast.vera, server.url)
    page = reader.page(f"/d/{document.key}")
    is_lost(page)
    complained(reader)

    # Whoever has a program that can, deletes it; then it is there again, for everybody.
    put(document, e.update(deletes=e.deleted(99, (0, 4 if "letters" in evil else 1))))
    for each in (alice, page):
        come_back(each)
        expect(editor(each)).to_contain_text("Launch plan of alice.")
        expect(editor(each)).to_contain_text("Bob's words")
    desk.complaints.clear()
    reader.complaints.clear()
    assert paragraphs(document) == ["Bob's words", "Launch plan of alice."]
