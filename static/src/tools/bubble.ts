/**
 * A small toolbar over selected text. On a phone the toolbar above the keyboard does this, and the system has a bubble
 * of its own.
 */

import { type Editor, Extension } from "@tiptap/core";
import { TextSelection } from "@tiptap/pm/state";
import type { Command } from "../editor/commands.ts";
import { COVERED } from "../editor/covered.ts";
import { h, PHONE } from "../editor/dom.ts";
import { createToolbar } from "../editor/toolbar.ts";
import { t } from "../page/words.ts";

/** To the text, and to the edge of the paper, in pixels. */
const GAP = 8;

export interface Bubble {
  /** Alt-F10 leads from the text into the bubble, Escape back. */
  readonly extension: Extension;
  bind(editor: Editor | null): void;
}

/** `paper` is the positioned element around the text. */
export function createBubble(paper: HTMLElement, groups: readonly (readonly Command[])[]): Bubble {
  let editor: Editor | null = null;
  let pressing = false;
  let dismissed = false;
  let frame = 0;
  const phone = window.matchMedia(PHONE);
  const toolbar = createToolbar(t("Formatting of the selection"), groups);
  const bubble = h("div", { class: "bubble", "data-testid": "bubble" }, toolbar.element);
  bubble.hidden = true;
  paper.append(bubble);

  const wanted = (now: Editor): boolean => {
    const { selection, doc } = now.state;
    if (dismissed || pressing || phone.matches || !now.isEditable) return false;
    if (!(selection instanceof TextSelection) || selection.empty || now.isActive("codeBlock")) return false;
    if (!now.view.hasFocus() && !bubble.contains(document.activeElement)) return false;
    return doc.textBetween(selection.from, selection.to, " ", " ").trim() !== "";
  };
  const show = (): void => {
    frame = 0;
    const on = editor !== null && wanted(editor);
    if (on === bubble.hidden) {
      bubble.hidden = !on;
      // A toolbar that nobody sees looks at no transactions.
      toolbar.bind(on ? editor : null);
    }
    if (on && editor !== null) place(bubble, paper, editor);
  };
  const soon = (): void => {
    if (frame === 0) frame = requestAnimationFrame(show);
  };
  const changed = (): void => {
    dismissed = false;
    soon();
  };
  // While the mouse selects, nothing stands in its way.
  paper.addEventListener("pointerdown", (event) => {
    if (bubble.contains(event.target as Node)) return;
    pressing = true;
    soon();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      pressing = false;
      soon();
    });
  }
  bubble.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    editor?.view.focus();
  });
  bubble.addEventListener("focusout", soon);

  const extension = Extension.create({
    name: "bubble",
    addKeyboardShortcuts: () => ({
      "Alt-F10": () => {
        if (bubble.hidden) return false;
        bubble.querySelector<HTMLElement>("button[tabindex='0']")?.focus();
        return true;
      },
      Escape: () => {
        if (bubble.hidden) return false;
        dismissed = true;
        show();
        return true;
      },
    }),
  });
  return {
    extension,
    bind(next) {
      for (const event of ["update", "focus", "blur"] as const) editor?.off(event, soon);
      editor?.off("selectionUpdate", changed);
      editor = next;
      for (const event of ["update", "focus", "blur"] as const) editor?.on(event, soon);
      editor?.on("selectionUpdate", changed);
      bubble.hidden = true;
      toolbar.bind(null);
      soon();
    },
  };
}

/** Above the start of the selection; below its end where the header would cover it. */
function place(bubble: HTMLElement, paper: HTMLElement, editor: Editor): void {
  const { from, to } = editor.state.selection;
  const start = editor.view.coordsAtPos(from, 1);
  const end = editor.view.coordsAtPos(to, -1);
  const origin = paper.getBoundingClientRect();
  const above = start.top - GAP - bubble.offsetHeight;
  const below = end.bottom + GAP;
  const top = above >= COVERED.top || below + bubble.offsetHeight > window.innerHeight ? above : below;
  // Over the middle of what is selected, when that is in one line.
  const middle = start.bottom > end.top ? (start.left + end.left) / 2 : start.left;
  const rightmost = Math.max(GAP, paper.clientWidth - bubble.offsetWidth - GAP);
  bubble.style.left = `${Math.min(rightmost, Math.max(GAP, middle - origin.left - bubble.offsetWidth / 2))}px`;
  bubble.style.top = `${top - origin.top}px`;
}
