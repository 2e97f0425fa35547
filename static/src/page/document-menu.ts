/** The document's own menu, behind the three dots. */

import type { Editor } from "@tiptap/core";
import type { Command } from "../editor/commands.ts";
import { h, setAttribute } from "../editor/dom.ts";
import { icon } from "../editor/icons.ts";
import { keyText } from "../editor/keys.ts";
import { t } from "./words.ts";

export interface DocumentMenu {
  bind(editor: Editor | null): void;
}

/** Adds the button to `tools` when there is anything to offer. */
export function createDocumentMenu(tools: HTMLElement, groups: readonly (readonly Command[])[]): DocumentMenu {
  let editor: Editor | null = null;
  const items = new Map<Command, HTMLButtonElement>();
  const menu = h("div", { id: "document-menu", class: "menu document-menu", popover: "auto", "data-testid": "document-menu" });
  for (const group of groups) {
    const box = h("div", { class: "menu__group", role: "group" });
    for (const command of group) {
      const keys = command.keys === undefined ? null : h("kbd", {}, keyText(command.keys));
      const item = h(
        "button",
        { type: "button", class: "menu__item", "data-command": command.name },
        icon(command.icon),
        h("span", {}, command.label),
        keys,
      );
      item.addEventListener("click", () => {
        menu.hidePopover();
        if (editor !== null) command.run(editor);
      });
      items.set(command, item);
      box.append(item);
    }
    menu.append(box);
  }
  menu.addEventListener("beforetoggle", () => {
    for (const [command, item] of items) {
      if (command.active !== undefined) setAttribute(item, "aria-pressed", String(editor !== null && command.active(editor)));
      item.disabled = editor === null || !(command.enabled?.(editor) ?? true);
    }
  });
  const label = t("More about this document");
  const button = h(
    "button",
    {
      type: "button",
      class: "icon-button document-menu-button",
      popovertarget: menu.id,
      "aria-label": label,
      title: label,
      "data-testid": "open-menu",
    },
    icon("dots"),
  );
  if (items.size > 0) tools.append(button, menu);
  return {
    bind(next) {
      editor = next;
    },
  };
}
