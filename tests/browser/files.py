"""Giving files to the page, as a person would, and what is seen of them."""

import base64

from django.core.files.base import ContentFile
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from rooms.models import Attachment, Document, User
from rooms.services import documents, files
from tests.browser.conftest import Desk
from tests.browser.reading import editor
from tests.harness import pictures

BLUE = pictures.png(600, 360)
RED = pictures.png(300, 200, (179, 38, 30))


def picture(name: str = "sea.png", content: bytes = BLUE) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def images(page: Page) -> Locator:
    return editor(page).locator("figure.image")


def shown(image: Locator) -> None:
    """The picture itself has come, not only its frame."""
    expect(image.locator("img")).to_be_visible()
    expect(image.locator("img")).to_have_js_property("complete", True)
    assert image.locator("img").evaluate("(img) => img.naturalWidth") > 0


def uploads(page: Page) -> Locator:
    return editor(page).locator("[data-testid=upload]")


def by_slash(page: Page, command: str, *payloads: FilePayload) -> None:
    # Before the keys: the browser takes a moment to learn that somebody waits for the dialog.
    with page.expect_file_chooser() as chooser:
        page.keyboard.type(f"/{command}")
        expect(page.get_by_role("option", selected=True)).to_have_text(command, ignore_case=True)
        page.keyboard.press("Enter")
    chooser.value.set_files(list(payloads))


def hand_over(
    page: Page, kind: str, payloads: list[FilePayload], data: dict[str, str] | None = None, end: bool = True
) -> None:
    """Paste or drop files and texts, as a browser would tell the editor."""
    page.evaluate(
        """({ kind, files, data, end }) => {
            const transfer = new DataTransfer();
            for (const { name, type, bytes } of files) {
                const content = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
                transfer.items.add(new File([content], name, { type }));
            }
            for (const [type, text] of Object.entries(data)) transfer.setData(type, text);
            const text = document.querySelector("[data-testid=editor] .ProseMirror");
            const block = end ? text.lastElementChild : text.firstElementChild;
            const box = block.getBoundingClientRect();
            const shared = { bubbles: true, cancelable: true };
            if (kind === "paste") {
                text.dispatchEvent(new ClipboardEvent("paste", { ...shared, clipboardData: transfer }));
            } else {
                const at = { clientX: box.left + 4, clientY: box.top + box.height / 2 };
                block.dispatchEvent(new DragEvent("drop", { ...shared, ...at, dataTransfer: transfer }));
            }
        }""",
        {
            "kind": kind,
            "data": data or {},
            "end": end,
            "files": [
                {"name": one["name"], "type": one["mimeType"], "bytes": base64.b64encode(one["buffer"]).decode()}
                for one in payloads
            ],
        },
    )


def with_picture(document: Document, by: User, **attributes: object) -> Attachment:
    attachment = files.add_file(document=document, by=by, name="sea.png", content=ContentFile(BLUE))
    content = [
        {"type": "paragraph", "content": [{"type": "text", "text": "Before."}]},
        {"type": "image", "attrs": {"file": attachment.key, **attributes}},
        {"type": "paragraph", "content": [{"type": "text", "text": "After."}]},
    ]
    documents.write_content(document=document, content={"type": "doc", "content": content}, by=by)
    return attachment


class Gate:
    """Holds uploads back until they may go, or fails them."""

    def __init__(self, page: Page) -> None:
        self.held: list[Route] = []
        page.route("**/files", self._hold)

    def _hold(self, route: Route) -> None:
        self.held.append(route)


def forget(desk: Desk, status: str) -> None:
    """Browsers put every refused request into their console; such a one was meant."""
    assert all(status in complaint for complaint in desk.complaints)
    desk.complaints.clear()
