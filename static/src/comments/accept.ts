/** Putting what was suggested into the text. */

import type { Editor } from "@tiptap/core";
import { yUndoPluginKey } from "@tiptap/y-tiptap";
import type { Range } from "./order.ts";

/** Replaces a passage of one block as one step of undoing, with the look of its first character. */
export function replacePassage(editor: Editor, { from, to }: Range, words: string): void {
  const { state, view } = editor;
  const marks = state.doc.resolve(from).nodeAfter?.marks ?? [];
  stopCapturing(editor);
  const { tr, schema } = state;
  view.dispatch(words === "" ? tr.delete(from, to) : tr.replaceWith(from, to, schema.text(words, marks)));
  stopCapturing(editor);
}

/** Whether `range` lies within one block and holds nothing but text: what a suggestion can say something about. */
export function isPlain(editor: Editor, { from, to }: Range): boolean {
  const start = editor.state.doc.resolve(from);
  if (!start.parent.isTextblock || !start.sameParent(editor.state.doc.resolve(to))) return false;
  let plain = true;
  start.parent.nodesBetween(from - start.start(), to - start.start(), (node) => {
    plain &&= node.isText;
  });
  return plain;
}

function stopCapturing(editor: Editor): void {
  yUndoPluginKey.getState(editor.state)?.undoManager?.stopCapturing();
}
