"""How the document page looks to those who want it another way: still, in few colours, on paper, from right to left."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Sit
from tests.browser.contents import caret_in, finds, handle_of
from tests.browser.reach import WIDTHS, everything
from tests.browser.reading import caret_of, chip, editor, people, settle
from tests.harness.people import Cast
from tests.harness.server import Server

Shot = Callable[[Page, str], None]

# Names of elements, and of what is drawn beside them, that move for longer than a hundredth of a second.
MOVING = """() => {
    const seconds = (list) => Math.max(...list.split(",").map(parseFloat)); // Computed times are in seconds.
    const found = [];
    for (const one of document.querySelectorAll("*")) {
        for (const part of ["", "::before", "::after"]) {
            const style = getComputedStyle(one, part);
            if (seconds(style.transitionDuration) > 0.01) found.push(`${one.className || one.tagName}${part} fades`);
            if (style.animationName !== "none" && seconds(style.animationDuration) > 0.01) {
                found.push(`${one.className || one.tagName}${part} moves`);
            }
        }
    }
    return found;
}"""

# Buttons and links that can be hit, and are smaller than `least` pixels. What stands in a line of text is as high as
# the line: links, the box before a task, the first line of a fold.
SMALL = """(least) => {
    const found = [];
    const hit = "button, a[href], input:not([type=hidden], [type=radio]), select, summary, [role=slider]";
    for (const one of document.querySelectorAll(hit)) {
        const box = one.getBoundingClientRect();
        const text = one.closest(".ProseMirror") !== null && one.matches("a, summary");
        const high = one.closest("[data-type=taskList]") === null ? least : 24;
        const seen = box.width > 0 && one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
        if (text || !seen || one.disabled || one.matches(".skip-link")) continue;
        if (box.width < least - 0.5 || box.height < high - 0.5) {
            const name = one.getAttribute("aria-label") || one.textContent.trim() || one.id || one.className;
            found.push(`${name} (${one.className}): ${Math.round(box.width)} × ${Math.round(box.height)}`);
        }
    }
    return found;
}"""

# What reaches over the left or right edge of the window, unless it scrolls in something of its own or is cut off.
OUTSIDE = """() => {
    const width = document.documentElement.clientWidth;
    const cut = (one) => {
        for (let at = one.parentElement; at !== null && at !== document.body; at = at.parentElement) {
            if (getComputedStyle(at).overflowX !== "visible") return true;
        }
        return false;
    };
    const found = [];
    for (const one of document.querySelectorAll("body *")) {
        const box = one.getBoundingClientRect();
        const clip = one.closest(".visually-hidden, .skip-link, .katex-mathml, [popover]:not(:popover-open)");
        if (box.width === 0 || clip !== null || cut(one)) continue;
        if (box.left >= -1 && box.right <= width + 1) continue;
        found.push(`${one.tagName} ${one.getAttribute("class")}: ${box.left} to ${box.right}`);
    }
    return found;
}"""

# Neighbours in a row that lie over each other.
OVERLAPS = """() => {
    const found = [];
    const rows = ".bar, .document-where, .document-state, .document-tools, .toolbar, .toolbar-group, .faces";
    const stands = (one) => one.getBoundingClientRect().width > 0 && !one.matches("[popover], .visually-hidden");
    for (const row of document.querySelectorAll(rows)) {
        const parts = [...row.children].filter(stands);
        for (const [at, one] of parts.entries()) {
            for (const other of parts.slice(at + 1)) {
                const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
                const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                if (wide > 1 && high > 1) found.push(`${one.className} and ${other.className} by ${wide} × ${high}`);
            }
        }
    }
    return found;
}"""


def opens(sit: Sit, server: Server, cast: Cast, **options: Any) -> Page:
    page = sit(cast.alice, server.url, **options).open(cast.document.key)
    expect(editor(page).locator("figure.image img")).to_be_visible()
    expect(editor(page).locator(".katex").first).to_be_visible()
    settle(page)
    return page


def test_nothing_moves_for_those_who_asked_for_that(server: Server, live_cast: Cast, sit: Sit) -> None:
    everything(live_cast)
    page = opens(sit, server, live_cast, reduced_motion="reduce")
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    caret_in(bob, "The last words.")
    caret_in(page, "The last words.")
    finds(page, "a")
    page.get_by_test_id("open-comments").click()
    handle_of(page, "Somebody said so.").click()
    expect(people(page)).to_have_count(2)
    moving = page.evaluate(MOVING)
    assert not moving, "\n".join(moving)

    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING), "it sees what moves"


def test_few_colours_leave_states_and_people_apart(server: Server, live_cast: Cast, sit: Sit, shot: Shot) -> None:
    everything(live_cast)
    page = opens(sit, server, live_cast, forced_colors="active")
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    caret_in(bob, "The last words.")
    bob.keyboard.press("Shift+Home")
    caret_in(page, "bold")
    page.keyboard.press("Control+Home")
    settle(page)
    editor(page).get_by_text("The last words.").scroll_into_view_if_needed()
    expect(page.locator(".remote-selection").first).to_be_visible()
    expect(caret_of(page, "Bob")).to_be_in_viewport()

    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert caret_of(page, "Bob").evaluate("one => getComputedStyle(one).backgroundColor") != ground
    assert page.locator(".remote-selection").first.evaluate("one => getComputedStyle(one).backgroundColor") != ground
    expect(chip(page).locator("svg")).to_be_visible()
    assert chip(page).locator("svg").evaluate("one => getComputedStyle(one).stroke") != ground

    look = "one => getComputedStyle(one).backgroundColor + getComputedStyle(one).color"
    heading = page.locator("#toolbar-dock [data-command=heading1]")
    expect(heading).to_have_attribute("aria-pressed", "true")
    plain = page.locator("#toolbar-dock [data-command=heading2]")
    assert heading.evaluate(look) != plain.evaluate(look)
    comments, contents = page.get_by_test_id("open-comments"), page.get_by_test_id("open-contents")
    contents.click()
    assert contents.evaluate(look) != comments.evaluate(look)
    done = editor(page).locator("li[data-checked=true] input")
    still = editor(page).locator("li[data-checked=false] input")
    inside = "one => getComputedStyle(one, '::before').backgroundColor + getComputedStyle(one, '::after').content"
    assert done.evaluate(inside) != still.evaluate(inside)
    shot(page, "forced-colors")


def test_on_paper_there_is_the_text_alone(server: Server, live_cast: Cast, sit: Sit, shot: Shot) -> None:
    everything(live_cast)
    page = opens(sit, server, live_cast, color_scheme="dark")
    caret_in(page, "Person 2")
    page.get_by_test_id("open-contents").click()
    page.emulate_media(media="print", color_scheme="dark")
    seen = page.evaluate(
        """() => [...document.querySelectorAll("button, nav, aside, [role=toolbar], .state-chip, .faces, .bar .brand")]
            .filter((one) => one.checkVisibility())
            .map((one) => one.getAttribute("aria-label") || one.className)"""
    )
    assert not seen, seen
    wide = editor(page).evaluate("one => one.getBoundingClientRect().width / document.documentElement.clientWidth")
    assert wide > 0.9, wide
    link = editor(page).get_by_role("link", name="a link")
    assert "https://example.com/plan" in link.evaluate("one => getComputedStyle(one, '::after').content")
    assert page.locator("tr").first.evaluate("one => getComputedStyle(one).breakInside") == "avoid"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(31, 35, 40)", (
        "dark ink, whatever the screen has"
    )
    expect(editor(page).get_by_text("What is folded.")).to_be_visible()
    # A column that is too narrow would go on and on.
    for landscape in (False, True):
        assert 1 <= page.pdf(format="A4", landscape=landscape).count(b"/Type /Page\n") <= 3
    shot(page, "paper")


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_hit_is_large_enough(server: Server, live_cast: Cast, sit: Sit, width: str) -> None:
    everything(live_cast)
    page = opens(sit, server, live_cast, **WIDTHS[width])
    least = 24 if width == "laptop" else 44
    caret_in(page, "Person 2")
    small: list[str] = page.evaluate(SMALL, least)
    finds(page, "words")
    small += page.evaluate(SMALL, least)
    page.keyboard.press("Escape")
    for name in ("comments", "contents", "menu"):
        page.get_by_test_id(f"open-{name}").click()
        settle(page)
        small += page.evaluate(SMALL, least)
    small = sorted(set(small))
    assert not small, "\n".join(small)


@pytest.mark.parametrize("width", WIDTHS)
def test_from_right_to_left_nothing_overlaps_or_leaves_the_screen(
    server: Server, live_cast: Cast, sit: Sit, shot: Shot, width: str
) -> None:
    everything(live_cast)
    page = opens(sit, server, live_cast, **WIDTHS[width])
    bob = sit(live_cast.bob, server.url).open(live_cast.document.key)
    caret_in(bob, "Plain, ")
    page.evaluate("document.documentElement.dir = 'rtl'")
    settle(page)
    faults = page.evaluate(OUTSIDE) + page.evaluate(OVERLAPS)
    shot(page, f"rtl-{width}")
    page.get_by_test_id("open-comments").click()
    settle(page)
    faults += page.evaluate(OUTSIDE) + page.evaluate(OVERLAPS)
    page.get_by_test_id("open-menu").click()
    settle(page)
    faults += page.evaluate(OUTSIDE)
    shot(page, f"rtl-open-{width}")
    assert not faults, "\n".join(faults)
