import { getSchema } from "@tiptap/core";
import { TaskItem, TaskList } from "@tiptap/extension-list";
import type { Node } from "@tiptap/pm/model";
import { EditorState, NodeSelection, TextSelection, type Transaction } from "@tiptap/pm/state";
import StarterKit from "@tiptap/starter-kit";
import { describe, expect, it } from "vitest";
import { duplicate, moveBlocks, neighbour, remove, selectedBlocks, type Span } from "./blocks.ts";

const schema = getSchema([StarterKit.configure({ undoRedo: false, trailingNode: false }), TaskList, TaskItem]);

const p = (text: string): Node => schema.node("paragraph", null, text === "" ? [] : [schema.text(text)]);
const li = (...content: Node[]): Node => schema.node("listItem", null, content);
const ul = (...items: Node[]): Node => schema.node("bulletList", null, items);
const ol = (...items: Node[]): Node => schema.node("orderedList", null, items);
const hr = (): Node => schema.node("horizontalRule");

/** A document with the caret at the first `needle` of its text, or a selection up to the end of `until`. */
function state(nodes: readonly Node[], needle: string, until = ""): EditorState {
  const doc = schema.node("doc", null, nodes);
  const anchor = find(doc, needle);
  const head = until === "" ? anchor : find(doc, until) + until.length;
  return EditorState.create({ doc, selection: TextSelection.create(doc, anchor, head) });
}

function find(doc: Node, needle: string): number {
  let at = -1;
  doc.descendants((node, pos) => {
    if (at < 0 && node.isText && node.text?.includes(needle)) at = pos + node.text.indexOf(needle);
  });
  return at;
}

/** As in `p(a) ul(li(p(b)))`. */
function shape(doc: Node): string {
  const short = { paragraph: "p", bulletList: "ul", orderedList: "ol", listItem: "li", horizontalRule: "hr" };
  const names = new Map(Object.entries(short));
  const write = (node: Node): string => {
    if (node.isText) return node.text ?? "";
    const inner: string[] = [];
    node.forEach((child) => void inner.push(write(child)));
    const name = names.get(node.type.name) ?? node.type.name;
    return node.isLeaf ? name : `${name}(${inner.join(" ")})`;
  };
  const children: string[] = [];
  doc.forEach((child) => void children.push(write(child)));
  return children.join(" ");
}

function move(start: EditorState, by: "up" | "down"): { state: EditorState; steps: number; moved: boolean } {
  let current = start;
  let steps = 0;
  const span = selectedBlocks(start);
  const target = span === null ? null : neighbour(start.doc, span, by);
  const moved =
    span !== null &&
    target !== null &&
    moveBlocks(start, span, target, (transaction: Transaction) => {
      steps++;
      current = current.apply(transaction);
      return current;
    });
  return { state: current, steps, moved };
}

function selected(state: EditorState): Span {
  const span = selectedBlocks(state);
  if (span === null) throw new Error("No block is selected");
  return span;
}

const NESTED = ul(li(p("b")), li(p("c")));
const WITH_NESTED = "ul(li(p(c)) li(p(a) ul(li(p(b)))))";

