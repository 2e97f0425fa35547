/** Putting other words in the place of matches. */

import type { EditorState, Transaction } from "@tiptap/pm/state";
import { type Match, replacementFor } from "./search.ts";

/** One transaction for all of `matches`, which are in the order of the text and of this very document. */
export function replaceMatches(
  state: EditorState,
  matches: readonly Match[],
  template: string,
  expression: boolean,
): Transaction {
  const { tr } = state;
  for (const match of [...matches].reverse()) {
    const words = replacementFor(match, template, expression);
    // The words look as the first character did that they replace.
    const marks = state.doc.nodeAt(match.from)?.marks ?? [];
    if (words === "") tr.delete(match.from, match.to);
    else tr.replaceWith(match.from, match.to, state.schema.text(words, marks));
  }
  return tr;
}
