/** A callout with its tone as a word in the corner, which is a choice for whoever may edit. */

import type { Node } from "@tiptap/pm/model";
import type { EditorView, NodeView, ViewMutationRecord } from "@tiptap/pm/view";
import { h } from "../editor/dom.ts";
import { icon, type IconName } from "../editor/icons.ts";
import { TONES, type Tone } from "../editor/nodes/callout.ts";
import { t } from "../page/words.ts";

export const TONE_NAMES: Readonly<Record<Tone, string>> = {
  // Translators: a block of text that stands out.
  note: t("Note"),
  // Translators: a block of text that stands out, with advice.
  tip: t("Tip"),
  // Translators: a block of text that stands out.
  warning: t("Warning"),
  // Translators: a block of text that stands out, graver than a warning.
  danger: t("Danger"),
};

export const TONE_ICONS: Readonly<Record<Tone, IconName>> = {
  note: "note",
  tip: "tip",
  warning: "warning",
  danger: "stop",
};

export class CalloutView implements NodeView {
  readonly dom = h("div", { "data-type": "callout", class: "callout" });
  readonly contentDOM = h("div", { class: "callout-text" });
  readonly #select = h("select", { class: "callout-select", "aria-label": t("Kind of note") });
  readonly #word = h("span", { class: "callout-word" });
  readonly #head = h("div", { class: "callout-head", contenteditable: "false" });

  constructor(node: Node, view: EditorView, position: () => number | undefined) {
    for (const tone of TONES) this.#select.append(h("option", { value: tone }, TONE_NAMES[tone]));
    this.#select.addEventListener("change", () => {
      const at = position();
      if (at === undefined || !view.editable) return;
      view.dispatch(view.state.tr.setNodeAttribute(at, "tone", this.#select.value));
    });
    this.dom.append(this.#head, this.contentDOM);
    this.#show(node);
  }

  update(node: Node): boolean {
    if (node.type.name !== "callout") return false;
    this.#show(node);
    return true;
  }

  stopEvent(event: Event): boolean {
    return event.target === this.#select;
  }

  ignoreMutation(mutation: ViewMutationRecord): boolean {
    return mutation.type !== "selection" && !this.contentDOM.contains(mutation.target);
  }

  #show(node: Node): void {
    const tone = TONES.find((one) => one === node.attrs.tone) ?? "note";
    if (this.dom.dataset.tone === tone) return;
    this.dom.dataset.tone = tone;
    this.#select.value = tone;
    this.#word.textContent = TONE_NAMES[tone];
    // The word for those who read, the choice for those who write: the style sheet knows which.
    this.#head.replaceChildren(icon(TONE_ICONS[tone]), this.#word, this.#select);
  }
}
