/**
 * A list below the caret, chosen from without leaving the text: the keys stay with the editor, which says what is
 * current (WAI-ARIA, "Combobox Pattern", with the listbox controlled by the text).
 */

import type { Editor } from "@tiptap/core";
import { h, setAttribute } from "./dom.ts";
import { placeNear } from "./place.ts";

export interface Choice {
  readonly label: string;
  /** Beside the label, quietly. */
  readonly detail?: string | null;
  /** Before the label. */
  readonly picture?: Node | null;
  /** Choices with the same one stand together below it. */
  readonly group?: string;
  readonly pick: () => void;
}

export interface ChoicesOptions {
  readonly editor: Editor;
  /** The positioned element around the text. */
  readonly paper: HTMLElement;
  /** For ids and tests: `slash-menu`. */
  readonly name: string;
  readonly label: string;
}

export class Choices {
  readonly #list: HTMLElement;
  readonly #options: ChoicesOptions;
  #choices: readonly Choice[] = [];
  #current = 0;

  constructor(options: ChoicesOptions) {
    this.#options = options;
    const { name, label } = options;
    this.#list = h("div", { id: name, class: "slash-menu", role: "listbox", "aria-label": label, "data-testid": name });
    this.#list.hidden = true;
    // The text keeps the focus, also when the bar is dragged: a blur would close the list before the click.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    options.paper.append(this.#list);
  }

  get isOpen(): boolean {
    return !this.#list.hidden;
  }

  /** Without choices nothing is shown. */
  show(choices: readonly Choice[]): void {
    if (choices.length === 0) return this.hide();
    this.#choices = choices;
    this.#current = 0;
    this.#list.replaceChildren(...this.#grouped());
    this.#list.hidden = false;
    placeNear(this.#list, this.#options.paper, this.#options.editor);
    this.#mark();
  }

  hide(): void {
    if (!this.isOpen) return;
    this.#list.hidden = true;
    for (const name of ["aria-controls", "aria-activedescendant"]) this.#text.removeAttribute(name);
  }

  destroy(): void {
    this.hide();
    this.#list.remove();
  }

  /** Returns true when the key was the list's. Escape is its owner's. */
  key(event: KeyboardEvent): boolean {
    if (!this.isOpen || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
    const last = this.#choices.length - 1;
    const next = {
      ArrowDown: this.#current === last ? 0 : this.#current + 1,
      ArrowUp: this.#current === 0 ? last : this.#current - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (next !== undefined && !event.shiftKey) {
      this.#current = next;
      this.#mark();
      return true;
    }
    if ((event.key !== "Enter" && event.key !== "Tab") || event.shiftKey) return false;
    this.#choices[this.#current]?.pick();
    return true;
  }

  get #text(): HTMLElement {
    return this.#options.editor.view.dom;
  }

  #grouped(): HTMLElement[] {
    const found: HTMLElement[] = [];
    let group: { label: string; box: HTMLElement } | null = null;
    this.#choices.forEach((choice, index) => {
      const option = this.#option(choice, index);
      if (choice.group === undefined) {
        found.push(option);
        return;
      }
      if (group?.label !== choice.group) {
        const heading = h("div", { class: "choices-heading", role: "presentation" }, choice.group);
        group = { label: choice.group, box: h("div", { role: "group", "aria-label": choice.group }, heading) };
        found.push(group.box);
      }
      group.box.append(option);
    });
    return found;
  }

  #option({ label, detail = null, picture = null, pick }: Choice, index: number): HTMLElement {
    const option = h(
      "div",
      { id: `${this.#options.name}-${index}`, class: "slash-option", role: "option" },
      picture,
      h("span", { class: "choices-label" }, label),
      detail === null ? null : h("span", { class: "choices-detail" }, detail),
    );
    option.addEventListener("click", pick);
    return option;
  }

  #mark(): void {
    const options = this.#list.querySelectorAll('[role="option"]');
    options.forEach((option, index) => setAttribute(option, "aria-selected", String(index === this.#current)));
    const current = options[this.#current];
    // With the first of a group its heading comes into sight as well.
    const heading = current?.previousElementSibling;
    if (heading?.matches(".choices-heading") === true) heading.scrollIntoView({ block: "nearest" });
    current?.scrollIntoView({ block: "nearest" });
    this.#text.setAttribute("aria-controls", this.#options.name);
    this.#text.setAttribute("aria-activedescendant", `${this.#options.name}-${this.#current}`);
  }
}
