/** The reader's view: contents, counts, focus, width, print, and the direction of the text. */

import { type Editor, Extension } from "@tiptap/core";
import { h } from "../editor/dom.ts";
import { keyText } from "../editor/keys.ts";
import type { Feature, Stage } from "../page/feature.ts";
import { t } from "../page/words.ts";
import type { Contents } from "./contents.ts";
import { Direction } from "./direction.ts";
import { keepLooks, type Looks, readLooks, type Shelf } from "./looks.ts";

const FOCUS_KEYS = "Mod-Shift-f";

export function view({ config, paper, panels, say }: Stage): Feature {
  const person = config.person.id;
  const box = shelf();
  let looks = readLooks(box, person);
  let editor: Editor | null = null;
  let contents: Contents | null = null;

  const panel = panels.add({
    name: "contents",
    label: t("Contents"),
    icon: "contents",
    toggled: (open) => void show(open),
  });
  const show = async (open: boolean): Promise<void> => {
    if (open && contents === null) {
      const { createContents } = await import("./contents.ts");
      contents ??= createContents(panel.body, panel.close);
    }
    contents?.bind(panel.isOpen ? editor : null);
  };

  const attributes = { type: "button", class: "focus-leave", "data-testid": "leave-focus" };
  const leave = h("button", attributes, t("Leave focus"), h("kbd", {}, t("Esc")));
  leave.addEventListener("click", () => look({ focus: false }));
  leave.hidden = true;
  document.body.append(leave);

  const look = (change: Partial<Looks>): void => {
    const before = looks;
    looks = { ...looks, ...change };
    keepLooks(box, person, looks);
    if (looks.focus && !before.focus) {
      panel.close();
      say(t("Focus: only the text is shown. {keys} or Escape shows the rest.", { keys: keyText(FOCUS_KEYS) }));
    } else if (!looks.focus && before.focus) say(t("Everything is shown again."));
    dress();
  };
  const dress = (): void => {
    document.body.classList.toggle("is-focused", looks.focus);
    document.body.classList.toggle("is-wide", looks.wide);
    leave.hidden = !looks.focus;
  };
  dress();

  const leaveFocus = (): boolean => {
    if (!looks.focus || isSomethingOpen(paper)) return false;
    look({ focus: false });
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (isFocusKey(event)) {
      event.preventDefault();
      look({ focus: !looks.focus });
    } else if (event.key === "Escape" && !event.defaultPrevented) leaveFocus();
  });
  // In the text ProseMirror takes every Escape for itself; this one comes after whatever is open there.
  const escape = Extension.create({
    name: "leaveFocus",
    priority: 1,
    addKeyboardShortcuts: () => ({ Escape: leaveFocus }),
  });

  return {
    extensions: () => [Direction, escape],
    commands: [
      [
        {
          name: "wordCount",
          label: t("Word count"),
          icon: "count",
          shown: ["menu"],
          run: () => panel.open(),
        },
        {
          name: "focus",
          label: t("Focus"),
          icon: "focus",
          shown: ["menu"],
          keys: FOCUS_KEYS,
          run: () => look({ focus: !looks.focus }),
          active: () => looks.focus,
        },
        {
          name: "wide",
          label: t("Full width"),
          icon: "wide",
          shown: ["menu"],
          run: () => look({ wide: !looks.wide }),
          active: () => looks.wide,
        },
        { name: "print", label: t("Print"), icon: "print", shown: ["menu"], keys: "Mod-p", run: () => window.print() },
      ],
    ],
    bind(next) {
      editor = next;
      if (panel.isOpen) contents?.bind(next);
    },
  };
}

function isFocusKey(event: KeyboardEvent): boolean {
  return event.shiftKey && !event.altKey && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f";
}

/** Escape closes that first. */
function isSomethingOpen(paper: HTMLElement): boolean {
  if (document.querySelector(":popover-open, dialog[open]") !== null) return true;
  return paper.querySelector('[role="listbox"]:not([hidden]), [role="dialog"]:not([hidden])') !== null;
}

/** Some browsers throw at the mere mention of it. */
function shelf(): Shelf {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
