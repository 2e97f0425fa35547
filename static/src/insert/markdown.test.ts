import { describe, expect, test } from "vitest";
import { looksLikeMarkdown } from "./looks-like.ts";
import { inline } from "./markdown-inline.ts";
import { type Mark, type Node, parseMarkdown } from "./markdown.ts";

/** `doc` in short: `h2(words)`, `p(a, bold:b)`. */
function short(nodes: readonly Node[]): string {
  return nodes.map(shortOf).join(" ");
}

const NAMES: Readonly<Record<string, string>> = {
  paragraph: "p",
  heading: "h",
  bulletList: "ul",
  orderedList: "ol",
  taskList: "tasks",
  listItem: "li",
  taskItem: "li",
  blockquote: "quote",
  codeBlock: "code",
  horizontalRule: "hr",
  tableRow: "tr",
  tableHeader: "th",
  tableCell: "td",
  hardBreak: "br",
};

function shortOf(node: Node): string {
  if (node.type === "text") {
    const markOf = ({ type, attrs }: Mark): string => (attrs?.href === undefined ? type : `link[${attrs.href}]`);
    const marks = (node.marks ?? []).map(markOf);
    return [...marks, node.text].join(":");
  }
  const { level, checked, start, language, latex, tone } = node.attrs ?? {};
  const turned = [checked === true ? "x" : null, start === 1 ? null : start];
  const detail = [level, ...turned, language, latex, tone].find((value) => value !== undefined && value !== null) ?? "";
  return `${NAMES[node.type] ?? node.type}${detail}${node.content === undefined ? "" : `(${short(node.content)})`}`;
}

describe("blocks", () => {
  test.each([
    ["# One\n\ntext\n## Two ##\n##### Five", "h1(One) p(text) h2(Two) h4(Five)"],
    ["Title\n=====\nSub\n---\ntext", "h1(Title) h2(Sub) p(text)"],
    ["one\ntwo\n\nthree", "p(one two) p(three)"],
    ["one  \ntwo\\\nthree", "p(one br two br three)"],
    ["- a\n- b\n  - c\n    more\n- d", "ul(li(p(a)) li(p(b) ul(li(p(c more)))) li(p(d)))"],
    ["* a\n\n* b\n\n  second\n\nafter", "ul(li(p(a)) li(p(b) p(second))) p(after)"],
    ["1. a\n2. b\n   1. c", "ol(li(p(a)) li(p(b) ol(li(p(c)))))"],
    ["1. a\n  - b", "ol(li(p(a) ul(li(p(b)))))"],
    ["3) a", "ol3(li(p(a)))"],
    ["- a\n1. b", "ul(li(p(a))) ol(li(p(b)))"],
    ["- [ ] a\n- [x] b\n  - [X] c", "tasks(li(p(a)) lix(p(b) tasks(lix(p(c)))))"],
    ["- a\n\t- b", "ul(li(p(a) ul(li(p(b)))))"],
    ["- ```js\n  x\n  ```", "ul(li(p codejs(x)))"],
    ["> a\n> b\n>\n> > c", "quote(p(a b) quote(p(c)))"],
    ["> [!WARNING]\n> Mind the gap", "calloutwarning(p(Mind the gap))"],
    ["> [!NOTE]", "calloutnote(p)"],
    ["```Python\n\tif a < b:\n    # no heading\n```\nafter", "codepython(\tif a < b:\n    # no heading) p(after)"],
    ["~~~\nnever closed", "code(never closed)"],
    ["a\n\n***\n\nb\n\n---", "p(a) hr p(b) hr"],
    ["$$\na^2\n$$", "blockMatha^2"],
    ["$$x$$", "blockMathx"],
    ["$$ never", "p($$ never)"],
    [
      "| a | b |\n|---|:-:|\n| `x|y` | z\\|z |\n| only |",
      "table(tr(th(p(a)) th(p(b))) tr(td(p(code:x|y)) td(p(z|z))) tr(td(p(only)) td(p)))",
    ],
    ["a | b\n--- | ---\n1 | 2\n\nafter", "table(tr(th(p(a)) th(p(b))) tr(td(p(1)) td(p(2)))) p(after)"],
    ["In 2024\n1990. was a year", "p(In 2024 1990. was a year)"],
    ["", ""],
  ])("%j", (source, expected) => expect(short(parseMarkdown(source))).toBe(expected));

  test("quotes within quotes end somewhere", () => {
    expect(JSON.stringify(parseMarkdown(`${">".repeat(5_000)} deep`))).toContain("deep");
    expect(JSON.stringify(parseMarkdown(`${"+ ".repeat(5_000)}x`))).toContain("listItem");
  });
});

describe("words", () => {
  test.each([
    ["**a** *b* _c_ __D__ ~~e~~ `f` ==g==", "bold:a   italic:b   italic:c   bold:D   strike:e   code:f   highlight:g"],
    ["***a***", "bold:italic:a"],
    ["**a *b* c**", "bold:a  bold:italic:b bold: c"],
    ["`**a**` and ``b ` c``", "code:**a**  and  code:b ` c"],
    ["snake_case_name 2*3*4 a * b * c __init__.py 5**2**3", "snake_case_name 2*3*4 a * b * c __init__.py 5**2**3"],
    ["\\*a\\* \\_b\\_", "*a* _b_"],
    [
      "[a **b**](https://example.org/x_(y))",
      "link[https://example.org/x_(y)]:a  link[https://example.org/x_(y)]:bold:b",
    ],
    ["[a](example.org) [b](javascript:alert(1)) [c](/etc)", "link[https://example.org/]:a  b c"],
    ["see https://example.org/a_b_c. And", "see  link[https://example.org/a_b_c]:https://example.org/a_b_c . And"],
    ["(https://example.org/a)", "( link[https://example.org/a]:https://example.org/a )"],
    ["<https://example.org> <b>", "link[https://example.org/]:https://example.org  <b>"],
    ["![A cat](https://example.org/cat.png)", "link[https://example.org/cat.png]:A cat"],
    ["a $x^2$ b, $5 and $6, US$7", "a  inlineMathx^2  b, $5 and $6, US$7"],
    ["a<br>b", "a br b"],
    ["[x] and [y]", "[x] and [y]"],
    ["**open *and [so on](", "**open *and [so on]("],
  ])("%j", (source, expected) => expect(short(inline(source))).toBe(expected));

  test("a text of nothing but signs takes no time to speak of", () => {
    for (const sign of ["*", "_", "`", "[", "![", "$ ", "** a", "<", "\\"]) inline(sign.repeat(6_000));
  });
});

describe("a text is markdown when it", () => {
  test.each([
    "# Title\n\ntext",
    "text\n\n## Part\n\nmore",
    "- one\n- two\n- three",
    "1. one\n2. two",
    "- [ ] milk",
    "> said\n> and said",
    "Look:\n```\ncode;\n```",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "see [this](https://example.org)",
    "this is **important** here",
  ])("is %j", (text) => expect(looksLikeMarkdown(text)).toBe(true));

  test.each([
    "one line",
    "snake_case and __init__ and 2*3*4 and 2**3**4",
    "# not one line",
    "- not one line",
    "one\ntwo\nthree",
    "#!/bin/sh\n# Say it\n\necho",
    "# Install\nsudo apt install x\n# Run\nx",
    "import os\n\n# Part\n\ndef f():\n    return 1\n",
    "int *a, *b;\nint **c;\n{\n}",
    "a - b\nc - d",
    "f(x)[0](y)",
    "-1\n-2",
    "He said: - well -\nand left",
  ])("is not %j", (text) => expect(looksLikeMarkdown(text)).toBe(false));
});
