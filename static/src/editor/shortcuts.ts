/** The help page of the keyboard: a dialog made from the same table as the toolbar. */

import { t } from "../page/words.ts";
import type { Command } from "./commands.ts";
import { h } from "./dom.ts";
import { icon } from "./icons.ts";
import { keyNames } from "./keys.ts";

/** What is pressed or typed, and what it does. */
type Row = readonly [string, string];

/** What can be typed instead of pressed; these are StarterKit's input rules. */
const TYPED: readonly Row[] = [
  ["/", t("Everything that can be put on an empty line")],
  ["# ", t("Heading 1 at the start of a line; ## for 2")],
  ["- ", t("Bulleted list")],
  ["1. ", t("Numbered list")],
  ["[ ] ", t("Task list")],
  ["> ", t("Quote")],
  ["``` ", t("Block of code")],
  ["---", t("Dividing line")],
  ["@", t("Name a person")],
  ["[[", t("Link a document")],
  [":smile", t("Emoji, by its English name")],
  ["$x^2$ ", t("Formula in the line; $$ for one of its own")],
  // Translators: the signs around the words stay; the word "code" has two of its own.
  [t("**bold**"), t("Bold; also *italic*, ~~strike~~, `code`")],
];

const MOVING: readonly Row[] = [
  ["Tab", t("Next cell, or further into a list")],
  ["Shift-Tab", t("Previous cell, or out of a list")],
  ["Shift-Enter", t("New line in the same paragraph")],
  ["Mod-Alt-4", t("Heading 4")],
  ["Mod-Alt-0", t("Plain paragraph")],
  ["Alt-F10", t("To the buttons over a selection")],
  ["Mod-Enter", t("Open or close folded text")],
  ["Escape-Tab", t("Out of a block of code")],
];

/** Returns a function that opens the dialog. */
export function createShortcutHelp(groups: readonly (readonly Command[])[]): () => void {
  const pressed = groups.flat().flatMap(({ keys, label }) => (keys === undefined ? [] : [[keys, label] as const]));
  const close = h("button", { type: "button", class: "icon-button", "aria-label": t("Close") }, icon("close"));
  const dialog = h(
    "dialog",
    { class: "shortcuts", "aria-labelledby": "shortcuts-title" },
    h("header", { class: "shortcuts-head" }, h("h2", { id: "shortcuts-title" }, t("Keyboard shortcuts")), close),
    h(
      "div",
      { class: "shortcuts-columns" },
      list(t("Press"), pressed, (keys) => keyNames(keys)),
      h(
        "div",
        {},
        list(t("Or type"), TYPED, (typed) => [typed.trim()]),
        list(t("In the text"), MOVING, (keys) => keyNames(keys)),
      ),
    ),
  );
  document.body.append(dialog);
  close.addEventListener("click", () => dialog.close());
  // A click on the backdrop arrives at the dialog itself.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return () => {
    if (!dialog.open) dialog.showModal();
  };
}

function list(title: string, rows: readonly Row[], keys: (row: string) => string[]): HTMLElement {
  const table = h("dl", { class: "shortcuts-list" });
  for (const [row, label] of rows) {
    table.append(h("div", {}, h("dt", {}, ...keys(row).map((key) => h("kbd", {}, key))), h("dd", {}, label)));
  }
  return h("section", {}, h("h3", {}, title), table);
}
