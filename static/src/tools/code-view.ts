/** A block of code on the page: its words, and in its corner the language and a button that copies. */

import type { Node } from "@tiptap/pm/model";
import type { EditorView, NodeView, ViewMutationRecord } from "@tiptap/pm/view";
import { h, setAttribute } from "../editor/dom.ts";
import { icon } from "../editor/icons.ts";
import { t } from "../page/words.ts";
import { LANGUAGES, languageOf } from "./languages.ts";

const PLAIN = t("Plain text");

/** How long the button says that it did. */
const SAID_MS = 2_000;

export class CodeView implements NodeView {
  readonly dom: HTMLElement;
  readonly contentDOM = h("code", {});
  readonly #select = h("select", { class: "code-language", "aria-label": t("Language of this code") });
  readonly #name = h("span", { class: "code-name" });
  readonly #tools: HTMLElement;
  readonly #view: EditorView;
  readonly #place: () => number | undefined;
  #node: Node;

  constructor(node: Node, view: EditorView, place: () => number | undefined, say: (words: string) => void) {
    this.#node = node;
    this.#view = view;
    this.#place = place;
    this.#select.append(h("option", { value: "" }, PLAIN));
    for (const [value, label] of LANGUAGES) this.#select.append(h("option", { value }, label));
    this.#select.addEventListener("change", () => this.#choose(this.#select.value));
    const words = { "aria-label": t("Copy this code"), title: t("Copy") };
    const copy = h("button", { type: "button", class: "code-copy", ...words }, icon("copy"));
    copy.addEventListener("click", () => void this.#copy(copy, say));
    this.#tools = h("div", { class: "code-tools", contenteditable: "false" }, this.#select, this.#name, copy);
    this.dom = h("div", { class: "code-block" }, h("pre", {}, this.contentDOM), this.#tools);
    this.#show();
  }

  update(node: Node): boolean {
    if (node.type !== this.#node.type) return false;
    this.#node = node;
    this.#show();
    return true;
  }

  /** Whoever cannot edit reads the language instead of choosing it. */
  allow(): void {
    this.#select.hidden = !this.#view.editable;
    this.#name.hidden = this.#view.editable;
  }

  stopEvent(event: Event): boolean {
    return event.target instanceof globalThis.Node && this.#tools.contains(event.target);
  }

  ignoreMutation(mutation: ViewMutationRecord): boolean {
    return !this.contentDOM.contains(mutation.target);
  }

  #show(): void {
    const stored: unknown = this.#node.attrs.language;
    const known = languageOf(stored);
    const other = known === null && typeof stored === "string" && stored !== "" ? stored.slice(0, 30) : null;
    this.#select.querySelector("[data-other]")?.remove();
    if (other !== null) this.#select.append(h("option", { value: other, "data-other": true }, other));
    this.#select.value = other ?? known ?? "";
    this.#name.textContent = other ?? (known === null ? "" : (LANGUAGES.get(known) ?? ""));
    // Browsers' own spelling and translation have nothing to do in code.
    setAttribute(this.contentDOM, "spellcheck", "false");
    setAttribute(this.contentDOM, "translate", "no");
    this.allow();
  }

  #choose(language: string): void {
    const pos = this.#place();
    if (pos === undefined || !this.#view.editable) return;
    this.#view.dispatch(this.#view.state.tr.setNodeAttribute(pos, "language", language === "" ? null : language));
  }

  async #copy(button: HTMLElement, say: (words: string) => void): Promise<void> {
    const done = await copyText(this.#node.textContent);
    say(done ? t("The code is copied.") : t("This browser did not let the page copy. Select the code and press Ctrl+C."));
    if (!done) return;
    button.replaceChildren(icon("tick"));
    setTimeout(() => button.replaceChildren(icon("copy")), SAID_MS);
  }
}

/** False where the browser forbids it, as on a page without TLS. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
