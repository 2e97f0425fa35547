"""Comments and suggestions, as the people in a document see them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from rooms.models import Comment, Document
from rooms.services.documents import write_content
from tests.browser.conftest import Sit
from tests.browser.reading import chip, editor, settle, write
from tests.harness.people import Cast
from tests.harness.server import Server

TEXT = "The launch is planned for the first week of March, when everybody is back."

# Words may lie in several nodes: marks and what is drawn around passages take them apart.
SELECT = """(root, words) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode() !== null) nodes.push(walker.currentNode);
    const start = nodes.map((node) => node.data).join("").indexOf(words);
    const place = (at) => {
        for (const node of nodes) {
            if (at <= node.length) return [node, at];
            at -= node.length;
        }
    };
    if (start < 0) throw new Error(`"${words}" is not in the text`);
    root.focus();
    document.getSelection().setBaseAndExtent(...place(start), ...place(start + words.length));
}"""


def fill(document: Document, cast: Cast, *lines: str) -> None:
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines]
    write_content(document=document, content={"type": "doc", "content": paragraphs}, by=cast.alice)


def select(page: Page, words: str) -> None:
    editor(page).evaluate(SELECT, words)
    settle(page)


def floating(page: Page) -> Locator:
    return page.get_by_test_id("comment-floating")


def panel(page: Page) -> Locator:
    return page.get_by_test_id("panel-comments")


def threads(page: Page) -> Locator:
    return panel(page).get_by_test_id("thread")


def marks(page: Page, kind: str = "comment-mark") -> Locator:
    return editor(page).locator(f".{kind}")


def comment(page: Page, words: str, body: str) -> None:
    """As a reader does it, who has no toolbar."""
    select(page, words)
    floating(page).get_by_role("button", name="Comment").click()
    page.get_by_test_id("composer").get_by_label("Comment", exact=True).fill(body)
    page.get_by_test_id("composer").get_by_role("button", name="Comment").click()
    expect(page.get_by_test_id("composer")).to_be_hidden()


def suggest(page: Page, words: str, replacement: str) -> None:
    select(page, words)
    floating(page).get_by_role("button", name="Suggest").click()
    composer = page.get_by_test_id("composer")
    composer.get_by_label("The text as you suggest it").fill(replacement)
    composer.get_by_role("button", name="Suggest").click()
    expect(composer).to_be_hidden()


def opened(page: Page) -> Page:
    page.get_by_test_id("open-comments").click()
    expect(panel(page)).to_be_visible()
    return page


def test_who_may_not_edit_comments_and_the_others_see_it(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast.document, live_cast, TEXT)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    carol = sit(live_cast.carol, server.url).open(live_cast.document.key)
    vera = sit(live_cast.vera, server.url).open(live_cast.document.key)

    comment(carol, "first week of March", "Is that not the fair?\nSee https://example.org/fair.")

    expect(marks(alice)).to_have_text("first week of March")
    expect(alice.get_by_test_id("margin-marker")).to_have_text("1")
    expect(alice.get_by_test_id("open-comments")).to_have_attribute("aria-label", "Comments, 1")
    marks(alice).click()
    expect(threads(alice)).to_contain_text("Is that not the fair?")
    expect(threads(alice).locator("time")).to_have_text("just now")
    expect(threads(alice).get_by_role("link")).to_have_attribute("href", "https://example.org/fair")

    threads(alice).get_by_label("Reply").fill("It is. A week later?")
    threads(alice).get_by_role("button", name="Send").click()
    expect(threads(carol)).to_contain_text("It is. A week later?")

    opened(vera)
    expect(threads(vera)).to_contain_text("It is. A week later?")
    expect(threads(vera).get_by_label("Reply")).to_be_hidden()
    expect(threads(vera).get_by_role("button", name="Resolve")).to_have_count(0)
    select(vera, "everybody")
    expect(floating(vera)).to_be_hidden()

    threads(carol).get_by_role("button", name="Resolve").click()
    expect(marks(alice)).to_have_count(0)
    expect(threads(alice)).to_have_count(0)
    panel(alice).get_by_role("button", name="Closed 1").click()
    expect(threads(alice)).to_contain_text("Resolved by Carol")
    threads(alice).get_by_role("button", name="Reopen").click()
    expect(marks(carol)).to_have_text("first week of March")


def test_a_comment_is_changed_reacted_to_and_deleted(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast.document, live_cast, TEXT)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    carol = sit(live_cast.carol, server.url).open(live_cast.document.key)
    comment(carol, "everybody", "Who is that?")
    opened(alice)
    said = threads(alice).get_by_test_id("comment")

    said.get_by_role("button", name="React").click()
    said.get_by_role("button", name="Thumbs up").click()
    expect(threads(carol).get_by_role("button", name="Thumbs up: Alice")).to_be_visible()
    expect(said.get_by_role("button", name="Edit this comment")).to_have_count(0)

    mine = threads(carol).get_by_test_id("comment")
    mine.get_by_role("button", name="Edit this comment").click()
    mine.get_by_label("Change this comment").fill("Who is everybody?")
    mine.get_by_role("button", name="Save").click()
    expect(said).to_contain_text("Who is everybody?")
    expect(said).to_contain_text("edited")

    mine.get_by_role("button", name="Delete this comment").click()
    expect(mine).to_contain_text("Nothing else is left of this conversation")
    mine.get_by_role("button", name="Delete", exact=True).click()
    expect(threads(carol)).to_have_count(0)
    expect(threads(alice)).to_have_count(0)
    expect(marks(alice)).to_have_count(0)


def test_a_comment_stays_with_its_words(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast.document, live_cast, TEXT, "Another paragraph.")
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    carol = sit(live_cast.carol, server.url).open(live_cast.document.key)
    comment(carol, "first week of March", "Why then?")
    expect(marks(alice)).to_have_text("first week of March")

    # Words before it, words in it, and its paragraph taken apart and made a heading.
    select(alice, "The launch")
    alice.keyboard.type("Our launch")
    select(alice, "week of")
    alice.keyboard.type("weekend of")
    for page in (alice, carol):
        expect(marks(page)).to_have_text("first weekend of March")
    select(alice, "is planned")
    alice.keyboard.press("ArrowLeft")
    alice.keyboard.press("Enter")
    expect(editor(carol).locator("p")).to_have_count(3)
    expect(marks(alice)).to_have_text("first weekend of March")
    alice.keyboard.press("Control+z")
    alice.keyboard.press("Control+z")
    alice.keyboard.press("Control+z")
    expect(chip(alice)).to_have_attribute("data-state", "saved")

    for page in (alice, carol):
        page.reload()
        expect(marks(page)).to_have_text("first week of March")
    alice.get_by_test_id("margin-marker").click()
    expect(threads(alice)).to_contain_text("Why then?")

    select(alice, " first week of March,")
    alice.keyboard.press("Delete")
    expect(marks(carol)).to_have_count(0)
    opened(carol)
    expect(threads(carol)).to_contain_text("The text this was about is gone:")
    expect(threads(carol)).to_contain_text("first week of March")
    alice.keyboard.press("Control+z")
    expect(marks(carol)).to_have_text("first week of March")
    expect(threads(carol)).not_to_contain_text("is gone")


def test_a_suggestion_is_accepted_and_another_one_rejected(
    server: Server, live_cast: Cast, sit: Sit, shot: Callable[[Page, str], None]
) -> None:
    fill(live_cast.document, live_cast, TEXT)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    carol = sit(live_cast.carol, server.url).open(live_cast.document.key)

    suggest(carol, "first week", "second week")
    suggest(carol, "planned", "set")
    threads(carol).filter(has_text="planned").get_by_role("button", name="Withdraw").click()
    suggest(carol, "everybody", "nobody")
    expect(marks(alice, "suggestion-old")).to_have_text(["first week", "everybody"])
    expect(marks(alice, "suggestion-new")).to_have_text(["second week", "nobody"])
    opened(alice)
    shot(alice, "suggestions")
    expect(threads(alice)).to_have_count(2)

    threads(alice).nth(1).get_by_role("button", name="Reject").click()
    expect(threads(alice)).to_have_count(1)
    threads(alice).get_by_role("button", name="Accept").click()
    expect(threads(alice)).to_have_count(0)
    for page in (alice, carol):
        expect(editor(page)).to_have_text(TEXT.replace("first week", "second week"))
        expect(marks(page, "suggestion-old")).to_have_count(0)
    panel(carol).get_by_role("button", name="Closed 3").click()
    states = {"first week": "Accepted by Alice", "planned": "Rejected by Carol", "everybody": "Rejected by Alice"}
    for words, state in states.items():
        expect(threads(carol).filter(has_text=words)).to_contain_text(state)

    editor(alice).focus()
    alice.keyboard.press("Control+z")
    expect(editor(carol)).to_have_text(TEXT)


def test_a_suggestion_for_words_that_changed_asks_first(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast.document, live_cast, TEXT)
    alice = sit(live_cast.alice, server.url).open(live_cast.document.key)
    carol = sit(live_cast.carol, server.url).open(live_cast.document.key)
    suggest(carol, "first week", "second week")
    expect(marks(alice, "suggestion-old")).to_have_text("first week")
    select(alice, "irst w")
    alice.keyboard.type("ifth w")
    opened(alice)

    threads(alice).get_by_role("button", name="Accept").click()
    expect(threads(alice)).to_contain_text("The text has changed since this was suggested.")
    expect(threads(alice).locator("q")).to_have_text(["first week", "fifth week"])
    threads(alice).get_by_role("button", name="Replace it anyway").click()
    expect(editor(carol)).to_have_text(TEXT.replace("first week", "second week"))


def test_a_link_leads_to_a_comment(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast.document, live_cast, *["Something else."] * 60, TEXT)
    carol = sit(live_cast.carol, server.url).open(live_cast.document.key)
    comment(carol, "planned", "By whom?")
    said = Comment.objects.get()

    for key in (said.thread.key, said.key):
        alice = sit(live_cast.alice, server.url).page(f"/d/{live_cast.document.key}#comment-{key}")
        expect(threads(alice)).to_contain_text("By whom?")
        expect(threads(alice)).to_be_focused()
        expect(marks(alice)).to_be_in_viewport()


def test_words_that_could_not_be_sent_stay(server: Server, live_cast: Cast, sit: Sit) -> None:
    fill(live_cast.document, live_cast, TEXT)
    carol = sit(live_cast.carol, server.url).open(live_cast.document.key)
    composer = carol.get_by_test_id("composer")
    select(carol, "planned")
    floating(carol).get_by_role("button", name="Comment").click()
    composer.get_by_label("Comment", exact=True).fill("By whom?")
    carol.keyboard.press("Escape")
    expect(panel(carol)).to_be_hidden()
    carol.reload()
    opened(carol)
    expect(composer.get_by_label("Comment", exact=True)).to_have_value("By whom?")
    expect(marks(carol)).to_have_text("planned")

    carol.route("**/comments", lambda route: route.abort())
    composer.get_by_role("button", name="Comment").click()
    expect(composer).to_contain_text("There is no connection")
    carol.unroute("**/comments")
    composer.get_by_role("button", name="Try again").click()
    expect(threads(carol)).to_contain_text("By whom?")
    expect(composer).to_be_hidden()


def test_an_editor_comments_by_keyboard(server: Server, live_cast: Cast, sit: Sit) -> None:
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    write(bob, TEXT)
    bob.keyboard.press("Control+Alt+m")  # The word at the caret.
    expect(bob.get_by_test_id("composer").get_by_label("Comment", exact=True)).to_be_focused()
    bob.keyboard.type("Really?")
    bob.keyboard.press("Control+Enter")
    expect(marks(bob)).to_have_text("back")
    expect(threads(bob)).to_contain_text("Really?")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_comments_fit_on_a_phone(
    server: Server, live_cast: Cast, sit: Sit, shot: Callable[[Page, str], None], scheme: str
) -> None:
    fill(live_cast.document, live_cast, TEXT, *["Something else."] * 12, "The whole team is back.")
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "color_scheme": scheme}
    carol = sit(live_cast.carol, server.url, **phone).open(live_cast.document.key)
    comment(carol, "first week of March", "Is that not the fair?")
    panel(carol).get_by_role("button", name="Close", exact=True).click()
    suggest(carol, "whole team", "team")
    panel(carol).get_by_role("button", name="Close", exact=True).click()
    markers = carol.get_by_test_id("margin-marker")
    expect(markers).to_have_text(["1", "1"])
    markers.first.tap()
    expect(threads(carol)).to_have_count(2)
    shot(carol, f"comments-phone-{scheme}")
    width = carol.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "nothing sticks out at the side"
    small = (
        panel(carol)
        .locator("button:visible")
        .evaluate_all("buttons => buttons.filter(b => b.offsetHeight < 36).map(b => b.className)")
    )
    assert [name for name in small if name != "thread-quote"] == []
