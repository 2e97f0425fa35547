/**
 * Markdown as ProseMirror JSON of our schema: CommonMark, what GitHub adds (tables, tasks, alerts), and formulas
 * between dollar signs. HTML stays text. Our own: 300 lines, in our schema's terms and with our rules for links.
 */

import { inline } from "./markdown-inline.ts";

export interface Mark {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
}

export interface Node {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly content?: readonly Node[];
  readonly marks?: readonly Mark[];
  readonly text?: string;
}

/** Lists and quotes within each other, beyond which the rest is text. */
const DEEPEST = 12;

const FENCE = /^ {0,3}(`{3,}|~{3,}) *([\w+#.-]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})(?: +(.*?))?(?: +#+)? *$/;
const UNDERLINE = /^ {0,3}(=+|-{2,}) *$/;
const RULE = /^ {0,3}(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ALERT = /^\[!(\w+)\] *$/;
const BULLET = /^( *)([-*+])( +|$)/;
const NUMBER = /^( *)(\d{1,9})[.)]( +|$)/;
const TASK = /^\[([ xX])\] +/;
const DELIMITERS = /^ {0,3}\|?(?: *:?-+:? *\|)+(?: *:?-+:? *)?$/;

const TONES: Readonly<Record<string, string>> = {
  note: "note",
  info: "note",
  important: "note",
  tip: "tip",
  warning: "warning",
  caution: "danger",
  danger: "danger",
};

/** The blocks of `source`. */
export function parseMarkdown(source: string): Node[] {
  let closing: RegExp | null = null;
  const lines = source.replace(/\r\n?/g, "\n").split("\n").map((line) => {
    if (closing !== null) {
      if (closing.test(line)) closing = null;
      return line; // Code keeps its tabs.
    }
    closing = closingOf(FENCE.exec(line));
    return line.replace(/^[ \t]*\t/, (start) => start.replaceAll("\t", "    "));
  });
  return blocks(lines, 0);
}

/** What ends the code that `fence` begins. */
function closingOf(fence: RegExpExecArray | null): RegExp | null {
  if (fence === null) return null;
  const [, sign = "```"] = fence;
  return new RegExp(`^ {0,3}${sign[0]}{${sign.length},} *$`);
}

function blocks(lines: readonly string[], depth: number): Node[] {
  const found: Node[] = [];
  let at = 0;
  while (at < lines.length) {
    if (isBlank(lines[at])) {
      at += 1;
      continue;
    }
    const [node, next] = block(lines, at, depth);
    found.push(node);
    at = next;
  }
  return found;
}

/** The block that begins at line `at`, and the line after it. */
function block(lines: readonly string[], at: number, depth: number): [Node, number] {
  const line = lines[at] ?? "";
  const fence = FENCE.exec(line);
  if (fence !== null) return codeBlock(lines, at, fence);
  if (line.trim().startsWith("$$")) {
    const math = mathBlock(lines, at);
    if (math !== null) return math;
  }
  const heading = HEADING.exec(line);
  if (heading !== null) return [headingOf(heading[1]?.length ?? 1, heading[2] ?? ""), at + 1];
  if (RULE.test(line)) return [{ type: "horizontalRule" }, at + 1];
  if (isTable(lines, at)) return tableBlock(lines, at);
  if (QUOTE.test(line) && depth < DEEPEST) return quoteBlock(lines, at, depth);
  if (listMarker(line) !== null && depth < DEEPEST) return listBlock(lines, at, depth);
  return paragraphBlock(lines, at);
}

function paragraphBlock(lines: readonly string[], at: number): [Node, number] {
  let end = at + 1;
  while (end < lines.length && !isBlank(lines[end]) && !interrupts(lines, end)) {
    const underline = UNDERLINE.exec(lines[end] ?? "");
    if (underline !== null) return [headingOf(underline[1]?.startsWith("=") ? 1 : 2, join(lines, at, end)), end + 1];
    end += 1;
  }
  return [paragraph(join(lines, at, end)), end];
}

/** What ends a paragraph without an empty line. A number other than 1 goes on with the sentence, as in CommonMark. */
function interrupts(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? "";
  if (FENCE.test(line) || HEADING.test(line) || QUOTE.test(line) || isTable(lines, at)) return true;
  if (RULE.test(line) && !UNDERLINE.test(line)) return true;
  const marker = listMarker(line);
  return marker !== null && !isBlank(line.slice(marker.indent)) && (marker.number === null || marker.number === 1);
}

function codeBlock(lines: readonly string[], at: number, fence: RegExpExecArray): [Node, number] {
  const [, , language = ""] = fence;
  const closing = closingOf(fence);
  let end = at + 1;
  while (end < lines.length && closing?.test(lines[end] ?? "") === false) end += 1;
  const code = lines.slice(at + 1, end).join("\n");
  const attrs = { language: language === "" ? null : language.toLowerCase() };
  return [{ type: "codeBlock", attrs, ...(code === "" ? {} : { content: [{ type: "text", text: code }] }) }, end + 1];
}

/** `$$` to `$$`, on one line or with lines between; null when it never ends. */
function mathBlock(lines: readonly string[], at: number): [Node, number] | null {
  const first = (lines[at] ?? "").trim();
  const make = (latex: string): Node => ({ type: "blockMath", attrs: { latex: latex.trim() } });
  if (first.length > 4 && first.endsWith("$$")) return [make(first.slice(2, -2)), at + 1];
  for (let end = at + 1; end < lines.length; end += 1) {
    const line = (lines[end] ?? "").trim();
    if (line.endsWith("$$")) {
      return [make([first.slice(2), ...lines.slice(at + 1, end), line.slice(0, -2)].join("\n")), end + 1];
    }
  }
  return null;
}

