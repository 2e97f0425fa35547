import type { Node } from "@tiptap/pm/model";
import { expect, test, vi } from "vitest";
import * as Y from "yjs";
import { Desk, schema } from "./desk.ts";

const paragraph = (words: string): Node => schema.node("paragraph", null, [schema.text(words)]);

/** What alice and bob wrote before anything went wrong. */
function written(): Y.Doc {
  const desk = new Desk(true);
  desk.dispatch(desk.state.tr.insert(0, [paragraph("Launch plan"), paragraph("Tomorrow at nine.")]));
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(desk.doc));
  return copy;
}

type Tree = Y.XmlFragment;
const first = (root: Tree): Y.XmlElement => root.get(0) as Y.XmlElement;
const words = (root: Tree): Y.XmlText => first(root).get(0) as Y.XmlText;

/** Puts anything at the end of a type, past what Yjs lets a program write there. */
function force(type: Y.AbstractType<any>, content: unknown, key: string | null = null): void {
  const doc = type.doc as Y.Doc;
  const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID));
  let last = key === null ? type._start : null;
  while (last?.right) last = last.right;
  doc.transact((transaction) => {
    new Y.Item(id, last, last?.lastId ?? null, null, null, type, key, content as Y.Item["content"]).integrate(transaction, 0);
  });
}

const EVIL: Readonly<Record<string, (root: Tree) => void>> = {
  "letters beside the paragraphs": (root) => force(root, new Y.ContentString("EVIL")),
  "a value beside the paragraphs": (root) => force(root, new Y.ContentAny([1])),
  "a map beside the paragraphs": (root) => force(root, new Y.ContentType(new Y.Map())),
  "a list beside the paragraphs": (root) => force(root, new Y.ContentType(new Y.Array())),
  "text beside the paragraphs": (root) => force(root, new Y.ContentType(new Y.XmlText())),
  "letters in a paragraph": (root) => force(first(root), new Y.ContentString("EVIL")),
  "a list in a paragraph": (root) => force(first(root), new Y.ContentType(new Y.Array())),
  "an element by the name of text": (root) => root.push([new Y.XmlElement("text")]),
  "it in a new paragraph": (root) => {
    const outer = new Y.XmlElement("paragraph");
    outer.push([new Y.XmlElement("text")]);
    root.push([outer]);
  },
  "an embed in text": (root) => words(root).insertEmbed(3, { image: "x" }),
  "a value in text": (root) => force(words(root), new Y.ContentAny([1])),
  "a type as an attribute": (root) => force(first(root), new Y.ContentType(new Y.Map()), "level"),
  "what may stand elsewhere": (root) => {
    const [item, inner] = [new Y.XmlElement("item"), new Y.XmlElement("paragraph")];
    item.push([inner]);
    root.push([item]);
  },
};

/** Two pages of one document, the evil one of which has no editor. */
function evilUpdate(doc: Y.Doc, evil: (root: Tree) => void): Uint8Array {
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  const before = Y.encodeStateVector(other);
  evil(other.getXmlFragment("default"));
  return Y.encodeStateAsUpdate(other, before);
}

function sayLater(doc: Y.Doc): Uint8Array {
  return evilUpdate(doc, (root) => {
    const later = new Y.XmlElement("paragraph");
    later.push([new Y.XmlText("Carol's later words")]);
    root.push([later]);
  });
}

/** What a page sends. */
function sent(doc: Y.Doc): Uint8Array[] {
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array, origin: unknown) => void (origin !== "remote" && updates.push(update)));
  return updates;
}

const shape = (doc: Y.Doc): unknown => [...Y.decodeStateVector(Y.encodeStateVector(doc))].sort();

test.each(Object.keys(EVIL))("an open page keeps what it shows, says so once and writes nothing: %s", (name) => {
  const lost = vi.fn();
  const alice = new Desk(true, written(), lost);
  const before = alice.state.doc;
  const updates = sent(alice.doc);
  Y.applyUpdate(alice.doc, evilUpdate(alice.doc, EVIL[name]!), "remote");
  expect(lost).toHaveBeenCalledOnce();
  expect(alice.state.doc).toBe(before);
  expect(alice.binding, "nothing asks it any more where something is").toBeNull();
  Y.applyUpdate(alice.doc, sayLater(alice.doc), "remote");
  const held = shape(alice.doc);
  alice.dispatch(alice.state.tr.insertText("typed all the same", 3));
  expect(updates).toEqual([]);
  expect(shape(alice.doc)).toEqual(held);
  expect(alice.type.toString()).toContain("later words");
  expect(lost).toHaveBeenCalledOnce();
});

test.each(Object.keys(EVIL))("a page that opens it shows nothing, says so and writes nothing: %s", (name) => {
  const doc = written();
  Y.applyUpdate(doc, evilUpdate(doc, EVIL[name]!), "remote");
  const [updates, held, lost] = [sent(doc), shape(doc), vi.fn()];
  const vera = new Desk(true, doc, lost);
  expect(lost).toHaveBeenCalledOnce();
  Y.applyUpdate(doc, sayLater(doc), "remote");
  vera.dispatch(vera.state.tr.insert(0, paragraph("typed all the same")));
  expect(updates).toEqual([]);
  expect(shape(doc)).toHaveLength((held as unknown[]).length + 1);
  expect(doc.getXmlFragment("default").toString()).toContain("later words");
});

test("what was typed before is sent, and the others have it", () => {
  const alice = new Desk(true, written(), () => undefined);
  const updates = sent(alice.doc);
  alice.dispatch(alice.state.tr.insertText("The ", 1));
  Y.applyUpdate(alice.doc, evilUpdate(alice.doc, EVIL["letters beside the paragraphs"]!), "remote");
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(written()));
  expect(updates).toHaveLength(1);
  expect(alice.type.toString()).toContain("The Launch plan");
});

test("a fault while the text is made or drawn is the same", () => {
  const lost = vi.fn();
  const alice = new Desk(true, written(), lost);
  const updates = sent(alice.doc);
  const fault = new Error("the view is broken");
  vi.spyOn(alice, "dispatch").mockImplementationOnce(() => {
    throw fault;
  });
  Y.applyUpdate(alice.doc, sayLater(alice.doc), "remote");
  expect(lost).toHaveBeenCalledExactlyOnceWith(fault);
  alice.dispatch(alice.state.tr.insertText("x", 3));
  expect(updates).toEqual([]);
});

test("a document that is empty, or emptied, is shown as an empty paragraph", () => {
  const alice = new Desk(true);
  const bob = new Desk(true, new Y.Doc());
  alice.dispatch(alice.state.tr.insert(0, paragraph("words")));
  Y.applyUpdate(bob.doc, Y.encodeStateAsUpdate(alice.doc));
  Y.applyUpdate(bob.doc, evilUpdate(bob.doc, (root) => root.delete(0, root.length)));
  expect(bob.state.doc.textContent).toBe("");
  bob.dispatch(bob.state.tr.insertText("again", 1));
  expect(bob.type.toString()).toContain("again");
});
