import { getSchema } from "@tiptap/core";
import { EditorState, TextSelection } from "@tiptap/pm/state";
import StarterKit from "@tiptap/starter-kit";
import { describe, expect, it } from "vitest";
import { indentCode, lineStarts } from "./indent.ts";

const schema = getSchema([StarterKit.configure({ undoRedo: false })]);

/** `|` is the caret, or the two ends of a selection. */
function state(marked: string, type = "codeBlock"): EditorState {
  const [anchor = 0, head = anchor] = [...marked.matchAll(/\|/g)].map((match, index) => match.index - index);
  const words = schema.text(marked.replaceAll("|", ""));
  const doc = schema.node("doc", null, [schema.node(type, null, [words])]);
  return EditorState.create({ doc, selection: TextSelection.create(doc, anchor + 1, head + 1) });
}

function written({ doc, selection }: EditorState): string {
  const code = doc.textContent;
  const [from, to] = [selection.from - 1, selection.to - 1];
  return `${code.slice(0, from)}|${selection.empty ? "" : `${code.slice(from, to)}|`}${code.slice(to)}`;
}

describe("Tab in a block of code", () => {
  it.each<[string, "in" | "out", string]>([
    ["a|b", "in", "a  |b"],
    ["a\n|b", "in", "a\n  |b"],
    ["a\n  b|", "out", "a\nb|"],
    [" |a", "out", "|a"],
    ["a|", "out", "a|"],
    ["a|b\nc|d", "in", "  a|b\n  c|d"],
    ["    a|b\n c|d\ne", "out", "  a|b\nc|d\ne"],
    // A line that is selected up to its very start only is not indented.
    ["a|b\n|cd", "in", "  a|b\n|cd"],
    ["\n|\n", "in", "\n  |\n"],
  ])("%j goes %s and becomes %j", (before, by, after) => {
    const start = state(before);
    const transaction = indentCode(start, by);
    expect(transaction).not.toBeNull();
    if (transaction !== null) expect(written(start.apply(transaction))).toBe(after);
  });

  it("does nothing in a paragraph", () => {
    expect(indentCode(state("a|b", "paragraph"), "in")).toBeNull();
  });

  it("knows where lines start", () => {
    expect(lineStarts("ab\ncd\n\nef", 4, 8)).toEqual([3, 6, 7]);
    expect(lineStarts("ab", 0, 0)).toEqual([0]);
  });
});
