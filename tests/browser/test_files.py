"""Files and pictures are added in every way there is, and nothing that was dropped is lost."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from rooms.models import Attachment
from tests.browser.conftest import Sit
from tests.browser.files import BLUE, RED, Gate, by_slash, forget, hand_over, images, picture, shown, uploads
from tests.browser.reading import editor, settle, write
from tests.harness import pictures
from tests.harness.people import Cast
from tests.harness.server import Server

# --- Adding -----------------------------------------------------------------------------------------------------------


def test_an_image_chosen_from_the_slash_menu_is_seen_by_everybody(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    editor(alice).click()

    by_slash(alice, "image", picture())

    for page in (alice, bob, vera):
        expect(images(page)).to_have_count(1)
        shown(images(page))
    expect(uploads(alice)).to_have_count(0)
    expect(images(vera).locator("textarea, .image-handle").first).to_be_hidden()
    assert not alice.evaluate("document.querySelector('[data-testid=editor]').textContent.includes('/image')")


def test_a_file_is_a_card_from_which_it_is_downloaded(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    editor(alice).click()

    by_slash(alice, "file", {"name": "Plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " + b"x" * 2_000})

    card = editor(vera).locator("[data-testid=file]")
    expect(card).to_contain_text("Plan.pdf")
    expect(card).to_contain_text("2 KB")
    with vera.expect_download() as download:
        card.get_by_role("link", name="Plan.pdf").click()
    assert download.value.suggested_filename == "Plan.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-1.7")


def test_several_files_dropped_at_once_come_in_their_order(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    write(alice, "First line")
    alice.keyboard.press("Enter")
    alice.keyboard.type("Last line")
    names = ["a.png", "b.png", "c.png", "d.png"]
    payloads = [picture(name, pictures.png(60 + 20 * number, 40)) for number, name in enumerate(names)]

    hand_over(alice, "drop", payloads, end=False)

    expect(images(alice)).to_have_count(4)
    order = editor(alice).evaluate("(text) => [...text.children].map(({ tagName }) => tagName)")
    assert order == ["P", "FIGURE", "FIGURE", "FIGURE", "FIGURE", "P"]
    keys = [str(images(alice).nth(index).locator("img").get_attribute("src"))[3:] for index in range(4)]
    assert [Attachment.objects.get(key=key).name for key in keys] == names


def test_a_copied_picture_is_pasted_and_a_copied_text_is_text(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    editor(alice).click()

    hand_over(alice, "paste", [picture("image.png")], {"text/html": '<img src="https://example.com/a.png">'})
    expect(images(alice)).to_have_count(1)
    words = {"text/html": "<p>Words from elsewhere</p>", "text/plain": "Words from elsewhere"}
    hand_over(alice, "paste", [picture("image.png")], words)

    expect(editor(alice)).to_contain_text("Words from elsewhere")
    expect(images(alice)).to_have_count(1)
    expect(uploads(alice)).to_have_count(0)


def test_pictures_inside_pasted_html_are_added_where_they_stood(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    write(alice, "Above")
    alice.keyboard.press("Enter")
    sources = [f"data:image/png;base64,{base64.b64encode(content).decode()}" for content in (BLUE, RED)]
    html = f'<p>One <img src="{sources[0]}" alt="a > b"> more</p><p><img src="{sources[1]}"></p><p>Two</p>'

    hand_over(alice, "paste", [], {"text/html": html, "text/plain": "One more Two"})

    expect(images(alice)).to_have_count(2)
    shown(images(alice).first)
    order = editor(alice).evaluate("(text) => [...text.children].map((one) => one.tagName + one.innerText.trim())")
    assert [re.sub(r"\s+", " ", one) for one in order] == ["PAbove", "POne more", "FIGURE", "FIGURE", "PTwo"]
    widths = images(alice).locator("img").evaluate_all("(all) => all.map((img) => img.naturalWidth)")
    assert widths == [600, 300]


def test_a_drop_beside_the_text_does_not_leave_the_page(server: Server, live_cast: Cast, sit: Sit) -> None:
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)
    prevented = vera.evaluate(
        """() => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(["x"], "x.txt"));
            const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer });
            document.querySelector(".document-head").dispatchEvent(event);
            return event.defaultPrevented;
        }"""
    )
    assert prevented
    assert not Attachment.objects.exists()


# --- On the way -------------------------------------------------------------------------------------------------------


def test_while_a_file_is_sent_others_write_above_it_and_it_stands_where_it_was_put(
    server: Server, live_cast: Cast, sit: Sit
) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    write(alice, "Top")
    for words in ("First", "Second"):
        alice.keyboard.press("Enter")
        alice.keyboard.type(words)
    expect(editor(bob)).to_contain_text("Second")
    gate = Gate(alice)
    alice.keyboard.press("ArrowUp")
    settle(alice)
    hand_over(alice, "paste", [picture()])
    expect(uploads(alice)).to_contain_text("sea.png")
    expect(uploads(alice).get_by_role("progressbar", name="Upload of sea.png")).to_be_visible()
    expect(uploads(bob)).to_have_count(0)

    editor(bob).get_by_text("Top").click()
    bob.keyboard.press("End")
    settle(bob)
    bob.keyboard.press("Enter")
    bob.keyboard.type("Above")
    expect(editor(alice).locator("p").nth(1)).to_contain_text("Above")
    expect(editor(alice).locator("p").nth(2)).to_have_text("First")
    gate.held[0].continue_()

    expect(images(bob)).to_have_count(1)
    for page in (alice, bob):
        order = editor(page).evaluate("(text) => [...text.children].map((one) => one.tagName + one.innerText.trim())")
        assert [re.sub(r"\s.*", "", one) for one in order] == ["PTop", "PAbove", "PFirst", "FIGURE", "PSecond"]


def test_an_upload_can_be_cancelled(server: Server, live_cast: Cast, sit: Sit) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    editor(alice).click()
    Gate(alice)
    hand_over(alice, "paste", [picture()])

    uploads(alice).get_by_role("button", name="Cancel sea.png").click()

    expect(uploads(alice)).to_have_count(0)
    expect(images(alice)).to_have_count(0)


def test_what_fails_says_why_and_is_tried_again(
    server: Server, live_cast: Cast, sit: Sit, shot: Callable[..., None]
) -> None:
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    editor(alice).click()
    alice.wait_for_load_state("networkidle")
    alice.route("**/files", lambda route: route.abort("internetdisconnected"))
    hand_over(alice, "paste", [picture()])

    expect(uploads(alice)).to_contain_text("Not added. There is no connection.")
    shot(alice, "files-failed")
    alice.unroute("**/files")
    uploads(alice).get_by_role("button", name="Try again").click()

    expect(images(alice)).to_have_count(1)
    expect(uploads(alice)).to_have_count(0)


def test_a_file_that_is_too_large_is_not_sent_and_the_limit_is_said(
    own_server: Callable[..., Server], live_cast: Cast, sit: Sit
) -> None:
    server = own_server(COLLAB_MAX_FILE_BYTES="65536")
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    editor(alice).click()
    asked: list[str] = []
    alice.on("request", lambda request: asked.append(request.url) if request.url.endswith("/files") else None)

    hand_over(alice, "paste", [picture("large.png", BLUE + b"x" * 70_000)])

    expect(uploads(alice)).to_contain_text("a file may have at most 64 KB")
    expect(uploads(alice).get_by_role("button", name="Try again")).to_be_hidden()
    uploads(alice).get_by_role("button", name="Remove large.png").click()
    expect(uploads(alice)).to_have_count(0)
    assert asked == []


def test_what_the_server_refuses_is_said_in_its_words(server: Server, live_cast: Cast, sit: Sit) -> None:
    desk = sit(live_cast.alice, server.url)
    alice = desk.open(live_cast.document.key)
    editor(alice).click()

    hand_over(alice, "paste", [picture("bomb.png", pictures.claiming_png(60_000, 60_000))])

    expect(uploads(alice)).to_contain_text("A picture may have at most 100 million pixels.")
    forget(desk, "413")