function quoteBlock(lines: readonly string[], at: number, depth: number): [Node, number] {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end] ?? "")) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  const tone = TONES[ALERT.exec(inner[0] ?? "")?.[1]?.toLowerCase() ?? ""];
  if (tone !== undefined) {
    return [{ type: "callout", attrs: { tone }, content: atLeastOne(blocks(inner.slice(1), depth + 1)) }, end];
  }
  return [{ type: "blockquote", content: atLeastOne(blocks(inner, depth + 1)) }, end];
}

interface Marker {
  readonly spaces: number;
  /** Columns before what the item says. */
  readonly indent: number;
  readonly number: number | null;
}

function listMarker(line: string): Marker | null {
  const match = BULLET.exec(line) ?? NUMBER.exec(line);
  if (match === null || RULE.test(line)) return null;
  const [whole, spaces = "", sign = "", gap = ""] = match;
  // Five spaces and more are one space and indented text.
  const indent = gap.length > 4 || gap === "" ? whole.length - gap.length + 1 : whole.length;
  return { spaces: spaces.length, indent, number: /\d/.test(sign) ? Number(sign) : null };
}

function listBlock(lines: readonly string[], at: number, depth: number): [Node, number] {
  const first = listMarker(lines[at] ?? "");
  const items: string[][] = [];
  let end = at;
  for (let marker = first; marker !== null && first !== null; marker = listMarker(lines[end] ?? "")) {
    if ((marker.number === null) !== (first.number === null) || marker.spaces >= first.indent) break;
    const [item, next] = itemLines(lines, end, marker);
    items.push(item);
    end = next;
  }
  const isTask = TASK.test(items[0]?.[0] ?? "");
  const content = items.map((item) => listItem(item, depth, isTask));
  if (isTask) return [{ type: "taskList", content }, end];
  if (first === null || first.number === null) return [{ type: "bulletList", content }, end];
  return [{ type: "orderedList", attrs: { start: first.number }, content }, end];
}

/** The lines of one item without its marker and indentation, and the line where the next one could be. */
function itemLines(lines: readonly string[], at: number, marker: Marker): [string[], number] {
  const own = [(lines[at] ?? "").slice(marker.indent)];
  let end = at + 1;
  while (end < lines.length) {
    const line = lines[end] ?? "";
    if (isBlank(line)) {
      const next = lines.findIndex((later, index) => index > end && !isBlank(later));
      if (next < 0) return [own, lines.length];
      const belongs = indentOf(lines[next]) >= marker.indent;
      if (!belongs) return [own, next];
      own.push("");
    } else if (indentOf(line) >= marker.indent) own.push(line.slice(marker.indent));
    // Two spaces are often meant as deeper, also below "1. ".
    else if (indentOf(line) >= marker.spaces + 2 && listMarker(line) !== null) own.push(line.trimStart());
    else if (isBlank(lines[end - 1]) || interrupts(lines, end) || listMarker(line) !== null) break;
    else own.push(line.trimStart());
    end += 1;
  }
  return [own, end];
}

function listItem(lines: readonly string[], depth: number, isTask: boolean): Node {
  const task = isTask ? TASK.exec(lines[0] ?? "") : null;
  const rest = task === null ? lines : [(lines[0] ?? "").slice(task[0].length), ...lines.slice(1)];
  const content = blocks(rest, depth + 1);
  // An item begins with a paragraph.
  if (content[0]?.type !== "paragraph") content.unshift(paragraph(""));
  if (!isTask) return { type: "listItem", content };
  return { type: "taskItem", attrs: { checked: task !== null && task[1] !== " " }, content };
}

function isTable(lines: readonly string[], at: number): boolean {
  const [head = "", below = ""] = [lines[at], lines[at + 1]];
  return head.includes("|") && DELIMITERS.test(below) && cells(head).length === cells(below).length;
}

function tableBlock(lines: readonly string[], at: number): [Node, number] {
  const width = cells(lines[at] ?? "").length;
  const row = (line: string, type: "tableHeader" | "tableCell"): Node => {
    const texts = cells(line);
    const content = Array.from({ length: width }, (_, column) => ({ type, content: [paragraph(texts[column] ?? "")] }));
    return { type: "tableRow", content };
  };
  const rows = [row(lines[at] ?? "", "tableHeader")];
  let end = at + 2;
  while (end < lines.length && !isBlank(lines[end]) && (lines[end] ?? "").includes("|")) {
    rows.push(row(lines[end] ?? "", "tableCell"));
    end += 1;
  }
  return [{ type: "table", content: rows }, end];
}

/** A bar after a backslash, or in code, separates nothing. */
function cells(line: string): string[] {
  const inner = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  const found = [""];
  for (const [part] of inner.matchAll(/\\.|`[^`]*`|[^\\|`]+|./g)) {
    if (part === "|") found.push("");
    else found[found.length - 1] += part === "\\|" ? "|" : part;
  }
  return found.map((cell) => cell.trim());
}

function headingOf(level: number, words: string): Node {
  const content = inline(words.trim());
  return { type: "heading", attrs: { level: Math.min(level, 4) }, ...(content.length > 0 ? { content } : {}) };
}

function paragraph(words: string): Node {
  const content = inline(words.trim());
  return { type: "paragraph", ...(content.length > 0 ? { content } : {}) };
}

function atLeastOne(nodes: Node[]): Node[] {
  return nodes.length > 0 ? nodes : [paragraph("")];
}

function join(lines: readonly string[], from: number, to: number): string {
  return lines.slice(from, to).map((line) => line.trimStart()).join("\n");
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === "";
}

function indentOf(line: string | undefined): number {
  return (line ?? "").length - (line ?? "").trimStart().length;
}
