/** `/` at the start of a line: a list of what can be put there, chosen without leaving the keyboard. */

import { type Editor, Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import type { Command } from "./commands.ts";
import { h, setAttribute } from "./dom.ts";
import { icon } from "./icons.ts";
import { placeNear } from "./place.ts";
import { findCommands, slashQuery } from "./slash-query.ts";

const LIST = "slash-list";

/** What the caret stands behind. */
interface Slash {
  readonly from: number;
  readonly to: number;
  readonly query: string;
}

/** `paper` is the positioned element around the text. */
export function slashMenu(paper: HTMLElement, commands: readonly Command[]) {
  return Extension.create({
    name: "slashMenu",
    // Before the shortcuts for Enter, Tab and the arrows in lists and tables.
    priority: 1_000,
    addProseMirrorPlugins() {
      const menu = new SlashMenu(this.editor, paper, commands);
      return [
        new Plugin({
          key: new PluginKey("slashMenu"),
          view: () => ({ update: () => menu.update(), destroy: () => menu.destroy() }),
          props: {
            handleKeyDown: (_view, event) => menu.key(event),
            handleDOMEvents: { blur: () => menu.close() },
          },
        }),
      ];
    },
  });
}

class SlashMenu {
  readonly #list = h("ul", {
    id: LIST,
    class: "slash-menu",
    role: "listbox",
    "aria-label": "Insert",
    "data-testid": "slash-menu",
  });
  readonly #editor: Editor;
  readonly #paper: HTMLElement;
  readonly #commands: readonly Command[];
  #slash: Slash | null = null;
  #found: readonly Command[] = [];
  #current = 0;
  /** Escape holds until the slash is gone. */
  #dismissed = false;

  constructor(editor: Editor, paper: HTMLElement, commands: readonly Command[]) {
    this.#editor = editor;
    this.#paper = paper;
    this.#commands = commands;
    this.#list.hidden = true;
    paper.append(this.#list);
  }

  update(): void {
    const before = this.#slash;
    this.#slash = slashAt(this.#editor);
    if (this.#slash === null) {
      this.#dismissed = false;
      this.#hide();
      return;
    }
    if (this.#dismissed || before?.query === this.#slash.query) return;
    const possible = this.#commands.filter(({ enabled }) => enabled?.(this.#editor) ?? true);
    this.#found = findCommands(possible, this.#slash.query);
    this.#current = 0;
    this.#draw();
  }

  /** Returns true when the key was the menu's. */
  key(event: KeyboardEvent): boolean {
    if (this.#list.hidden || event.isComposing) return false;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        this.#move(event.key === "ArrowDown" ? 1 : -1);
        return true;
      case "Enter":
      case "Tab":
        this.#choose(this.#found[this.#current]);
        return true;
      case "Escape":
        this.close();
        return true;
      default:
        return false;
    }
  }

  close(): void {
    this.#dismissed = this.#slash !== null;
    this.#hide();
  }

  destroy(): void {
    this.#list.remove();
  }

  #choose(command: Command | undefined): void {
    const slash = this.#slash;
    if (command === undefined || slash === null) return;
    this.#editor.chain().focus().deleteRange(slash).run();
    command.run(this.#editor);
  }

  #move(by: 1 | -1): void {
    this.#current = (this.#current + by + this.#found.length) % this.#found.length;
    this.#mark();
  }

  #draw(): void {
    if (this.#found.length === 0) return this.#hide();
    this.#list.replaceChildren(...this.#found.map((command, index) => this.#option(command, index)));
    this.#list.hidden = false;
    placeNear(this.#list, this.#paper, this.#editor);
    this.#mark();
  }

  #option(command: Command, index: number): HTMLElement {
    const attributes = { id: `${LIST}-${index}`, class: "slash-option", role: "option" };
    const option = h("li", attributes, icon(command.icon), command.label);
    // The text keeps the focus: a blur would close the menu before the click.
    option.addEventListener("mousedown", (event) => event.preventDefault());
    option.addEventListener("click", () => this.#choose(command));
    return option;
  }

  #mark(): void {
    const options = [...this.#list.children];
    options.forEach((option, index) => setAttribute(option, "aria-selected", String(index === this.#current)));
    options[this.#current]?.scrollIntoView({ block: "nearest" });
    const { dom } = this.#editor.view;
    dom.setAttribute("aria-controls", LIST);
    dom.setAttribute("aria-activedescendant", `${LIST}-${this.#current}`);
  }

  #hide(): void {
    if (this.#list.hidden) return;
    this.#list.hidden = true;
    for (const name of ["aria-controls", "aria-activedescendant"]) this.#editor.view.dom.removeAttribute(name);
  }
}

function slashAt(editor: Editor): Slash | null {
  const { selection } = editor.state;
  const { $from } = selection;
  if (!editor.isEditable || !editor.isFocused || !selection.empty) return null;
  if ($from.parent.type.name !== "paragraph") return null;
  const query = slashQuery($from.parent.textBetween(0, $from.parentOffset, undefined, "\ufffc"));
  return query === null ? null : { from: $from.start(), to: $from.pos, query };
}
