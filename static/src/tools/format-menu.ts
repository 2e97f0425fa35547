/** The small window of "More formatting": rows of buttons, each with one tab stop. */

import type { Editor } from "@tiptap/core";
import type { Command } from "../editor/commands.ts";
import { h } from "../editor/dom.ts";
import { createToolbar } from "../editor/toolbar.ts";
import { t } from "../page/words.ts";
import { ALIGNED, SCRIPTS } from "./format.ts";
import { colorRow } from "./format-colors.ts";
import { createPopup } from "./popup.ts";

export interface FormatMenu {
  open(editor: Editor, rect: DOMRect): void;
  close(): void;
}

export function createFormatMenu(blocks: readonly Command[]): FormatMenu {
  const formats: readonly (readonly [string, readonly (readonly Command[])[]])[] = [
    [t("Text"), [SCRIPTS, ALIGNED]],
    [t("Colour of the text"), [colorRow("textColor")]],
    [t("Colour behind the text"), [colorRow("highlight")]],
    [t("This block"), [blocks]],
  ];
  const rows = formats.map(([label, groups]) => ({ label, toolbar: createToolbar(label, groups) }));
  const bind = (editor: Editor | null): void => {
    for (const { toolbar } of rows) toolbar.bind(editor);
  };
  const popup = createPopup("format-menu", t("More formatting"), () => bind(null));
  popup.element.setAttribute("role", "dialog");
  for (const { label, toolbar } of rows) {
    popup.element.append(h("p", { class: "menu__label", "aria-hidden": "true" }, label), toolbar.element);
  }
  popup.element.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button !== null && button.getAttribute("aria-disabled") !== "true") popup.close();
  });
  return {
    open(editor, rect) {
      bind(editor);
      popup.open(rect);
    },
    close: () => popup.close(),
  };
}
