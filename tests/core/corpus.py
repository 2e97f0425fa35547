"""What Yjs and TipTap wrote (see make_corpus.mjs and corpus.test.ts), and what pycrdt writes, story by story."""

import base64
from collections import defaultdict
from pathlib import Path
from typing import Any

from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment, XmlText

UNREADABLE = "an XML hook, which pycrdt cannot read"
# Yjs replaces both halves by U+FFFD; yrs does not split, and the two differ from there on.
SPLIT = "surrogate pairs cut in two"
SUBDOCUMENT = "a document in a document, which is refused"
HOLE = "a hole, which is a gap"
REFUSED = (UNREADABLE, SPLIT, SUBDOCUMENT, HOLE)


def of_yjs() -> dict[str, list[bytes]]:
    """Return story → its updates in the order of its log."""
    return _read("corpus.txt")


def of_tiptap() -> dict[str, list[bytes]]:
    """Return the same of every node and mark of the editor (see static/tests/editor/corpus.test.ts)."""
    return _read("corpus-editor.txt")


def _read(name: str) -> dict[str, list[bytes]]:
    stories: dict[str, list[bytes]] = defaultdict(list)
    for line in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines():
        story, encoded = line.split("\t")
        stories[story].append(base64.b64decode(encoded))
    return dict(stories)


def of_pycrdt() -> dict[str, list[bytes]]:
    """Return the same for stories written with pycrdt, which the server and the clients of the tests use."""
    stories: dict[str, list[bytes]] = defaultdict(list)

    def tell(story: str) -> "Doc[Any]":
        doc: Doc[Any] = Doc(client_id=2**53 - 1 - len(stories))
        subscription = doc.observe(lambda event: stories[story].append(event.update))
        doc.__dict__["keep"] = subscription
        return doc

    doc = tell("pycrdt: text")
    text = doc.get("text", type=Text)
    for index, letter in enumerate("Grüße 👋🏽"):
        text.insert(len("Grüße 👋🏽"[:index].encode()), letter)
    text.format(0, 5, {"bold": True, "link": {"href": "https://example.org"}})
    del text[0:2]
    doc = tell("pycrdt: elements")
    root = doc.get("default", type=XmlFragment)
    for level in range(4):
        with doc.transaction():
            heading = root.children.append(XmlElement("heading", {"level": str(level)}))
            heading.children.append(XmlText("words"))
    del root.children[1]
    doc = tell("pycrdt: values")
    values = doc.get("map", type=Map)
    values["a"] = {"nested": [1, 2.5, None, True, "x", b"bytes"]}
    values["b"] = Array([1, Map({"c": Text("d")})])
    values["a"] = "again"
    del values["b"]
    return dict(stories)


def everything() -> dict[str, list[bytes]]:
    """Return every story that the server accepts."""
    stories = {**of_yjs(), **of_tiptap(), **of_pycrdt()}
    return {story: updates for story, updates in stories.items() if story not in REFUSED}
