/** Where something stands that belongs to the caret. */

import type { Editor } from "@tiptap/core";
import { COVERED } from "./covered.ts";

/** To the text, and to the edge of the paper, in pixels. */
const GAP = 8;

/** Puts `element`, a child of the positioned `paper`, below the selection; above it where there is no room below. */
export function placeNear(element: HTMLElement, paper: HTMLElement, editor: Editor): void {
  const at = editor.view.coordsAtPos(editor.state.selection.from);
  const origin = paper.getBoundingClientRect();
  const rightmost = Math.max(GAP, paper.clientWidth - element.offsetWidth - GAP);
  const visible = window.visualViewport?.height ?? window.innerHeight;
  const below = at.bottom + GAP;
  const above = at.top - GAP - element.offsetHeight;
  const fits = below + element.offsetHeight <= visible || above < COVERED.top;
  element.style.left = `${Math.min(rightmost, Math.max(GAP, at.left - origin.left))}px`;
  element.style.top = `${(fits ? below : above) - origin.top}px`;
}
