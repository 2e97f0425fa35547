/**
 * What TipTap writes of every node and every mark of our schema, for the server's ingress check to read.
 *
 * The stories are in tests/core/corpus-editor.txt, one update a line, "story<TAB>base64". This test makes them again from
 * the schema: it fails when the schema has something that the file lacks. Then write it anew:
 *
 *     cd static && CORPUS=write npx vitest run tests/editor/corpus.test.ts
 */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { getSchema } from "@tiptap/core";
import { Fragment, type Mark, type Node, type NodeType } from "@tiptap/pm/model";
import { Transform } from "@tiptap/pm/transform";
import { updateYFragment } from "@tiptap/y-tiptap";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { documentExtensions } from "../../src/editor/schema.ts";

const FILE = fileURLToPath(new URL("../../../tests/core/corpus-editor.txt", import.meta.url));
const schema = getSchema(documentExtensions(() => ""));

/** Attribute → what it is given first, and what it is changed to. Any other gets a word. */
const VALUES: Readonly<Record<string, readonly [unknown, unknown]>> = {
  level: [2, 4],
  start: [3, 1],
  checked: [true, false],
  open: [true, false],
  colspan: [2, 1],
  rowspan: [2, 1],
  colwidth: [[96, 120], null],
  width: [50, 100],
  size: [2 ** 33, 0],
  textAlign: ["center", "right"],
  tone: ["warning", "tip"],
  color: ["purple", "grey"],
  file: ["abcdefghijklmnopqrstuv", "vutsrqponmlkjihgfedcba"],
  href: ["https://example.org/?a[0]={1}", "mailto:bob@example.org"],
  latex: ["\\frac{a}{b}", "e^{i\\pi}"],
  label: ["Bob 😀", "Launch plan"],
  language: ["python", null],
};

const attributes = (names: readonly string[], turn: 0 | 1): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, (VALUES[name] ?? ["first", "second"])[turn]]));

const namesOf = (type: { spec: { attrs?: Readonly<Record<string, unknown>> } }): string[] => Object.keys(type.spec.attrs ?? {});

/** A document of one node of this type, in whatever it may stand in. */
function documentOf(type: NodeType, marks: readonly Mark[] = []): Node {
  const words = schema.text("words 😀 of 東京", marks);
  let inner = type.isText ? words : filled(type, type.inlineContent ? Fragment.from(words) : Fragment.empty);
  if (inner.isInline) inner = filled(schema.nodes.paragraph as NodeType, Fragment.from(inner));
  for (const outer of around(inner)) inner = filled(outer, Fragment.from(inner));
  return filled(schema.topNodeType, Fragment.from(inner));
}

/** What a node has to stand in, from the inside out; it may have to stand behind something there. */
function around(node: Node): NodeType[] {
  const wrapping = (type: NodeType): NodeType[] | null => {
    const found = schema.topNodeType.contentMatch.findWrapping(type);
    return found === null ? null : [...found].reverse();
  };
  const direct = wrapping(node.type);
  if (direct !== null) return direct;
  for (const outer of Object.values(schema.nodes)) {
    const further = wrapping(outer);
    if (further !== null && outer.createAndFill(null, node) !== null) return [outer, ...further];
  }
  throw new Error(`nothing holds ${node.type.name}`);
}

function filled(type: NodeType, content: Fragment): Node {
  const node = type.createAndFill(attributes(namesOf(type), 0), content);
  if (node === null) throw new Error(`${type.name} cannot be filled`);
  node.check();
  return node;
}

