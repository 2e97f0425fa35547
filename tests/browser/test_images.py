"""Pictures in the text: changed in place by whoever may, seen by whoever may, and by nobody else."""

import base64
import re
import struct
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import Locator, Page, expect

from rooms.core.access import Role
from rooms.models import Attachment, Document, Membership
from rooms.services import documents, files, rooms
from tests.browser.conftest import Sit
from tests.browser.files import BLUE, RED, Gate, forget, hand_over, images, picture, shown, uploads, with_picture
from tests.browser.reading import chip, editor, settle, write
from tests.harness.people import Cast
from tests.harness.server import Server

# --- Changing ---------------------------------------------------------------------------------------------------------


def choose(page: Page) -> Locator:
    shown(images(page))
    images(page).locator("img").click()
    expect(page.get_by_role("toolbar", name="Image")).to_be_visible()
    return images(page)


def test_a_caption_and_a_description_are_written_in_place(server: Server, live_cast: Cast, sit: Sit) -> None:
    with_picture(live_cast.document, live_cast.alice)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    image = choose(alice)

    image.get_by_role("textbox", name="Caption").fill("The sea in May")
    alice.get_by_role("button", name="Describe the image").click()
    alice.keyboard.type("A calm blue sea")
    alice.keyboard.press("Enter")

    expect(images(vera).locator("figcaption")).to_have_text("The sea in May")
    expect(images(vera).get_by_role("img", name="A calm blue sea")).to_be_visible()
    expect(vera.get_by_role("textbox", name="Caption")).to_have_count(0)
    expect(alice.get_by_role("button", name="Describe the image")).to_be_focused()
    expect(chip(alice)).to_have_attribute("data-state", "saved")


def test_the_handle_works_with_the_pointer_and_with_the_arrow_keys(server: Server, live_cast: Cast, sit: Sit) -> None:
    with_picture(live_cast.document, live_cast.alice, width=50)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    image = choose(alice)
    handle = image.get_by_role("slider", name="Width of the image")
    expect(handle).to_have_attribute("aria-valuenow", "50")
    paper = image.bounding_box()
    box = handle.bounding_box()
    assert paper is not None
    assert box is not None

    alice.mouse.move(box["x"] + 7, box["y"] + 40)
    alice.mouse.down()
    alice.mouse.move(box["x"] + 7 + paper["width"] * 0.2, box["y"] + 40, steps=4)
    alice.mouse.up()
    expect(handle).to_have_attribute("aria-valuenow", "70")
    expect(handle).to_be_focused()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowLeft"):
        alice.keyboard.press(key)

    expect(handle).to_have_attribute("aria-valuenow", "79")
    frame = images(bob).locator(".image-frame")
    expect(frame).to_have_attribute("style", "width: 79%;")


def test_all_controls_are_reached_with_the_keyboard(server: Server, live_cast: Cast, sit: Sit) -> None:
    with_picture(live_cast.document, live_cast.alice)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    editor(alice).locator("p").first.click()
    alice.keyboard.press("End")
    alice.keyboard.press("ArrowDown")
    expect(images(alice)).to_have_class(re.compile("ProseMirror-selectednode"))

    alice.keyboard.press("Tab")
    expect(alice.get_by_role("button", name="Place on the left")).to_be_focused()
    alice.keyboard.press("ArrowRight")
    alice.keyboard.press("Enter")
    expect(images(alice)).to_have_attribute("data-align", "center")
    alice.keyboard.press("Tab")
    expect(alice.get_by_role("slider", name="Width of the image")).to_be_focused()
    alice.keyboard.press("Home")
    alice.keyboard.press("Tab")
    alice.keyboard.type("Small")
    alice.keyboard.press("Escape")
    expect(editor(alice)).to_be_focused()
    expect(images(alice).locator(".image-frame")).to_have_attribute("style", "width: 10%;")
    expect(images(alice).locator("figcaption")).to_have_text("Small")

    alice.keyboard.press("Backspace")
    expect(images(alice)).to_have_count(0)
    alice.keyboard.press("Control+z")
    expect(images(alice)).to_have_count(1)


def test_an_image_is_replaced_and_removed(server: Server, live_cast: Cast, sit: Sit) -> None:
    first = with_picture(live_cast.document, live_cast.alice, caption="The sea")
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    choose(alice)

    with alice.expect_file_chooser() as chooser:
        alice.get_by_role("button", name="Replace the image").click()
    chooser.value.set_files([picture("red.png", RED)])
    expect(images(alice).locator("img")).not_to_have_attribute("src", f"/f/{first.key}")
    shown(images(alice))
    expect(images(alice).locator("figcaption")).to_have_text("The sea")

    alice.get_by_role("button", name="Remove the image").click()
    expect(images(alice)).to_have_count(0)
    expect(editor(alice)).to_contain_text("Before.")


