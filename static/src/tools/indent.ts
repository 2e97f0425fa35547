/** Tab and Shift-Tab in a block of code: two spaces at the caret, or before each selected line. */

import { type EditorState, TextSelection, type Transaction } from "@tiptap/pm/state";

const STEP = "  ";

/** Null outside a block of code. Lines are changed where they stand, so that nobody's caret in them moves. */
export function indentCode(state: EditorState, by: "in" | "out"): Transaction | null {
  const { $from, $to, empty, from } = state.selection;
  if ($from.parent.type.name !== "codeBlock" || !$from.sameParent($to)) return null;
  const { tr } = state;
  if (empty && by === "in") return tr.insertText(STEP, from);
  const code = $from.parent.textContent;
  for (const start of lineStarts(code, $from.parentOffset, $to.parentOffset).reverse()) {
    const at = $from.start() + start;
    const spaces = /^ {0,2}/.exec(code.slice(start))?.[0].length ?? 0;
    if (by === "out") tr.delete(at, at + spaces);
    else tr.insertText(STEP, at);
  }
  // Text that goes in at its very start would otherwise stay outside the selection.
  const { anchor, head } = state.selection;
  return tr.setSelection(TextSelection.create(tr.doc, tr.mapping.map(anchor), tr.mapping.map(head)));
}

/** The starts of the lines from offset `from` to offset `to`. */
export function lineStarts(code: string, from: number, to: number): number[] {
  const starts = [code.lastIndexOf("\n", from - 1) + 1];
  for (let next = code.indexOf("\n", from); next !== -1 && next + 1 < to; next = code.indexOf("\n", next + 1)) {
    starts.push(next + 1);
  }
  return starts;
}
