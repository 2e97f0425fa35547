"""Whether everybody can reach a page: axe, and a document with one block of every kind."""

from typing import Any

from django.core.files.base import ContentFile
from playwright.sync_api import Page

from rooms.models import Attachment
from rooms.services import files
from rooms.services.documents import write_content
from tests.browser.contents import Json, code, line, text
from tests.browser.files import BLUE
from tests.harness.people import Cast
from tests.harness.server import ROOT

AXE = (ROOT / "static/node_modules/axe-core/axe.min.js").read_text()

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
WIDTHS: dict[str, dict[str, Any]] = {"laptop": {}, "phone": PHONE}

# While one of these is open the focus stays in the text, whose arrow keys choose in the list and scroll it (WAI-ARIA,
# "Editable Combobox"). axe knows that of inputs alone.
FALSE_ALARMS = (
    "scrollable-region-focusable: #slash-menu:",
    "scrollable-region-focusable: #suggestions:",
)

RUN = """async (tags) => {
    const { violations } = await window.axe.run(document, {
        runOnly: { type: "tag", values: tags },
        resultTypes: ["violations"],
    });
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
}"""

PLAN = "https://example.com/plan"

RUN_COLOURS = """async () => {
    const { violations } = await window.axe.run(document, {
        runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] },
        resultTypes: ["violations"],
    });
    return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
}"""


def faults(page: Page) -> list[str]:
    """What axe finds on the page in light colours, and of the colours in dark ones."""
    # The axe of an earlier look is there unless the page was loaded anew.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)
    page.emulate_media(color_scheme="light")
    _rest(page)
    found: list[str] = [f"light {one}" for one in page.evaluate(RUN, WCAG)]
    page.emulate_media(color_scheme="dark")
    _rest(page)
    found += [f"dark {one}" for one in page.evaluate(RUN_COLOURS)]
    page.emulate_media(color_scheme="light")
    return [fault for fault in found if not any(alarm in fault for alarm in FALSE_ALARMS)]


def _rest(page: Page) -> None:
    """Until nothing fades: halfway, every colour is a poor one."""
    page.evaluate("() => Promise.allSettled(document.getAnimations().map((one) => one.finished))")


def blocks(file: str) -> list[Json]:
    """One of every kind of block and mark; `file` is the key of a picture."""

    def marked(words: str, kind: str, **attributes: str) -> Json:
        return {**text(words), "marks": [{"type": kind, "attrs": attributes}]}

    def cell(words: str, kind: str = "tableCell") -> Json:
        return {"type": kind, "content": [line(words)]}

    def items(kind: str, item: str, *words: str) -> Json:
        return {"type": kind, "content": [{"type": item, "content": [line(one)]} for one in words]}

    colors = ["grey", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"]
    return [
        {"type": "heading", "attrs": {"level": 1}, "content": [text("Launch")]},
        line(
            "Plain, ", text("bold", "bold"), ", ", text("code", "code"), ", ", marked("a link", "link", href=PLAN), "."
        ),
        line(*(marked(f"{color} ", "textColor", color=color) for color in colors)),
        line(*(marked(f"{color} ", "highlight", color=color) for color in colors)),
        line(
            "For ",
            {"type": "mention", "attrs": {"id": "none", "label": "Bob"}},
            " and ",
            {"type": "inlineMath", "attrs": {"latex": "x^2"}},
            ".",
        ),
        {"type": "heading", "attrs": {"level": 2}, "content": [text("Lists")]},
        items("bulletList", "listItem", "Beans", "Peas"),
        items("orderedList", "listItem", "First", "Second"),
        {
            "type": "taskList",
            "content": [
                {"type": "taskItem", "attrs": {"checked": checked}, "content": [line(words)]}
                for words, checked in (("Open", False), ("Done", True))
            ],
        },
        {"type": "blockquote", "content": [line("Somebody said so.")]},
        *(
            {"type": "callout", "attrs": {"tone": tone}, "content": [line(f"A {tone}.")]}
            for tone in ("note", "tip", "warning", "danger")
        ),
        {
            "type": "details",
            "content": [
                {"type": "detailsSummary", "content": [text("More")]},
                {"type": "detailsContent", "content": [line("What is folded.")]},
            ],
        },
        code('def launch(day: str) -> None:\n    print("Go", day)  # at last', "python"),
        {
            "type": "table",
            "content": [
                {"type": "tableRow", "content": [cell("Who", "tableHeader"), cell("What", "tableHeader")]},
                *(
                    {
                        "type": "tableRow",
                        "content": [cell(f"Person {row}"), cell("Writes, and reads what the others wrote.")],
                    }
                    for row in range(4)
                ),
            ],
        },
        {"type": "blockMath", "attrs": {"latex": r"\frac{a}{b}"}},
        {"type": "image", "attrs": {"file": file, "alt": "The sea", "caption": "The sea", "width": 40}},
        {"type": "file", "attrs": {"file": file, "name": "sea.png", "size": 4_096}},
        {"type": "horizontalRule"},
        line("The last words."),
    ]


def everything(cast: Cast) -> Attachment:
    """Fill the document of the cast with one block of every kind."""
    picture = files.add_file(document=cast.document, by=cast.alice, name="sea.png", content=ContentFile(BLUE))
    write_content(document=cast.document, content={"type": "doc", "content": blocks(picture.key)}, by=cast.alice)
    return picture
