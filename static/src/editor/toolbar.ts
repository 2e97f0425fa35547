/** A row of buttons with one tab stop: arrows move along it (WAI-ARIA, "Toolbar Pattern"). */

import type { Editor } from "@tiptap/core";
import type { Command } from "./commands.ts";
import { h, onPress } from "./dom.ts";
import { icon } from "./icons.ts";
import { keyText } from "./keys.ts";

export interface Toolbar {
  readonly element: HTMLElement;
  /** The editor that the buttons act on from now on; null disables them. */
  bind(editor: Editor | null): void;
}

export function createToolbar(label: string, groups: readonly (readonly Command[])[]): Toolbar {
  let editor: Editor | null = null;
  let frame = 0;
  const buttons = new Map<Command, HTMLButtonElement>();
  const element = h("div", { class: "toolbar", role: "toolbar", "aria-label": label });

  for (const group of groups) {
    const box = h("div", { class: "toolbar-group", role: "group" });
    for (const command of group) {
      const button = commandButton(command, () => {
        if (editor !== null) command.run(editor);
      });
      buttons.set(command, button);
      box.append(button);
    }
    element.append(box);
  }
  roveWithArrows(element);

  const refresh = (): void => {
    frame = 0;
    for (const [command, button] of buttons) show(button, command, editor);
  };
  // Typing makes many transactions; the buttons need to be right once a frame.
  const refreshSoon = (): void => {
    if (frame === 0) frame = requestAnimationFrame(refresh);
  };
  refresh();

  return {
    element,
    bind(next) {
      editor?.off("transaction", refreshSoon);
      editor = next;
      editor?.on("transaction", refreshSoon);
      refresh();
    },
  };
}

function commandButton(command: Command, run: () => void): HTMLButtonElement {
  const title = command.keys === undefined ? command.label : `${command.label} (${keyText(command.keys)})`;
  const button = h(
    "button",
    {
      type: "button",
      class: "toolbar-button",
      "data-command": command.name,
      "aria-label": command.label,
      "aria-pressed": command.active === undefined ? null : "false",
      tabindex: "-1",
      title,
    },
    icon(command.icon),
  );
  onPress(button, () => {
    // `aria-disabled` instead of `disabled`: a button that vanished from under the arrow keys would lose the focus.
    if (button.getAttribute("aria-disabled") !== "true") run();
  });
  return button;
}

function show(button: HTMLButtonElement, command: Command, editor: Editor | null): void {
  if (command.active !== undefined) {
    button.setAttribute("aria-pressed", String(editor !== null && command.active(editor)));
  }
  const enabled = editor !== null && (command.enabled?.(editor) ?? true);
  button.setAttribute("aria-disabled", String(!enabled));
}

function roveWithArrows(toolbar: HTMLElement): void {
  const buttons = [...toolbar.querySelectorAll<HTMLButtonElement>("button")];
  let current = 0;
  const stopAt = (index: number): void => {
    buttons[current]?.setAttribute("tabindex", "-1");
    current = (index + buttons.length) % buttons.length;
    buttons[current]?.setAttribute("tabindex", "0");
  };
  stopAt(0);
  toolbar.addEventListener("focusin", (event) => {
    const index = buttons.findIndex((button) => button === event.target);
    if (index >= 0) stopAt(index);
  });
  toolbar.addEventListener("keydown", (event) => {
    const next = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    stopAt(next);
    buttons[current]?.focus();
  });
}
