"""What somebody writes who wants other people's browsers to do something: words, and documents full of them."""

from typing import Any

from tests.browser.contents import Json

# `hit` is what a script of theirs would leave behind; evil.example is whom a page of theirs would tell.
RUN = "window.hit=1"
MARKUP = [
    f"<img src=x onerror={RUN}>",
    f"</script><script>{RUN}</script>",
    f'"><svg onload={RUN}>',
    f"' onmouseover='{RUN}' autofocus onfocus='{RUN}' x='",
    f'</title></textarea></style><iframe srcdoc="<script>parent.{RUN}</script>">',
    "<base href=//evil.example/><meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<style>*{display:none}</style><link rel=stylesheet href=https://evil.example/x.css>",
    "<form action=https://evil.example/><button autofocus>x",
    "{{ settings.SECRET_KEY }}{% debug %}${7*7}#{7*7}",
    "\u202e\u2066gnp.exe\u0000\ufeff<!--]]>",
]
ADDRESSES = [
    f"javascript:{RUN}",
    f" java\tscript:{RUN}//https://",
    f"JAVASCRIPT:{RUN}",
    f"data:text/html,<script>opener.{RUN}</script>",
    f"vbscript:{RUN}",
    "file:///etc/passwd",
    "//evil.example/x.png",
    "https://evil.example/x.png",
    "../../../f/AAAAAAAAAAAAAAAAAAAAAA",
    f'x" onerror="{RUN}',
]
STYLES = [
    "red; background: url(https://evil.example/x.png); position: fixed; inset: 0",
    "expression(window.hit=1)",
    '"><style>*{display:none}</style>',
]
FORMULAS = [
    r"\href{javascript:window.hit=1}{x}",
    r"\url{javascript:window.hit=1}",
    r"\includegraphics{https://evil.example/x.png}",
    r"\htmlStyle{background:url(https://evil.example/x.png)}{x}",
    r"\htmlData{x=1}{y}\htmlId{a}{b}\htmlClass{evil}{z}",
    r"\def\a{\a\a}\a",
    r"\rule{99999em}{99999em}\kern{-99999em}\text{<img src=x onerror=window.hit=1>}",
    r"\newcommand{\x}{\x\x\x}\x \unicode{x3c}script\unicode{x3e}",
]
EVERYTHING = [*MARKUP, *ADDRESSES, *STYLES, *FORMULAS]


def node(kind: str, *content: Json, **attrs: Any) -> Json:
    return {"type": kind, "attrs": attrs, **({"content": list(content)} if content else {})}


def words(text: str, **marks: Json) -> Json:
    return {"type": "text", "text": text, "marks": [{"type": name, "attrs": attrs} for name, attrs in marks.items()]}


def blocks(evil: str) -> list[Json]:
    """Return one of each block and mark, with `evil` wherever a document can say something."""
    said = words(evil.replace("\0", " "))
    line = node("paragraph", said, textAlign=evil, style=evil, onclick=evil, class_=evil, id=evil, dir=evil)
    return [
        line,
        node("heading", said, level=2, textAlign=evil),
        node(
            "paragraph", words("link", link={"href": evil, "target": evil, "rel": evil, "class": evil, "onclick": evil})
        ),
        node("paragraph", words("light", highlight={"color": evil}), words("colour", textColor={"color": evil})),
        node("codeBlock", said, language=evil),
        node("callout", line, tone=evil),
        node("details", node("detailsSummary", said), node("detailsContent", line), open=evil),
        node("image", file=evil, src=evil, alt=evil, caption=evil, width=evil, align=evil, title=evil),
        node("file", file=evil, name=evil, size=evil, href=evil),
        node(
            "paragraph",
            node("mention", id=evil, label=evil),
            node("documentLink", key=evil, label=evil, href=evil),
            node("inlineMath", latex=evil),
        ),
        node("blockMath", latex=evil),
        node("taskList", node("taskItem", line, checked=evil)),
        node("orderedList", node("listItem", line), start=evil, type=evil),
        node(
            "table", node("tableRow", node("tableCell", line, colwidth=evil, style=evil, background=evil)), style=evil
        ),
    ]


def document() -> list[Json]:
    """Return blocks for all of it, and some of kinds that no schema knows."""
    unknown = [
        node("script", words(RUN), src="https://evil.example/x.js"),
        node("iframe", src=f"javascript:{RUN}", srcdoc=f"<script>parent.{RUN}</script>"),
        node("img", src="x", onerror=RUN),
        node("constructor", words("x"), prototype=RUN),
        node("__proto__", words("x"), hit="1"),
        node("paragraph", words("unknown", script={"src": "https://evil.example/x.js"}, style={"css": STYLES[0]})),
    ]
    first = node("paragraph", words("The first line"))
    last = node("paragraph", words("The last line"))
    return [first, *(block for evil in EVERYTHING for block in blocks(evil)), *unknown, last]


# What a page must not have anywhere, and within the text nothing of the second.
FAULTS = """() => {
    const faults = [];
    if (window.hit !== undefined) faults.push("a script ran");
    const wrong = (element, what) => faults.push(`${what}: ${element.outerHTML.slice(0, 200)}`);
    for (const element of document.querySelectorAll("*")) {
        for (const { name, value } of element.attributes) {
            if (/^on/i.test(name)) wrong(element, "handler");
            if (/^(href|src|action|formaction|data|poster|xlink:href|srcset|cite|background)$/i.test(name)) {
                const url = new URL(value, location.href);
                const own = url.origin === location.origin && ["http:", "https:"].includes(url.protocol);
                const link = element.localName === "a" && ["http:", "https:", "mailto:"].includes(url.protocol);
                if (!own && !link) wrong(element, "address");
            }
            if (name === "srcdoc") wrong(element, "srcdoc");
        }
    }
    for (const element of document.querySelectorAll("iframe, object, embed, base, frame, applet, meta[http-equiv]"))
        wrong(element, "element");
    for (const text of document.querySelectorAll(".ProseMirror, [data-testid=panel-comments]")) {
        for (const element of text.querySelectorAll("script, style, link, form[action], meta, title"))
            wrong(element, "element in the text");
        for (const element of text.querySelectorAll("[style]"))
            if (/url\\(|expression|position:\\s*fixed|evil/i.test(element.getAttribute("style")))
                wrong(element, "style");
        for (const element of text.querySelectorAll("a[href^=http]"))
            if (element.origin !== location.origin && !/noopener/.test(element.rel)) wrong(element, "link");
    }
    return faults;
}"""
