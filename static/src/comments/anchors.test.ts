import { getSchema } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { initProseMirrorDoc, prosemirrorJSONToYXmlFragment, updateYFragment } from "@tiptap/y-tiptap";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { documentExtensions } from "../editor/schema.ts";
import { anchorsOf, areAlive, decodeAnchors, encodePosition, Places } from "./anchors.ts";
import type { Binding } from "./binding.ts";
import { Passages } from "./passages.ts";

const schema = getSchema(documentExtensions(() => ""));

const paragraph = (...parts: string[]) => ({
  type: "paragraph",
  content: parts.map((text, index) => ({ type: "text", text, marks: index % 2 === 1 ? [{ type: "bold" }] : [] })),
});

const item = (text: string) => ({ type: "listItem", content: [paragraph(text)] });

const CONTENT = {
  type: "doc",
  content: [
    paragraph("The first ", "line of", " all"),
    { type: "bulletList", content: [item("one thing"), item("another thing")] },
    paragraph("The last line"),
  ],
};

/** A document in Yjs, as the editor has it. */
function page(content: unknown = CONTENT) {
  const doc = new Y.Doc();
  const type = doc.getXmlFragment("default");
  prosemirrorJSONToYXmlFragment(schema, content, type);
  const read = (): { node: Node; binding: Binding } => {
    const { doc: node, mapping } = initProseMirrorDoc(type, schema);
    return { node, binding: { doc, type, mapping } };
  };
  const passage = (words: string) => {
    const { node, binding } = read();
    const range = new Passages(node).find(words, 0);
    const anchors = range && anchorsOf(range, binding);
    if (anchors === null) throw new Error(`“${words}” is not there`);
    return decodeAnchors(encodePosition(anchors.start), encodePosition(anchors.end))!;
  };
  const wordsOf = (anchors: ReturnType<typeof passage>): string | null => {
    const { node, binding } = read();
    const range = new Places(binding).range(anchors);
    return range && new Passages(node).between(range);
  };
  /** Changes the document as the editor would. */
  const change = (next: unknown): void => {
    const { binding } = read();
    const meta = { mapping: binding.mapping, isOMark: new Map() };
    doc.transact(() => updateYFragment(doc, type, schema.nodeFromJSON(next), meta));
  };
  const text = (index: number): Y.XmlText => (type.get(index) as Y.XmlElement).get(0) as Y.XmlText;
  return { doc, type, passage, wordsOf, change, text };
}

const PASSAGES = ["The first", "line of", "first line of all", "all\none thing\nano", "another thing", "The last line"];

test.each(PASSAGES)("the passage “%s” is found where it was", (words) => {
  const { passage, wordsOf } = page();
  expect(wordsOf(passage(words))).toBe(words);
});

test("words before, after and in a passage; only those in it become a part of it", () => {
  const { passage, wordsOf, text } = page();
  const anchors = passage("last");
  text(2).insert(4, "very ");
  expect(wordsOf(anchors)).toBe("last");
  text(2).insert(13, "ing");
  expect(wordsOf(anchors)).toBe("last");
  text(2).insert(11, "e");
  expect(wordsOf(anchors)).toBe("laest");
});

test("blocks that come and go elsewhere move a passage", () => {
  const { passage, wordsOf, change } = page();
  const anchors = passage("The last line");
  change({ ...CONTENT, content: [paragraph("New"), paragraph("Newer"), CONTENT.content[2]] });
  expect(wordsOf(anchors)).toBe("The last line");
});

test("nothing is left of a passage whose words were deleted, and of one whose block was", () => {
  const { doc, passage, wordsOf, change, text } = page();
  const [words, block] = [passage("last"), passage("another thing")];
  text(2).delete(4, 4);
  change({ ...CONTENT, content: [CONTENT.content[0], paragraph("The  line")] });
  expect([wordsOf(words), wordsOf(block)]).toEqual([null, null]);
  expect([areAlive(words, doc), areAlive(block, doc)]).toEqual([false, false]);
});

test("a passage whose deletion was undone is there again", () => {
  const { doc, type, passage, wordsOf, text } = page();
  const anchors = passage("last");
  const undo = new Y.UndoManager(type);
  text(2).delete(3, 6);
  expect(wordsOf(anchors)).toBe(null);
  undo.undo();
  expect(wordsOf(anchors)).toBe("last");
  expect(areAlive(anchors, doc)).toBe(true);
});

test("another browser finds the same passage", () => {
  const mine = page();
  const anchors = mine.passage("another");
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(mine.doc));
  const type = doc.getXmlFragment("default");
  const { doc: node, mapping } = initProseMirrorDoc(type, schema);
  const range = new Places({ doc, type, mapping }).range(anchors);
  expect(range && new Passages(node).between(range)).toBe("another");
});

test("positions that nobody could have made are no passage", () => {
  const { doc, type } = page();
  const { mapping } = initProseMirrorDoc(type, schema);
  const unknown = encodePosition(new Y.RelativePosition(null, null, Y.createID(7, 7)));
  expect(new Places({ doc, type, mapping }).range(decodeAnchors(unknown, unknown)!)).toBe(null);
  expect(decodeAnchors("!", "AA==")).toBe(null);
});

test("a quote is found again: the nearest one, and a short one only near where it was", () => {
  const lines = ["the plan is good", ...Array<string>(40).fill("some words that stand between"), "the plan is bad"];
  const node = schema.nodeFromJSON({ type: "doc", content: lines.map((line) => paragraph(line)) });
  const passages = new Passages(node);
  const end = node.content.size;
  const words = (quote: string, near: number | null): readonly [string, number] | null => {
    const range = passages.find(quote, near);
    return range && [passages.between(range), range.from];
  };
  expect(words("plan", 1)).toEqual(["plan", 5]);
  expect(words("plan", end)).toEqual(["plan", end - 12]);
  expect(words("plan", end / 2)).toBe(null);
  expect(words("plan", null)).toBe(null);
  expect(words("the plan is bad", null)).toEqual(["the plan is bad", end - 16]);
  expect(words("is good\nsome words that stand", 700)).toEqual(["is good\nsome words that stand", 10]);
  expect(words("", 1)).toBe(null);
});
