"""Between ProseMirror JSON and the Yjs fragment that TipTap edits.

Source of the mapping: `@tiptap/y-tiptap` 3.0 (`src/plugins/sync-plugin.js`): a node is an XmlElement named by its
type with the attributes that are set, a run of text is one XmlText, and a mark is a formatting attribute named by its
type whose value is the mark's attributes.
"""

from collections.abc import Iterable
from typing import Any

from pycrdt import Doc, XmlElement, XmlFragment, XmlText

# The root type that TipTap's Collaboration extension binds to unless told otherwise.
FIELD = "default"

Node = dict[str, Any]


def to_update(content: Node) -> bytes:
    """Return a Yjs update that makes `content` (a node of type "doc") out of an empty document."""
    doc: Doc[Any] = Doc()
    fragment = doc.get(FIELD, type=XmlFragment)
    with doc.transaction():
        _append(fragment, content.get("content", ()))
    return doc.get_update()


def from_doc(doc: "Doc[Any]") -> Node:
    """Return the content of `doc` as ProseMirror JSON. pycrdt's own `str()` is not usable for this (trap Y7)."""
    return {"type": "doc", "content": _children(doc.get(FIELD, type=XmlFragment))}


def _append(parent: XmlFragment | XmlElement, nodes: Iterable[Node]) -> None:
    text: XmlText | None = None
    length = 0  # in UTF-8 bytes: that is what pycrdt's text indexes count (trap Y7)
    for node in nodes:
        if node["type"] != "text":
            text = None
            attributes = {name: value for name, value in node.get("attrs", {}).items() if value is not None}
            element = parent.children.append(XmlElement(node["type"], attributes))
            _append(element, node.get("content", ()))
            continue
        if text is None:
            text, length = parent.children.append(XmlText()), 0
        marks = {mark["type"]: mark.get("attrs", {}) for mark in node.get("marks", ())}
        text.insert(length, node["text"], marks)
        length += len(node["text"].encode())


def _children(parent: XmlFragment | XmlElement) -> list[Node]:
    nodes: list[Node] = []
    for child in parent.children:
        if isinstance(child, XmlText):
            nodes.extend(_runs(child))
            continue
        if not isinstance(child, XmlElement):
            continue
        node: Node = {"type": child.tag}
        attributes: Any = child.attributes  # typed as iterable of pairs; a mapping in truth
        if attrs := {name: _number(value) for name, value in attributes}:
            node["attrs"] = attrs
        if content := _children(child):
            node["content"] = content
        nodes.append(node)
    return nodes


def _runs(text: XmlText) -> Iterable[Node]:
    for value, attributes in text.diff():
        node: Node = {"type": "text", "text": value}
        if attributes:
            node["marks"] = [
                {"type": name, "attrs": attrs} if attrs else {"type": name}
                for name, attrs in sorted(attributes.items())
            ]
        yield node


def _number(value: Any) -> Any:
    """JavaScript has one kind of number: a heading's level comes back as 1.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
