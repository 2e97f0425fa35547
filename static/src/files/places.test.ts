import { type Node as PmNode, Schema } from "@tiptap/pm/model";
import { EditorState } from "@tiptap/pm/state";
import { expect, test } from "vitest";
import { insertBlock } from "./places.ts";

const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    paragraph: { group: "block", content: "text*" },
    quote: { group: "block", content: "block+" },
    item: { content: "paragraph block*" },
    list: { group: "block", content: "item+" },
    details: { group: "block", content: "summary content" },
    summary: { content: "text*" },
    content: { content: "block+" },
    image: { group: "block", atom: true },
    text: {},
  },
});

const node = (name: string, ...content: PmNode[]): PmNode => schema.nodes[name]?.create(null, content) as PmNode;
const p = (words = ""): PmNode => node("paragraph", ...(words === "" ? [] : [schema.text(words)]));
const list = node("list", node("item", p("a")));
const details = node("details", node("summary"), node("content", p("a")));
const doc = (...content: PmNode[]): PmNode => node("doc", ...content);

function inserted(before: PmNode, at: number): string {
  const transaction = EditorState.create({ doc: before }).tr;
  const end = insertBlock(transaction, at, node("image"));
  transaction.doc.check();
  expect(transaction.doc.resolve(end).nodeBefore?.type.name).toBe("image");
  return transaction.doc.toString().replaceAll("paragraph", "p");
}

test.each([
  ["in place of an empty paragraph", doc(p(), p("a")), 1, 'doc(image, p("a"))'],
  ["behind a paragraph, wherever in it", doc(p("abc"), p("d")), 2, 'doc(p("abc"), image, p("d"))'],
  ["with a line to go on at the end", doc(p("a")), 2, 'doc(p("a"), image, p)'],
  ["with a line to go on when it was the only one", doc(p()), 1, "doc(image, p)"],
  ["between blocks", doc(p("a"), p("b")), 3, 'doc(p("a"), image, p("b"))'],
  ["inside of a quote", doc(node("quote", p("a")), p("b")), 3, 'doc(quote(p("a"), image), p("b"))'],
  ["inside of an item of a list", doc(list, p("b")), 4, 'doc(list(item(p("a"), image)), p("b"))'],
  ["behind what holds no images", doc(details, p("b")), 2, 'doc(details(summary, content(p("a"))), image, p("b"))'],
  ["at the end for a place that is gone", doc(p("a")), 99, 'doc(p("a"), image, p)'],
] as const)("an image is inserted %s", (_where, before, at, after) => {
  expect(inserted(before, at)).toBe(after);
});
