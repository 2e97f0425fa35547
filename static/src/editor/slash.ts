/** `/` at the start of a line: a list of what can be put there, chosen without leaving the keyboard. */

import { type Editor, Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { t } from "../page/words.ts";
import { Choices } from "./choices.ts";
import type { Command } from "./commands.ts";
import { icon } from "./icons.ts";
import { inGroups } from "./slash-groups.ts";
import { findCommands, slashQuery } from "./slash-query.ts";

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
  readonly #choices: Choices;
  readonly #editor: Editor;
  readonly #commands: readonly Command[];
  #slash: Slash | null = null;
  /** Escape holds until the slash is gone. */
  #dismissed = false;

  constructor(editor: Editor, paper: HTMLElement, commands: readonly Command[]) {
    this.#editor = editor;
    this.#commands = commands;
    this.#choices = new Choices({ editor, paper, name: "slash-menu", label: t("Insert") });
  }

  update(): void {
    const before = this.#slash;
    this.#slash = slashAt(this.#editor);
    if (this.#slash === null) {
      this.#dismissed = false;
      this.#choices.hide();
      return;
    }
    if (this.#dismissed || before?.query === this.#slash.query) return;
    const possible = this.#commands.filter(({ enabled }) => enabled?.(this.#editor) ?? true);
    const groups = inGroups(findCommands(possible, this.#slash.query));
    const choices = groups.flatMap(({ label, commands }) => commands.map((command) => this.#choice(command, label)));
    this.#choices.show(choices);
  }

  /** Returns true when the key was the menu's. */
  key(event: KeyboardEvent): boolean {
    if (!this.#choices.isOpen || event.key !== "Escape") return this.#choices.key(event);
    this.close();
    return true;
  }

  close(): void {
    this.#dismissed = this.#slash !== null;
    this.#choices.hide();
  }

  destroy(): void {
    this.#choices.destroy();
  }

  #choice(command: Command, group: string) {
    return { label: command.label, picture: icon(command.icon), group, pick: () => this.#choose(command) };
  }

  #choose(command: Command): void {
    if (this.#slash === null) return;
    this.#editor.chain().focus().deleteRange(this.#slash).run();
    command.run(this.#editor);
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
