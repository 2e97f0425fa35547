/** All that is done to what comes from the clipboard and goes to it. Loaded when the page has nothing else to do. */

import { Fragment, type Node, type Schema, Slice } from "@tiptap/pm/model";
import { looksLikeMarkdown } from "./looks-like.ts";
import { inline } from "./markdown-inline.ts";
import { parseMarkdown } from "./markdown.ts";
import { tabular } from "./tabular.ts";

export { plainText } from "./copy-text.ts";
export { cleanPastedHtml } from "./html/clean.ts";

/** More than this is data: it is pasted as it is. */
const LONGEST_MARKDOWN = 500_000;

/** What `words` are when they are more than words: a table or markdown. */
export function sliceOf(words: string, schema: Schema): Slice | null {
  const rows = tabular(words);
  if (rows !== null) return tableOf(rows, schema);
  if (words.length > LONGEST_MARKDOWN || !looksLikeMarkdown(words)) return null;
  const part = [{ type: "paragraph", content: inline(words) }];
  return openSlice(isPartOfALine(words) ? part : parseMarkdown(words), schema);
}

/** The spaces around a part of a line belong to it. */
function isPartOfALine(words: string): boolean {
  return !/\n|^\s*[-*+] /.test(words);
}

/** Visual Studio Code says which language is on the clipboard; its HTML is only colours. */
export function codeOf(data: DataTransfer | null, schema: Schema): Slice | null {
  const about = data?.getData("vscode-editor-data") ?? "";
  const words = (data?.getData("text/plain") ?? "").replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const { codeBlock } = schema.nodes;
  if (about === "" || codeBlock === undefined) return null;
  const language = /"mode":"([\w+#-]{1,40})"/.exec(about)?.[1] ?? null;
  if (language === "markdown") return sliceOf(words, schema);
  if (!words.includes("\n") || language === "plaintext") return null;
  return new Slice(Fragment.from(codeBlock.create({ language }, schema.text(words))), 0, 0);
}

/** The blocks, with open ends where they are paragraphs: those join the line that they are pasted into. */
function openSlice(blocks: readonly object[], schema: Schema): Slice | null {
  const nodes = blocks.map((block) => schema.nodeFromJSON(block) as Node);
  for (const node of nodes) node.check();
  const openAt = (node: Node | undefined): number => (node?.type === schema.nodes.paragraph ? 1 : 0);
  return nodes.length === 0 ? null : new Slice(Fragment.from(nodes), openAt(nodes[0]), openAt(nodes.at(-1)));
}

function tableOf(rows: readonly (readonly string[])[], schema: Schema): Slice {
  const text = (line: string) => (line === "" ? [] : [{ type: "text", text: line }]);
  const paragraphs = (words: string) => words.split("\n").map((line) => ({ type: "paragraph", content: text(line) }));
  const cells = (row: readonly string[]) => row.map((words) => ({ type: "tableCell", content: paragraphs(words) }));
  const table = { type: "table", content: rows.map((row) => ({ type: "tableRow", content: cells(row) })) };
  return new Slice(Fragment.from(schema.nodeFromJSON(table) as Node), 0, 0);
}
