"""What is on the clipboard, and what became of it."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.reading import editor, settle


def paste(
    page: Page,
    *,
    html: str | None = None,
    text: str | None = None,
    plain: bool = False,
    changes: bool = True,
    **others: str,
) -> None:
    """Paste at the selection, and wait until it changed the text, unless it is not meant to.

    With `plain` as with Ctrl+Shift+V. `others` are further types of the clipboard.
    """
    types = {name.replace("_", "-"): value for name, value in others.items()}
    if html is not None:
        types["text/html"] = html
    if text is not None:
        types["text/plain"] = text
    settle(page)
    editor(page).evaluate(
        """async (element, [types, plain, changes]) => {
            const clipboardData = new DataTransfer();
            for (const [type, value] of Object.entries(types)) clipboardData.setData(type, value);
            const key = { key: "v", code: "KeyV", keyCode: 86, ctrlKey: true, shiftKey: plain, bubbles: true };
            const changed = new Promise((done) => element.editor.once("update", done));
            element.dispatchEvent(new KeyboardEvent("keydown", key));
            element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
            if (changes) await changed;
            element.dispatchEvent(new KeyboardEvent("keyup", { ...key, shiftKey: false }));
        }""",
        [types, plain, changes],
    )
    settle(page)


def content(page: Page) -> list[dict[str, Any]]:
    """The blocks of the document as the editor has them, without attributes that say nothing."""
    blocks: list[dict[str, Any]] = editor(page).evaluate("(element) => element.editor.getJSON().content")
    return [meant(block) for block in blocks]


def meant(node: dict[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in node.items() if name in {"type", "text"}}
    nothing: list[Any] = [None, *([1] if node["type"] in {"tableCell", "tableHeader", "orderedList"} else [])]
    if attrs := {
        name: value for name, value in node.get("attrs", {}).items() if value not in nothing or value is False
    }:
        found["attrs"] = attrs
    if marks := node.get("marks"):
        found["marks"] = [meant(mark) for mark in marks]
    if inner := node.get("content"):
        found["content"] = [meant(child) for child in inner]
    return found


def clear(page: Page) -> None:
    editor(page).evaluate(
        "(element) => element.editor.commands.setContent({ type: 'doc', content: [{ type: 'paragraph' }] })"
    )
    editor(page).evaluate("(element) => element.editor.commands.focus('end')")
    settle(page)