# Exif of a camera that was held upright: to be turned by a quarter, and taken at a place.
EXIF = (
    b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x0e\0\x02\0\0\0\x0c\0\0\0\x26\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    b"53.5 N 9.9 E"
)


def photograph(page: Page) -> bytes:
    """A JPEG of 300 by 200 as this browser makes them, with what a camera writes into it."""
    plain = base64.b64decode(
        page.evaluate(
            """() => {
                const canvas = document.createElement("canvas");
                canvas.width = 300;
                canvas.height = 200;
                const brush = canvas.getContext("2d");
                brush.fillStyle = "teal";
                brush.fillRect(0, 0, 200, 100);
                return canvas.toDataURL("image/jpeg").split(",")[1];
            }"""
        )
    )
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(EXIF) + 2) + EXIF + plain[2:]


def test_a_photograph_stands_upright_and_has_its_place_before_it_has_come(
    server: Server, live_cast: Cast, sit: Sit
) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    write(alice, "At the quay.")
    taken = photograph(alice)
    hand_over(alice, "drop", [picture("quay.jpg", taken) | {"mimeType": "image/jpeg"}])
    shown(images(alice))
    sides = "img => [img.naturalWidth, img.naturalHeight, img.getAttribute('width'), img.getAttribute('height')]"
    assert images(alice).locator("img").evaluate(sides) == [200, 300, "200", "300"]
    expect(chip(alice)).to_have_attribute("data-state", "saved")
    with Attachment.objects.get().file.open("rb") as kept:
        assert b"53.5 N" in taken
        assert b"53.5 N" not in kept.read()

    late = sit(live_cast.vera, server.url)
    late.context.route("**/f/*", lambda route: None)
    vera = late.open(live_cast.document.key)
    expect(images(vera)).to_have_count(1)
    waiting = images(vera).locator("img").evaluate("img => [img.complete, img.offsetWidth, img.offsetHeight]")
    assert waiting == [False, 200, 300]


# --- Seeing -----------------------------------------------------------------------------------------------------------


def test_a_viewer_sees_pictures_and_changes_nothing(server: Server, live_cast: Cast, sit: Sit) -> None:
    with_picture(live_cast.document, live_cast.alice, alt="The sea", caption="In May", width=40)
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)

    shown(images(vera))
    images(vera).locator("img").click()
    vera.keyboard.press("Backspace")

    expect(images(vera)).to_have_count(1)
    expect(images(vera).locator("figcaption")).to_have_text("In May")
    expect(vera.get_by_role("slider")).to_have_count(0)
    expect(vera.get_by_role("toolbar", name="Image")).to_have_count(0)
    hand_over(vera, "drop", [picture()])
    hand_over(vera, "paste", [picture()])
    expect(chip(vera)).to_have_attribute("data-state", "viewonly")
    assert Attachment.objects.count() == 1


def test_a_removed_member_does_not_see_a_picture_any_more(server: Server, live_cast: Cast, sit: Sit) -> None:
    attachment = with_picture(live_cast.document, live_cast.alice)
    desk = sit(live_cast.vera, server.url)
    vera = desk.open(live_cast.document.key)
    shown(images(vera))
    assert status_of(vera, attachment) == 200

    Membership.objects.get(user=live_cast.vera).delete()

    assert status_of(vera, attachment) == 404
    forget(desk, "404")


def status_of(page: Page, attachment: Attachment) -> int:
    return int(page.evaluate("(url) => fetch(url).then(({ status }) => status)", f"/f/{attachment.key}"))


@pytest.fixture
def elsewhere(live_cast: Cast) -> Document:
    """A document in a room of alice and mallory."""
    room = rooms.create_room(name="Elsewhere", by=live_cast.mallory)
    Membership.objects.create(room=room, user=live_cast.alice, role=Role.EDITOR)
    return documents.create_document(room=room, by=live_cast.mallory, title="Elsewhere")


