"""What a test reads and writes on the document page."""

from playwright.sync_api import Locator, Page, expect


def editor(page: Page) -> Locator:
    return page.locator("[data-testid=editor] .ProseMirror")


def chip(page: Page) -> Locator:
    return page.locator("[data-testid=state-chip]")


def words(page: Page) -> str:
    """The text of the document without the others' carets."""
    text: str = page.evaluate(
        """() => {
            const copy = document.querySelector("[data-testid=editor] .ProseMirror").cloneNode(true);
            copy.querySelectorAll(".caret").forEach((caret) => caret.remove());
            return copy.textContent.replaceAll("\u2060", "").trim();
        }"""
    )
    return text


def write(page: Page, words: str) -> None:
    """Type at the end of the document, as soon as a person could: keys go where the caret is seen to be."""
    editor(page).click()
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Control+End")
    settle(page)
    page.keyboard.type(words)


def settle(page: Page) -> None:
    """Let the editor read the selection that the last key made: with the next frame, and robots are faster."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")


def caret_of(page: Page, name: str) -> Locator:
    """Somebody else's caret."""
    return page.locator(f".caret[data-name='{name}']")


def people(page: Page) -> Locator:
    return page.locator("[data-testid=people] [data-person]")