describe("moving blocks", () => {
  it.each<[string, readonly Node[], string, string, "up" | "down", string]>([
    ["a paragraph", [p("a"), p("b"), p("c")], "b", "", "up", "p(b) p(a) p(c)"],
    ["a paragraph", [p("a"), p("b"), p("c")], "b", "", "down", "p(a) p(c) p(b)"],
    ["two at once", [p("a"), p("b"), p("c")], "b", "c", "up", "p(b) p(c) p(a)"],
    ["past a rule", [hr(), p("a")], "a", "", "up", "p(a) hr"],
    ["an item", [ul(li(p("a")), li(p("b")))], "b", "", "up", "ul(li(p(b)) li(p(a)))"],
    ["a nested item", [ul(li(p("a"), NESTED))], "c", "", "up", "ul(li(p(a) ul(li(p(c)) li(p(b)))))"],
    ["an item with all in it", [ul(li(p("a"), ul(li(p("b")))), li(p("c")))], "a", "", "down", WITH_NESTED],
    ["an item out of its list", [p("a"), ul(li(p("b")), li(p("c")))], "b", "", "up", "ul(li(p(b))) p(a) ul(li(p(c)))"],
    ["the last item with its list", [p("a"), ol(li(p("b")))], "b", "", "up", "ol(li(p(b))) p(a)"],
    ["a paragraph past a whole list", [ul(li(p("a"))), p("b")], "b", "", "up", "p(b) ul(li(p(a)))"],
    ["a paragraph and a list", [p("a"), p("b"), ul(li(p("c")))], "b", "c", "up", "p(b) ul(li(p(c))) p(a)"],
  ])("%s", (_what, nodes, needle, until, by, expected) => {
    const after = move(state(nodes, needle, until), by);
    expect(shape(after.state.doc)).toBe(expected);
    expect(after.steps).toBe(2);
    after.state.doc.check();
  });

  it.each<[string, readonly Node[], "up" | "down"]>([
    ["at the top", [p("b"), p("a")], "up"],
    ["at the bottom", [p("a"), p("b")], "down"],
    ["in a nested list", [ul(li(p("a"), ul(li(p("b")))))], "up"],
  ])("nothing moves %s", (_where, nodes, by) => {
    const start = state(nodes, "b");
    const after = move(start, by);
    expect(after).toEqual({ state: start, steps: 0, moved: false });
  });

  it("keeps the caret where it was in the block", () => {
    const after = move(state([p("first"), p("second")], "cond"), "up");
    expect(after.state.selection.from).toBe(1 + "se".length);
    expect(after.state.selection.$from.parent.textContent).toBe("second");
  });

  it("keeps the caret in an item that becomes a list of its own", () => {
    const after = move(state([p("first"), ul(li(p("second")), li(p("third")))], "cond"), "up");
    expect(after.state.selection.$from.parent.textContent).toBe("second");
    expect(after.state.selection.$from.parentOffset).toBe("se".length);
  });

  it("keeps a block selected that was selected", () => {
    const doc = schema.node("doc", null, [p("a"), hr(), p("b")]);
    const after = move(EditorState.create({ doc, selection: NodeSelection.create(doc, 3) }), "down");
    expect(shape(after.state.doc)).toBe("p(a) p(b) hr");
    expect((after.state.selection as NodeSelection).node.type.name).toBe("horizontalRule");
  });

  it("touches nothing of the nodes that stay", () => {
    const start = state([p("a"), p("b"), p("c")], "b");
    const after = move(start, "up").state.doc;
    expect(after.child(1)).toBe(start.doc.child(0));
    expect(after.child(2)).toBe(start.doc.child(2));
  });

  it("does not move a block into itself", () => {
    const start = state([ul(li(p("a"), ul(li(p("b")))))], "a");
    expect(moveBlocks(start, selected(start), find(start.doc, "b") - 2, () => start)).toBe(false);
  });

  it("does not put a paragraph among items", () => {
    const start = state([ul(li(p("a")), li(p("b"))), p("c")], "c");
    expect(moveBlocks(start, selected(start), find(start.doc, "b") - 2, () => start)).toBe(false);
  });
});

describe("copying and removing blocks", () => {
  it("puts the copy behind, with the caret in it", () => {
    const start = state([p("first"), p("second")], "rst");
    const after = start.apply(duplicate(start, { from: 0, to: 7 }));
    expect(shape(after.doc)).toBe("p(first) p(first) p(second)");
    expect(after.selection.from).toBe(7 + 1 + "fi".length);
  });

  it.each<[string, readonly Node[], string, string]>([
    ["a paragraph", [p("a"), p("b")], "a", "p(b)"],
    ["the only block", [p("a")], "a", "p()"],
    ["an item", [ul(li(p("a")), li(p("b")))], "a", "ul(li(p(b)))"],
    ["the only item", [p("b"), ul(li(p("a")))], "a", "p(b)"],
    ["the only item of a nested list", [ul(li(p("b"), ul(li(p("a")))))], "a", "ul(li(p(b)))"],
  ])("removes %s", (_what, nodes, needle, expected) => {
    const start = state(nodes, needle);
    const after = start.apply(remove(start, selected(start)));
    after.doc.check();
    expect(shape(after.doc)).toBe(expected);
  });
});
