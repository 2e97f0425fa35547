"""No page that anybody meets has a fault that axe can find: WCAG 2.2 AA, light and dark, laptop and phone."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, Sit
from tests.browser.contents import caret_in, finds, handle_of
from tests.browser.files import forget
from tests.browser.reach import WIDTHS, everything, faults
from tests.browser.reading import editor, people, settle
from tests.harness.people import Cast
from tests.harness.server import Server

Faults = list[str]

# As the page keeps words that were refused.
KEEP = """(draft) => {
    const { person, document: open } = JSON.parse(document.querySelector("#collab-config").textContent);
    sessionStorage.setItem(`collab-rooms.drafts.${person.id}.${open}`, JSON.stringify([draft]));
}"""


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=WIDTHS if os.environ.get("COLLAB_SOAK") else ["laptop"])
def long_width(request: pytest.FixtureRequest) -> str:
    """For the looks that take half a minute: the phone's are part of `make soak`."""
    return str(request.param)


def test_every_page_for_guests(server: Server, live_cast: Cast, sit: Sit, width: str) -> None:
    desk = sit(None, server.url, **WIDTHS[width])
    found: Faults = []
    for path in ("/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
        page = desk.page(path)
        found += [f"{path} {fault}" for fault in faults(page)]
        page.close()
    assert not found, "\n".join(found)


def test_every_page_for_members(server: Server, live_cast: Cast, sit: Sit, long_width: str) -> None:
    desk = sit(live_cast.alice, server.url, **WIDTHS[long_width])
    room, document = f"/r/{live_cast.room.key}", f"/d/{live_cast.document.key}"
    paths = ["/", "/rooms", room, f"{room}/members", f"{room}/audit", f"{room}/delete", f"{document}/share"]
    paths += ["/profile", "/accounts/2fa/", "/accounts/sessions/", "/accounts/email/", "/accounts/password/change/"]
    found: Faults = []
    for path in paths:
        page = desk.page(path)
        found += [f"{path} {fault}" for fault in faults(page)]
        if path == "/":
            page.get_by_role("button", name="Your menu").click()
            found += [f"menu {fault}" for fault in faults(page)]
        page.close()
    missing = desk.page("/d/nothing")
    found += [f"404 {fault}" for fault in faults(missing)]
    forget(desk, "404")
    assert not found, "\n".join(found)


def test_a_fault_is_found(server: Server, live_cast: Cast, sit: Sit) -> None:
    """The looks above are worth something: words too pale to read, and a button without a name."""
    page = sit(None, server.url).page("/")
    page.locator("h1").first.evaluate("one => { one.style.color = '#999'; }")
    page.locator("main a").first.evaluate("one => one.replaceChildren()")
    assert {"light color-contrast", "light link-name"} <= {fault.split(":")[0] for fault in faults(page)}


# --- The document page ------------------------------------------------------------------------------------------------


ROLES = [(person, width) for person in ("alice", "carol", "vera") for width in WIDTHS]
# One of each role, and both widths: all of them are part of `make soak`.
SOME_ROLES = [("alice", "laptop"), ("carol", "phone"), ("vera", "laptop")]


@pytest.mark.parametrize(("person", "width"), ROLES if os.environ.get("COLLAB_SOAK") else SOME_ROLES)
def test_the_document_for_every_role(server: Server, live_cast: Cast, sit: Sit, person: str, width: str) -> None:
    everything(live_cast)
    page = opened(sit(getattr(live_cast, person), server.url, **WIDTHS[width]), live_cast)
    found = [f"{person} {fault}" for fault in faults(page)]
    for panel in ("comments", "contents"):
        page.get_by_test_id(f"open-{panel}").click()
        expect(page.get_by_test_id(f"panel-{panel}")).to_be_visible()
        found += [f"{panel} {fault}" for fault in faults(page)]
    page.get_by_test_id("open-menu").click()
    expect(page.get_by_test_id("document-menu")).to_be_visible()
    found += [f"menu {fault}" for fault in faults(page)]
    assert not found, "\n".join(found)


def opened(desk: Desk, cast: Cast) -> Page:
    page = desk.open(cast.document.key)
    expect(editor(page).locator("figure.image img")).to_be_visible()
    expect(editor(page).locator(".katex").first).to_be_visible()
    settle(page)
    return page


def by_slash(page: Page) -> None:
    caret_in(page, "The last words.")
    page.keyboard.press("Enter")
    page.keyboard.type("/")
    expect(page.get_by_role("listbox")).to_be_visible()


def with_mention(page: Page) -> None:
    caret_in(page, "The last words.")
    page.keyboard.type(" @")
    expect(page.get_by_role("listbox")).to_be_visible()


def with_bubble(page: Page) -> None:
    caret_in(page, "The last words.")
    page.keyboard.press("Shift+Home")
    expect(page.get_by_test_id("bubble")).to_be_visible()


def with_colours(page: Page) -> None:
    caret_in(page, "The last words.")
    more = page.locator(".toolbar-dock [data-command=more]")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("format-menu")).to_be_visible()


