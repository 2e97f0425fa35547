/**
 * The table's own buttons, beside the toolbar while the caret is in a table. Not above the table itself: there they
 * would cover what is being read, and leave the screen with the head of a long table.
 */

import type { Editor } from "@tiptap/core";
import { t } from "../page/words.ts";
import { TABLE_COMMANDS } from "./commands.ts";
import { createToolbar } from "./toolbar.ts";

export interface TableBar {
  bind(editor: Editor | null): void;
}

export function createTableBar(dock: HTMLElement): TableBar {
  const toolbar = createToolbar(t("Table"), TABLE_COMMANDS);
  const bar = toolbar.element;
  let editor: Editor | null = null;
  bar.classList.add("table-bar");
  bar.hidden = true;
  dock.append(bar);

  const show = (): void => {
    bar.hidden = editor === null || !editor.isEditable || !editor.isActive("table");
  };

  return {
    bind(next) {
      editor?.off("transaction", show);
      editor = next;
      editor?.on("transaction", show);
      toolbar.bind(next);
      show();
    },
  };
}
