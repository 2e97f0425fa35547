/** Commenting for readers, who have no toolbar: two buttons at what they select. */

import type { Editor } from "@tiptap/core";
import { h, onPress } from "../editor/dom.ts";
import { icon } from "../editor/icons.ts";
import { placeNear } from "../editor/place.ts";
import { t } from "../page/words.ts";
import type { Kind } from "./types.ts";

/** A tap on a button takes the selection away before it arrives there. */
const LINGER_MS = 300;

export interface Floating {
  bind(editor: Editor | null): void;
}

/** `mayComment` is asked each time. */
export function createFloating(paper: HTMLElement, mayComment: () => boolean, begin: (kind: Kind) => void): Floating {
  let editor: Editor | null = null;
  let timer = 0;
  const button = (kind: Kind, label: string): HTMLButtonElement => {
    const element = h("button", { type: "button", class: "button button--small" }, icon(kind), label);
    onPress(element, () => {
      hide();
      begin(kind);
    });
    return element;
  };
  const bar = h(
    "div",
    { class: "comment-floating", role: "toolbar", "aria-label": t("Selected words"), "data-testid": "comment-floating" },
    button("comment", t("Comment")),
    button("suggestion", t("Suggest")),
  );
  bar.hidden = true;
  paper.append(bar);

  const hide = (): void => {
    window.clearTimeout(timer);
    timer = 0;
    bar.hidden = true;
  };
  const look = (): void => {
    if (editor === null || editor.isEditable || editor.isDestroyed || !mayComment()) return hide();
    const selection = document.getSelection();
    const isInText = selection !== null && !selection.isCollapsed && editor.view.dom.contains(selection.anchorNode);
    if (!isInText || editor.state.selection.empty) {
      if (timer === 0 && !bar.contains(document.activeElement)) timer = window.setTimeout(hide, LINGER_MS);
      return;
    }
    window.clearTimeout(timer);
    timer = 0;
    bar.hidden = false;
    placeNear(bar, paper, editor);
  };
  // ProseMirror reads the selection in a listener of its own, which came first.
  document.addEventListener("selectionchange", () => window.setTimeout(look));
  bar.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    hide();
    editor?.view.focus();
  });

  return {
    bind(next) {
      editor = next;
      look();
    },
  };
}
