/** Moving, copying, removing and turning blocks, in an editor: each is one step of undo. */

import type { Editor } from "@tiptap/core";
import { NodeSelection, TextSelection } from "@tiptap/pm/state";
import { yUndoPluginKey } from "@tiptap/y-tiptap";
import { duplicate, moveBlocks, neighbour, remove, selectedBlocks, type Span } from "./blocks.ts";

/** What a block can become. */
export const KINDS = [
  "paragraph",
  "heading1",
  "heading2",
  "heading3",
  "heading4",
  "bulletList",
  "orderedList",
  "taskList",
  "blockquote",
  "callout",
  "codeBlock",
] as const;

export type Kind = (typeof KINDS)[number];

/** False when there is nowhere to go. */
export function moveTo(editor: Editor, span: Span, target: number): boolean {
  return asOneStep(editor, () =>
    moveBlocks(editor.state, span, target, (transaction) => {
      editor.view.dispatch(transaction);
      return editor.state;
    }),
  );
}

export function move(editor: Editor, by: "up" | "down", span: Span | null = selectedBlocks(editor.state)): boolean {
  const target = span === null ? null : neighbour(editor.state.doc, span, by);
  return span !== null && target !== null && moveTo(editor, span, target);
}

export function copy(editor: Editor, span: Span | null = selectedBlocks(editor.state)): void {
  if (span !== null) asOneStep(editor, () => editor.view.dispatch(duplicate(editor.state, span)));
}

export function take(editor: Editor, span: Span): void {
  asOneStep(editor, () => editor.view.dispatch(remove(editor.state, span)));
}

/** Images, tables and rules stay what they are. */
export function mayTurn(editor: Editor, span: Span): boolean {
  let texts = true;
  editor.state.doc.nodesBetween(span.from, span.to, (node) => {
    if ((node.isBlock && node.isAtom) || node.type.spec.tableRole !== undefined) texts = false;
  });
  return texts;
}

export function turnInto(editor: Editor, span: Span, kind: Kind): void {
  asOneStep(editor, () => {
    // The menu gives the focus back. TipTap's `focus` would do so with a later frame, and undo a click that came before.
    const chain = editor.chain().command(selects(span)).clearNodes();
    if (kind.startsWith("heading")) chain.setHeading({ level: Number(kind.slice(-1)) as 1 | 2 | 3 | 4 });
    else if (kind === "bulletList") chain.toggleBulletList();
    else if (kind === "orderedList") chain.toggleOrderedList();
    else if (kind === "taskList") chain.toggleTaskList();
    else if (kind === "blockquote") chain.setBlockquote();
    else if (kind === "callout") chain.toggleCallout();
    else if (kind === "codeBlock") chain.setCodeBlock();
    chain.run();
  });
}

/** Puts the selection into the block, unless it is there already. */
function selects(span: Span) {
  return ({ state, tr }: { state: Editor["state"]; tr: Editor["state"]["tr"] }): boolean => {
    const { from, to } = state.selection;
    if (from > span.from && to < span.to && !(state.selection instanceof NodeSelection)) return true;
    tr.setSelection(TextSelection.between(tr.doc.resolve(span.from + 1), tr.doc.resolve(span.to - 1)));
    return true;
  };
}

/** Not taken back together with what was typed just before or is typed just after. */
export function asOneStep<T>(editor: Editor, act: () => T): T {
  const undo = yUndoPluginKey.getState(editor.state)?.undoManager;
  undo?.stopCapturing();
  const result = act();
  undo?.stopCapturing();
  return result;
}