/** Each step of a document's life after the first one: words typed, split by a key, attributes changed, half of it gone. */
function* lives(document: Node, type: NodeType): Iterable<Node> {
  let now = document;
  const change = (make: (transform: Transform) => unknown): Node => {
    const transform = new Transform(now);
    make(transform);
    return (now = transform.doc);
  };
  const text = firstText(now);
  if (text !== null) {
    for (const letter of ["é", "👩‍👩‍👧", " x"]) yield change((it) => it.insert(text + 3, schema.text(letter, now.nodeAt(text)?.marks)));
    yield change((it) => it.delete(text + 1, text + 3));
  }
  const place = placeOf(now, type);
  const names = namesOf(type);
  if (place !== null && names.length > 0) {
    yield change((it) => Object.entries(attributes(names, 1)).forEach(([name, value]) => it.setNodeAttribute(place, name, value)));
  }
  const more = schema.topNodeType.createAndFill(null, Fragment.from([...now.content.content, ...document.content.content]));
  if (more !== null) yield (now = more);
  yield change((it) => it.delete(0, document.content.size));
}

function firstText(document: Node): number | null {
  let found: number | null = null;
  document.descendants((node, place) => void (node.isText && (found ??= place)));
  return found;
}

function placeOf(document: Node, type: NodeType): number | null {
  let found: number | null = null;
  document.descendants((node, place) => void (node.type === type && !node.isText && (found ??= place)));
  return found;
}

/** Write versions of one document into a Y.Doc, one after the other, and return the updates. */
function told(clientID: number, versions: Iterable<Node>): Uint8Array[] {
  const doc = new Y.Doc();
  doc.clientID = clientID;
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  const root = doc.getXmlFragment("default");
  const meta = { mapping: new Map(), isOMark: new Map() };
  for (const version of versions) doc.transact(() => updateYFragment(doc, root, version, meta));
  return updates;
}

function stories(): Map<string, Uint8Array[]> {
  const found = new Map<string, Uint8Array[]>();
  let client = 1000;
  for (const type of Object.values(schema.nodes)) {
    if (type === schema.topNodeType) continue;
    const document = documentOf(type);
    found.set(`node ${type.name}`, told(client++, [document, ...lives(document, type)]));
  }
  const text = schema.nodes.text as NodeType;
  for (const type of Object.values(schema.marks)) {
    const [first, second] = ([0, 1] as const).map((turn) => documentOf(text, [type.create(attributes(namesOf(type), turn))]));
    const versions = [documentOf(text), first as Node, second as Node, documentOf(text), ...lives(first as Node, text)];
    found.set(`mark ${type.name}`, told(client++, versions));
  }
  const all = Object.values(schema.nodes).filter((type) => type !== schema.topNodeType);
  const content = all.flatMap((type) => documentOf(type).content.content);
  const whole = schema.topNodeType.create(null, content);
  found.set("all nodes in one document", told(client++, [whole, ...lives(whole, schema.nodes.heading as NodeType)]));
  return found;
}

test("the corpus has what TipTap writes of every node and mark of the schema", () => {
  const made = [...stories()].flatMap(([story, updates]) =>
    updates.map((update) => `${story}\t${Buffer.from(update).toString("base64")}`),
  );
  const content = `${made.join("\n")}\n`;
  if (process.env.CORPUS === "write") writeFileSync(FILE, content);
  expect(content).toBe(readFileSync(FILE, "utf-8"));
});

test("every name of the schema is an element or a mark in it", () => {
  const elements = new Set<string>(["text"]);
  const marks = new Set<string>();
  for (const updates of stories().values()) {
    const doc = new Y.Doc();
    const look = (type: unknown): void => {
      if (type instanceof Y.XmlText) {
        for (const { attributes: held } of type.toDelta()) Object.keys(held ?? {}).forEach((name) => marks.add(name.replace(/--.*$/, "")));
        return;
      }
      if (type instanceof Y.XmlElement) elements.add(type.nodeName);
      if (type instanceof Y.XmlFragment) type.toArray().forEach(look);
    };
    for (const update of updates) {
      Y.applyUpdate(doc, update);
      look(doc.getXmlFragment("default"));
    }
  }
  expect([...elements].sort()).toEqual(Object.keys(schema.nodes).filter((name) => name !== schema.topNodeType.name).sort());
  expect([...marks].sort()).toEqual(Object.keys(schema.marks).sort());
});
