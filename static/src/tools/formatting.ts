/** "More formatting": a button in the toolbar and in the bubble, and the window that is loaded with its first press. */

import type { Editor } from "@tiptap/core";
import type { Command } from "../editor/commands.ts";
import type { Feature, Stage } from "../page/feature.ts";
import { t } from "../page/words.ts";
import { FORMAT_KEYS, FormatKeys } from "./format.ts";
import type { FormatMenu } from "./format-menu.ts";
import { loaded } from "./loaded.ts";

/** `blocks` is what can be done with the block at the caret: a phone has no handle for it. */
export const formatting = ({ dock, paper, say }: Stage, blocks: readonly Command[]): Feature => {
  let menu: FormatMenu | null = null;

  const open = async (editor: Editor): Promise<void> => {
    const rect = buttonRect(editor);
    const part = menu === null ? await loaded(() => import("./format-menu.ts"), say) : null;
    menu ??= part?.createFormatMenu(blocks) ?? null;
    if (editor.isEditable) menu?.open(editor, rect);
  };
  /** Of the button that was pressed: the one with the focus or under the pointer, of the two that there are. */
  const buttonRect = (editor: Editor): DOMRect => {
    const buttons = [dock, paper].flatMap((place) => [...place.querySelectorAll("[data-command=more]")]);
    const shown =
      buttons.find((button) => button === document.activeElement) ??
      buttons.find((button) => button.matches(":hover")) ??
      buttons.find((button) => button.checkVisibility());
    return (shown ?? editor.view.dom).getBoundingClientRect();
  };
  const more: Command = {
    name: "more",
    label: t("More formatting"),
    icon: "textColor",
    shown: ["toolbar", "bubble"],
    run: (editor) => void open(editor),
    active: (editor) => editor.isActive("highlight") || editor.isActive("textColor"),
    enabled: (editor) => !editor.isActive("codeBlock"),
  };
  return {
    commands: [[more], FORMAT_KEYS],
    extensions: () => [FormatKeys],
    bind(editor) {
      if (editor === null || !editor.isEditable) menu?.close();
    },
  };
};