def test_a_copy_in_another_document_is_seen_by_its_readers(
    server: Server, live_cast: Cast, sit: Sit, elsewhere: Document
) -> None:
    original = with_picture(live_cast.document, live_cast.alice, caption="The sea")
    desk = sit(live_cast.alice, server.url)
    here = desk.open(live_cast.document.key)
    shown(images(here))
    editor(here).get_by_text("Before.").click()
    here.keyboard.press("Control+a")
    settle(here)
    copied = here.evaluate(
        """() => {
            const text = document.querySelector("[data-testid=editor] .ProseMirror");
            const clipboardData = new DataTransfer();
            text.dispatchEvent(new ClipboardEvent("copy", { bubbles: true, cancelable: true, clipboardData }));
            return clipboardData.getData("text/html");
        }"""
    )
    there = desk.open(elsewhere.key)
    other = sit(live_cast.mallory, server.url)
    mallory = other.open(elsewhere.key)
    editor(there).click()

    hand_over(there, "paste", [], {"text/html": copied})

    expect(images(there).locator("img")).not_to_have_attribute("src", f"/f/{original.key}")
    expect(images(mallory).locator("figcaption")).to_have_text("The sea")
    expect(images(mallory).locator("img")).not_to_have_attribute("src", f"/f/{original.key}")
    shown(images(mallory))
    # Until the copy was there, the browser was refused the original.
    forget(other, "404")


def test_a_picture_of_a_document_that_one_may_not_read_says_so(
    server: Server, live_cast: Cast, sit: Sit, elsewhere: Document, shot: Callable[..., None]
) -> None:
    original = files.add_file(document=live_cast.document, by=live_cast.alice, name="a.png", content=ContentFile(BLUE))
    nodes = [{"type": "paragraph"}, {"type": "image", "attrs": {"file": original.key, "alt": "The sea"}}]
    documents.write_content(document=elsewhere, content={"type": "doc", "content": nodes}, by=live_cast.mallory)
    desk = sit(live_cast.mallory, server.url)
    mallory = desk.open(elsewhere.key)

    expect(images(mallory)).to_contain_text("This image belongs to another document")
    shot(mallory, "files-elsewhere")
    forget(desk, "404")


def test_an_image_with_anything_but_a_key_asks_nobody(server: Server, live_cast: Cast, sit: Sit) -> None:
    nodes = [
        {"type": "image", "attrs": {"file": file}}
        for file in ("https://example.com/a", "//example.com/aaaaaa", "../../accounts/logout", "javascript:alert(1)//")
    ]
    content = {"type": "doc", "content": [{"type": "paragraph"}, *nodes]}
    documents.write_content(document=live_cast.document, content=content, by=live_cast.alice)
    desk = sit(live_cast.vera, server.url)
    asked: list[str] = []
    desk.context.on("request", lambda request: asked.append(request.url))
    vera = desk.open(live_cast.document.key)

    expect(images(vera)).to_have_count(4)
    expect(editor(vera).locator("img[src]")).to_have_count(0)
    assert [url for url in asked if not url.startswith(server.url) or "logout" in url] == []


# --- Pictures for whoever looks at them -------------------------------------------------------------------------------


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_pictures_of_the_page(server: Server, live_cast: Cast, sit: Sit, shot: Callable[..., None], look: str) -> None:
    attachment = files.add_file(
        document=live_cast.document, by=live_cast.alice, name="s.png", content=ContentFile(BLUE)
    )
    pdf = files.add_file(
        document=live_cast.document, by=live_cast.alice, name="Plan.pdf", content=ContentFile(b"%PDF-")
    )
    image = {"file": attachment.key, "caption": "The sea in May", "width": 60, "align": "center"}
    content = [
        {"type": "paragraph", "content": [{"type": "text", "text": "Before the image."}]},
        {"type": "image", "attrs": image},
        {"type": "file", "attrs": {"file": pdf.key, "name": "Launch plan, final version.pdf", "size": 3_400_000}},
        {"type": "paragraph", "content": [{"type": "text", "text": "After the file."}]},
    ]
    documents.write_content(
        document=live_cast.document, content={"type": "doc", "content": content}, by=live_cast.alice
    )
    viewport = {"width": 390, "height": 844} if look == "phone" else {"width": 1280, "height": 900}
    scheme = "dark" if look == "dark" else "light"
    desk = sit(live_cast.alice, server.url, viewport=viewport, color_scheme=scheme, has_touch=look == "phone")
    page = desk.open(live_cast.document.key)
    choose(page)
    page.get_by_role("button", name="Describe the image").click()
    shot(page, f"files-{look}")
    page.keyboard.press("Escape")
    Gate(page)
    editor(page).locator("p").first.click()
    page.keyboard.press("End")
    hand_over(page, "paste", [picture("Photograph of the harbour at night.png"), picture("empty.png", b"")])
    expect(uploads(page)).to_have_count(2)
    shot(page, f"files-uploads-{look}")
