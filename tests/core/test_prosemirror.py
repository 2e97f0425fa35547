"""ProseMirror JSON → Yjs → the same JSON."""

from typing import Any

import pytest
from pycrdt import Doc

from rooms.core import prosemirror, updates
from rooms.core.outline import Outline
from rooms.services.demo_content import LAUNCH_PLAN, WELCOME


def words(text: str, *marks: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"marks": list(marks)} if marks else {})}


def paragraph(*content: Any) -> dict[str, Any]:
    return {"type": "paragraph", **({"content": list(content)} if content else {})}


BOLD = {"type": "bold"}
LINK = {"type": "link", "attrs": {"href": "https://example.org/?q=é", "target": "_blank"}}
EMOJI = "Grüße 👩‍👩‍👧 東京 🎉"

DOCUMENTS: dict[str, list[Any]] = {
    "nothing": [],
    "an empty paragraph": [paragraph()],
    "letters of every width": [paragraph(words(EMOJI))],
    "marks after wide letters": [paragraph(words(EMOJI), words("bold", BOLD), words(EMOJI, LINK))],
    "two marks on one run": [paragraph(words("a"), words("b", BOLD, LINK), words("c", BOLD))],
    "numbers stay whole": [{"type": "heading", "attrs": {"level": 2}, "content": [words("Plan")]}],
    "truth values": [{"type": "taskItem", "attrs": {"checked": True}, "content": [paragraph(words("done"))]}],
    "an element between words": [paragraph(words("one"), {"type": "hardBreak"}, words("two"))],
    "lists in lists": [
        {
            "type": "bulletList",
            "content": [{"type": "listItem", "content": [paragraph(words("a")), paragraph()]}],
        }
    ],
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_goes_in_comes_out(name: str) -> None:
    content = {"type": "doc", "content": DOCUMENTS[name]}
    doc: Doc[Any] = Doc()
    doc.apply_update(prosemirror.to_update(content))
    assert prosemirror.from_doc(doc) == content


def test_an_attribute_without_a_value_is_left_out() -> None:
    content = {"type": "doc", "content": [{"type": "image", "attrs": {"src": "a.png", "title": None}}]}
    doc: Doc[Any] = Doc()
    doc.apply_update(prosemirror.to_update(content))
    assert prosemirror.from_doc(doc)["content"] == [{"type": "image", "attrs": {"src": "a.png"}}]


@pytest.mark.parametrize("content", [LAUNCH_PLAN, WELCOME], ids=["launch plan", "welcome"])
def test_the_demo_passes_the_check_of_every_edit(content: prosemirror.Node) -> None:
    update = prosemirror.to_update(content)
    summary = updates.read(update)
    updates.check_gaps(summary, {})
    Outline().check(summary, {})
