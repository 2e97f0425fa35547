"""What the demo's documents say, as ProseMirror JSON. Small helpers keep the words in sight."""

from typing import Any

Node = dict[str, Any]
Inline = str | Node

BOLD: Node = {"type": "bold"}
ITALIC: Node = {"type": "italic"}
CODE: Node = {"type": "code"}


def _link(href: str) -> Node:
    return {"type": "link", "attrs": {"href": href}}


def _text(text: str, *marks: Node) -> Node:
    return {"type": "text", "text": text, "marks": list(marks)} if marks else {"type": "text", "text": text}


def _inline(parts: tuple[Inline, ...]) -> list[Node]:
    return [_text(part) if isinstance(part, str) else part for part in parts]


def _p(*parts: Inline) -> Node:
    return {"type": "paragraph", "content": _inline(parts)}


def _h(level: int, *parts: Inline) -> Node:
    return {"type": "heading", "attrs": {"level": level}, "content": _inline(parts)}


def _bullets(*items: Node) -> Node:
    return {"type": "bulletList", "content": [{"type": "listItem", "content": [item]} for item in items]}


def _numbers(*items: Node) -> Node:
    return {"type": "orderedList", "content": [{"type": "listItem", "content": [item]} for item in items]}


def _tasks(*items: tuple[bool, Node]) -> Node:
    tasks = [{"type": "taskItem", "attrs": {"checked": done}, "content": [item]} for done, item in items]
    return {"type": "taskList", "content": tasks}


def _quote(*paragraphs: Node) -> Node:
    return {"type": "blockquote", "content": list(paragraphs)}


def _code(language: str, text: str) -> Node:
    return {"type": "codeBlock", "attrs": {"language": language}, "content": [_text(text)]}


def _table(header: tuple[str, ...], *rows: tuple[str, ...]) -> Node:
    def row(kind: str, cells: tuple[str, ...]) -> Node:
        return {"type": "tableRow", "content": [{"type": kind, "content": [_p(cell)]} for cell in cells]}

    return {"type": "table", "content": [row("tableHeader", header), *(row("tableCell", cells) for cells in rows)]}


def _doc(*nodes: Node) -> Node:
    return {"type": "doc", "content": list(nodes)}


WELCOME: Node = _doc(
    _p(
        "This document is open to everyone in the room. Write in it: what you type appears for the others ",
        "within a blink, and the word ",
        _text("Saved", BOLD),
        " above means that the server has stored it.",
    ),
    _h(2, "Try these first"),
    _tasks(
        (True, _p("Open this document")),
        (False, _p("Open it in a second browser, signed in as ", _text("bob@example.com", CODE), ", and type in both")),
        (False, _p("Click a face at the top to jump to where that person is")),
        (False, _p("Type ", _text("## ", CODE), " or ", _text("[ ] ", CODE), " at the start of a line and go on")),
        (False, _p("Switch off the network, go on writing, and switch it on again")),
    ),
    _h(2, "Who may do what"),
    _p("People get a role when somebody adds them to the room. It holds for every document in it."),
    _table(
        ("Role", "Here", "May"),
        ("Owner", "Alice", "write, name the room, add people"),
        ("Editor", "Bob", "write, start and name documents"),
        ("Commenter", "Carol", "read and comment"),
        ("Viewer", "Vera", "read"),
    ),
    _p("Mallory is not in this room. For her this address leads nowhere, as if the document did not exist."),
    _h(2, "Writing"),
    _p(
        "Select words to make them ",
        _text("bold", BOLD),
        ", ",
        _text("italic", ITALIC),
        ", ",
        _text("underlined", {"type": "underline"}),
        ", ",
        _text("struck", {"type": "strike"}),
        " or ",
        _text("code", CODE),
        ". Markdown works while you type:",
    ),
    _code("markdown", "## A heading\n- a list\n[ ] a task\n> a quote\n**bold** and *italic*"),
    _h(2, "What is promised"),
    _quote(
        _p(
            "Nothing that you typed is dropped silently. ",
            "If it cannot be saved, it stays on your screen, and you are told why.",
        )
    ),
    _p(
        "Two people can write in the same line at once because the text is kept by ",
        _text("Yjs", _link("https://docs.yjs.dev/")),
        ", which merges what both typed without asking either to wait.",
    ),
)

LAUNCH_PLAN: Node = _doc(
    _p(_text("Goal: ", BOLD), "the new site goes live on a Tuesday morning, and nobody has to stay late for it."),
    _h(2, "Before"),
    _tasks(
        (True, _p("Agree on what is in the first version, and what is not")),
        (True, _p("Move the help pages; keep the old addresses working")),
        (False, _p("Read every page aloud, on a phone ", _text("(Carol)", ITALIC))),
        (False, _p("Rehearse going back: it must take less than five minutes ", _text("(Bob)", ITALIC))),
        (False, _p("Tell support what will look different ", _text("(Alice)", ITALIC))),
    ),
    _h(2, "The morning"),
    _table(
        ("When", "What", "Who"),
        ("08:30", "Last look at yesterday’s errors: go or wait", "Alice, Bob"),
        ("09:00", "One in ten visitors gets the new site", "Bob"),
        ("09:30", "Everybody gets it", "Bob"),
        ("10:00", "Note to all customers", "Carol"),
    ),
    _h(2, "When to go back"),
    _numbers(
        _p("More than one page in a hundred fails for five minutes."),
        _p("Somebody cannot sign in who could yesterday."),
        _p("Any of us has a bad feeling and can say what it is about."),
    ),
    _p("Going back is one command, and needs no meeting:"),
    _code("bash", "make rollback RELEASE=previous"),
    _h(2, "Decided"),
    _bullets(
        _p("No launch on a Friday."),
        _p("The old site stays reachable for ", _text("thirty days", BOLD), "."),
    ),
    _h(2, "Still open"),
    _bullets(_p("Who answers questions in the evening?"), _p("Do we keep the old colours for print?")),
    {"type": "horizontalRule"},
    _quote(_p("A good launch is a boring one.")),
)
