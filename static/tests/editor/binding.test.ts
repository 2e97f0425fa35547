import type { Node } from "@tiptap/pm/model";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { seeded } from "../sync/cast.ts";
import { Desk, schema } from "./desk.ts";

const text = (words: string, bold = false) => schema.text(words, bold ? [schema.mark("bold")] : []);
const paragraph = (words: string) => schema.node("paragraph", null, words === "" ? [] : [text(words)]);

/** One change, as somebody at a keyboard makes it. */
function change(desk: Desk, random: () => number): void {
  const { state } = desk;
  const { doc, tr } = state;
  const any = (most: number): number => Math.floor(random() * most);
  const at = any(doc.content.size + 1);
  const to = Math.min(doc.content.size, at + any(12));
  const block = any(doc.childCount);
  const before = doc.content.content.slice(0, block).reduce((sum, { nodeSize }) => sum + nodeSize, 0);
  const chosen = doc.child(block);
  const place = doc.resolve(at);
  switch (any(10)) {
    case 0:
    case 1:
      if (place.parent.inlineContent) tr.insertText(`w${any(100)} `, at);
      break;
    case 2:
      tr.delete(at, to);
      break;
    case 3:
      if (place.parent.isTextblock) tr.split(at);
      break;
    case 4:
      tr.insert(before, schema.node("list", null, [schema.node("item", null, [paragraph("one"), paragraph("two")])]));
      break;
    case 5: {
      // A block is dragged to another place.
      const moved = tr.delete(before, before + chosen.nodeSize);
      if (moved.doc.childCount > 0) moved.insert(0, chosen);
      break;
    }
    case 6:
      tr.addMark(at, to, schema.mark(random() < 0.5 ? "bold" : "link", random() < 0.5 ? null : { href: "https://a" }));
      break;
    case 7:
      tr.setBlockType(at, to, schema.nodes.heading, { level: 1 + any(3) });
      break;
    case 8:
      tr.insert(before, schema.node(random() < 0.5 ? "rule" : "paragraph"));
      break;
    default:
      if (place.parent.inlineContent) tr.insert(at, schema.node("name", { label: `n${any(9)}` }));
  }
  if (tr.docChanged) desk.dispatch(tr);
}

test.each(Array.from({ length: 12 }, (_, i) => i + 1))("what is on the screen is what is in the document (seed %i)", (seed) => {
  const random = seeded(seed);
  const desks = [new Desk(true), new Desk(true), new Desk(false)];
  const [first] = desks as [Desk];
  first.dispatch(first.state.tr.insert(0, [paragraph("Launch plan"), paragraph(""), paragraph("Tomorrow at nine.")]));
  for (const desk of desks) if (desk !== first) Y.applyUpdate(desk.doc, Y.encodeStateAsUpdate(first.doc));
  for (let round = 0; round < 40; round += 1) {
    for (const desk of desks) {
      for (let i = Math.floor(random() * 3); i > 0; i -= 1) change(desk, random);
    }
    for (const desk of desks) {
      for (const other of desks) {
        if (random() < 0.6) Y.applyUpdate(desk.doc, Y.encodeStateAsUpdate(other.doc, Y.encodeStateVector(desk.doc)), other);
      }
      expect(stored(desk.state.doc)).toEqual(stored(desk.afresh));
      expect(() => desk.state.doc.check()).not.toThrow();
    }
  }
});

/** As JSON, without what y-tiptap does not write: marks of anything but text. */
function stored(doc: Node): unknown {
  return JSON.parse(JSON.stringify(doc), (_, value) =>
    value !== null && typeof value === "object" && value.type === "name" ? { ...value, marks: undefined } : value,
  );
}

function twoDesks(small: boolean): [Desk, Desk] {
  const [alice, bob] = [new Desk(small), new Desk(small)];
  const blocks = Array.from({ length: 50 }, (_, number) => paragraph(`This is paragraph number ${number}.`));
  alice.dispatch(alice.state.tr.insert(0, blocks));
  Y.applyUpdate(bob.doc, Y.encodeStateAsUpdate(alice.doc));
  return [alice, bob];
}

test("a letter of somebody else replaces its paragraph and leaves the nodes of all others", () => {
  const [alice, bob] = twoDesks(true);
  const before = alice.state.doc.child(0);
  bob.doc.on("update", (update) => Y.applyUpdate(alice.doc, update));
  bob.dispatch(bob.state.tr.insertText("!", 60));
  expect(alice.state.doc.toJSON()).toEqual(bob.state.doc.toJSON());
  expect(alice.replaced).toBeLessThan(100);
  expect(alice.state.doc.child(0)).toBe(before);
});

test("y-tiptap by itself still makes every node again: without this, binding.ts can go", () => {
  const [alice, bob] = twoDesks(false);
  const before = alice.state.doc.child(0);
  bob.doc.on("update", (update) => Y.applyUpdate(alice.doc, update));
  bob.dispatch(bob.state.tr.insertText("!", 60));
  expect(alice.state.doc.child(0)).not.toBe(before);
});
