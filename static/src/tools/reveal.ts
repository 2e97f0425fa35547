/** Bringing a match before the eyes, and the selection to it. */

import type { Editor } from "@tiptap/core";
import type { EditorView } from "@tiptap/pm/view";
import { COVERED } from "../editor/covered.ts";
import { PHONE } from "../editor/dom.ts";
import type { Match } from "./search.ts";

/** Scrolls to the current match when it is not in view, or behind `bar`, and opens what hides it. */
export function reveal(view: EditorView, bar: HTMLElement): void {
  const shown = view.dom.querySelector(".found-current");
  if (shown === null) return;
  openDetails(shown);
  const match = shown.getBoundingClientRect();
  const cover = bar.getBoundingClientRect();
  // On a phone the bar stands over the toolbar, as wide as the window.
  const lowest = window.matchMedia(PHONE).matches ? cover.top : window.innerHeight - COVERED.bottom;
  const beside = match.right <= cover.left || match.left >= cover.right;
  const behind = !beside && match.bottom > cover.top && match.top < cover.bottom;
  if (match.top >= COVERED.top && match.bottom <= lowest && !behind) return;
  shown.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  const middle = (COVERED.top + lowest) / 2;
  window.scrollBy({ top: shown.getBoundingClientRect().top - middle, behavior: "instant" });
}

function openDetails(inside: Element): void {
  const content = inside.closest("[data-type=detailsContent][hidden]");
  content?.closest("[data-type=details]")?.querySelector<HTMLButtonElement>("button")?.click();
}

/** Leaves the selection on `match`, or the focus in the text as it was. */
export function selectMatch(editor: Editor, match: Match | undefined): void {
  const { view } = editor;
  if (match !== undefined) editor.commands.setTextSelection(match);
  if (view.editable) {
    view.focus();
    return;
  }
  // ProseMirror shows no selection in a text that cannot be edited.
  view.dom.focus({ preventScroll: true });
  if (match === undefined) return;
  const from = view.domAtPos(match.from);
  const to = view.domAtPos(match.to);
  window.getSelection()?.setBaseAndExtent(from.node, from.offset, to.node, to.offset);
}
