/** What can be done with a block: the menu behind its handle. */

import type { Editor } from "@tiptap/core";
import { h } from "../editor/dom.ts";
import { icon, type IconName } from "../editor/icons.ts";
import { keyText } from "../editor/keys.ts";
import { t } from "../page/words.ts";
import { copy, type Kind, KINDS, mayTurn, move, take, turnInto } from "./arrange.ts";
import { neighbour, type Span } from "./blocks.ts";
import { createPopup } from "./popup.ts";

const WORDS: Readonly<Record<Kind, string>> = {
  paragraph: t("Text"),
  heading1: t("Heading {n}", { n: 1 }),
  heading2: t("Heading {n}", { n: 2 }),
  heading3: t("Heading {n}", { n: 3 }),
  heading4: t("Heading {n}", { n: 4 }),
  bulletList: t("Bulleted list"),
  orderedList: t("Numbered list"),
  taskList: t("Task list"),
  blockquote: t("Quote"),
  callout: t("Callout"),
  codeBlock: t("Block of code"),
};

export interface BlockMenu {
  readonly isOpen: boolean;
  open(editor: Editor, rect: DOMRect): void;
  close(): void;
}

/** `span` is asked when something is chosen: others may have written meanwhile. */
export function createBlockMenu(span: () => Span | null, closed: () => void): BlockMenu {
  let editor: Editor | null = null;
  const popup = createPopup("block-menu", t("This block"), closed);
  popup.element.setAttribute("role", "menu");

  type Act = (now: Editor, span: Span) => void;
  const item = (name: string, picture: IconName, words: string, act: Act, keys?: string): HTMLButtonElement => {
    const button = h(
      "button",
      { type: "button", class: "menu__item", role: "menuitem", tabindex: "-1", "data-command": name },
      icon(picture),
      h("span", {}, words),
      keys === undefined ? null : h("kbd", {}, keyText(keys)),
    );
    button.addEventListener("click", () => {
      const block = span();
      popup.close();
      if (editor === null || block === null || !editor.isEditable) return;
      act(editor, block);
      editor.view.focus();
    });
    return button;
  };
  const kinds = KINDS.map((kind) => item(kind, kind, WORDS[kind], (now, block) => turnInto(now, block, kind)));
  const moves = (by: "up" | "down"): Act => (now, block) => void move(now, by, block);
  const up = item("moveUp", "up", t("Move up"), moves("up"), "Alt-Shift-ArrowUp");
  const down = item("moveDown", "down", t("Move down"), moves("down"), "Alt-Shift-ArrowDown");
  const duplicate = item("duplicate", "copy", t("Duplicate"), copy, "Mod-Shift-d");
  const remove = item("delete", "tableDelete", t("Delete"), take);
  const turns = h(
    "div",
    { class: "menu__group block-kinds", role: "group", "aria-label": t("Turn into") },
    h("p", { class: "menu__label", "aria-hidden": "true" }, t("Turn into")),
    ...kinds,
  );
  popup.element.append(turns, h("div", { class: "menu__group", role: "group" }, up, down, duplicate, remove));
  moveWithArrows(popup.element);

  return {
    get isOpen() {
      return popup.isOpen;
    },
    open(now, rect) {
      editor = now;
      const block = span();
      if (block === null) return;
      turns.hidden = !mayTurn(now, block);
      up.disabled = neighbour(now.state.doc, block, "up") === null;
      down.disabled = neighbour(now.state.doc, block, "down") === null;
      popup.open(rect);
      choices(popup.element)[0]?.focus();
    },
    close: () => popup.close(),
  };
}

function choices(menu: HTMLElement): HTMLButtonElement[] {
  return [...menu.querySelectorAll("button")].filter((button) => !button.disabled && button.offsetParent !== null);
}

/** WAI-ARIA, "Menu Pattern": arrows and the first letter. */
function moveWithArrows(menu: HTMLElement): void {
  menu.addEventListener("keydown", (event) => {
    const all = choices(menu);
    const now = all.findIndex((button) => button === document.activeElement);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: (now + 1) % all.length,
      ArrowUp: (now - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    const letter = event.key.length === 1 && !event.ctrlKey && !event.metaKey ? event.key.toLowerCase() : null;
    const after = [...all.slice(now + 1), ...all.slice(0, now + 1)];
    const starts = ({ textContent }: Node): boolean => textContent?.toLowerCase().startsWith(letter ?? "") === true;
    const named = letter === null ? undefined : after.find(starts);
    const next = named ?? all[steps[event.key] ?? -1];
    if (event.key === "Tab" || next !== undefined) event.preventDefault();
    next?.focus();
  });
}
