/** The help page of the keyboard: a dialog made from the same table as the toolbar. */

import type { Command } from "./commands.ts";
import { h } from "./dom.ts";
import { icon } from "./icons.ts";
import { keyNames } from "./keys.ts";

/** What is pressed or typed, and what it does. */
type Row = readonly [string, string];

/** What can be typed instead of pressed; these are StarterKit's input rules. */
const TYPED: readonly Row[] = [
  ["/", "Everything that can be put on an empty line"],
  ["# ", "Heading 1 at the start of a line; ## for 2"],
  ["- ", "Bulleted list"],
  ["1. ", "Numbered list"],
  ["[ ] ", "Task list"],
  ["> ", "Quote"],
  ["``` ", "Block of code"],
  ["---", "Dividing line"],
  ["**bold**", "Bold; also *italic*, ~~strike~~, `code`"],
];

const MOVING: readonly Row[] = [
  ["Tab", "Next cell, or further into a list"],
  ["Shift-Tab", "Previous cell, or out of a list"],
  ["Shift-Enter", "New line in the same paragraph"],
  ["Mod-Alt-4", "Heading 4"],
  ["Mod-Alt-0", "Plain paragraph"],
];

/** Returns a function that opens the dialog. */
export function createShortcutHelp(groups: readonly (readonly Command[])[]): () => void {
  const pressed = groups.flat().flatMap(({ keys, label }) => (keys === undefined ? [] : [[keys, label] as const]));
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close" }, icon("close"));
  const dialog = h(
    "dialog",
    { class: "shortcuts", "aria-labelledby": "shortcuts-title" },
    h("header", { class: "shortcuts-head" }, h("h2", { id: "shortcuts-title" }, "Keyboard shortcuts"), close),
    h(
      "div",
      { class: "shortcuts-columns" },
      list("Press", pressed, (keys) => keyNames(keys)),
      h(
        "div",
        {},
        list("Or type", TYPED, (typed) => [typed.trim()]),
        list("In the text", MOVING, (keys) => keyNames(keys)),
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
