/** What of a selection goes elsewhere as plain text: readable in a mail, and a table in a spreadsheet. */

import type { Fragment, Node } from "@tiptap/pm/model";

export function plainText(content: Fragment): string {
  return blocks(children(content));
}

function blocks(nodes: readonly Node[]): string {
  if (nodes.every((node) => node.isInline)) return inline(nodes);
  return nodes.map(block).join("\n\n");
}

function block(node: Node): string {
  const inner = children(node.content);
  switch (node.type.name) {
    case "bulletList":
      return inner.map((item) => listItem(item, "- ")).join("\n");
    case "orderedList":
      return inner.map((item, index) => listItem(item, `${Number(node.attrs.start ?? 1) + index}. `)).join("\n");
    case "taskList":
      return inner.map((item) => listItem(item, item.attrs.checked === true ? "[x] " : "[ ] ")).join("\n");
    case "listItem":
    case "taskItem":
      return listItem(node, "");
    case "blockquote":
      return indent(blocks(inner), "> ", "> ");
    case "table":
      return inner.map(row).join("\n");
    case "tableRow":
      return row(node);
    case "horizontalRule":
      return "---";
    case "codeBlock":
      return node.textContent;
    default:
      return node.isLeaf ? leaf(node) : blocks(inner);
  }
}

function listItem(item: Node, marker: string): string {
  const [first, ...rest] = children(item.content).map(block);
  return indent([first, ...rest].join("\n"), marker, " ".repeat(marker.startsWith("[") ? 2 : marker.length));
}

function row(node: Node): string {
  const cells = children(node.content).map((cell) => blocks(children(cell.content)));
  // A spreadsheet reads quotes around what has line breaks.
  return cells.map((cell) => (/[\n\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t");
}

function inline(nodes: readonly Node[]): string {
  return nodes.map(word).join("");
}

function word(node: Node): string {
  if (node.isText) return node.text ?? "";
  return node.isLeaf ? leaf(node) : inline(children(node.content));
}

function leaf(node: Node): string {
  if (node.type.name === "hardBreak") return "\n";
  const { label, latex, alt, caption, name } = node.attrs as Record<string, string | null | undefined>;
  if (node.type.name === "mention") return `@${label ?? ""}`;
  return label ?? latex ?? caption ?? alt ?? name ?? "";
}

function indent(text: string, first: string, others: string): string {
  const [line = "", ...rest] = text.split("\n");
  const below = rest.map((one) => (one === "" ? others.trimEnd() : others) + one);
  return [first + line, ...below].join("\n");
}

function children(content: Fragment): Node[] {
  return Array.from({ length: content.childCount }, (_, index) => content.child(index));
}