def with_find(page: Page) -> None:
    caret_in(page, "The last words.")
    finds(page, "a")
    expect(page.get_by_test_id("find-count")).not_to_be_empty()


def with_block_menu(page: Page) -> None:
    handle_of(page, "The last words.").click()
    expect(page.get_by_test_id("block-menu")).to_be_visible()


def with_table_bar(page: Page) -> None:
    caret_in(page, "Person 2")
    expect(page.get_by_role("toolbar", name="Table")).to_be_visible()


def with_link(page: Page) -> None:
    caret_in(page, "The last words.")
    page.keyboard.press("Control+k")
    expect(page.get_by_test_id("link-popover")).to_be_visible()


def with_formula(page: Page) -> None:
    editor(page).locator("[data-type=block-math]").click()
    expect(page.get_by_test_id("math-form")).to_be_visible()


def with_image_bar(page: Page) -> None:
    editor(page).locator("figure.image img").click()
    expect(page.get_by_test_id("image-bar")).to_be_visible()


def with_help(page: Page) -> None:
    caret_in(page, "The last words.")
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def with_composer(page: Page) -> None:
    caret_in(page, "The last words.")
    page.keyboard.press("Shift+Home")
    settle(page)
    page.keyboard.press("Control+Alt+m")
    expect(page.get_by_test_id("composer")).to_be_visible()


def with_focus(page: Page) -> None:
    caret_in(page, "The last words.")
    page.keyboard.press("Control+Shift+f")
    expect(page.get_by_test_id("leave-focus")).to_be_visible()


STATES: dict[str, Callable[[Page], None]] = {
    "slash menu": by_slash,
    "mention": with_mention,
    "colours": with_colours,
    "find bar": with_find,
    "table bar": with_table_bar,
    "link": with_link,
    "formula": with_formula,
    "image bar": with_image_bar,
    "shortcuts": with_help,
    "composer": with_composer,
    "focus": with_focus,
}


# A phone has its own bubble for selected words, and no pointer that could rest.
OF_A_MOUSE: dict[str, Callable[[Page], None]] = {"bubble": with_bubble, "block menu": with_block_menu}


def test_the_document_with_everything_that_opens(server: Server, live_cast: Cast, sit: Sit, long_width: str) -> None:
    everything(live_cast)
    desk = sit(live_cast.alice, server.url, **WIDTHS[long_width])
    states = STATES | (OF_A_MOUSE if long_width == "laptop" else {})
    found: Faults = []
    for name, arrive in states.items():
        page = opened(desk, live_cast)
        arrive(page)
        found += [f"{name} {fault}" for fault in faults(page)]
        page.close(run_before_unload=False)
    assert not found, "\n".join(found)


def test_people_and_words_that_were_not_saved(server: Server, live_cast: Cast, sit: Sit, width: str) -> None:
    alice = sit(live_cast.alice, server.url, **WIDTHS[width])
    page = alice.open(live_cast.document.key)
    for user in (live_cast.bob, live_cast.carol, live_cast.vera):
        sit(user, server.url).open(live_cast.document.key)
    expect(people(page)).to_have_count(4 if width == "laptop" else 2)
    found = [f"faces {fault}" for fault in faults(page)]
    if width == "laptop":
        page.get_by_role("button", name="3 others here").click()
    else:
        page.get_by_test_id("more-people").click()
    expect(page.get_by_test_id("people-list")).to_be_visible()
    found += [f"list {fault}" for fault in faults(page)]

    draft = {"code": "forbidden", "text": "Words that nobody has seen.", "at": 1_760_000_000_000}
    page.evaluate(KEEP, draft)
    page.reload()
    expect(page.get_by_test_id("rescue")).to_be_visible()
    found += [f"rescue {fault}" for fault in faults(page)]
    assert not found, "\n".join(found)
