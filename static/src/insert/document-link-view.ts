/** A link to another document: shown with today's title, opened by a click or Enter. */

import type { Node } from "@tiptap/pm/model";
import type { NodeView } from "@tiptap/pm/view";
import { h, setAttribute } from "../editor/dom.ts";
import { t } from "../page/words.ts";
import type { Titles } from "./titles.ts";

const KEY = /^[\w-]{1,64}$/;

export class DocumentLinkView implements NodeView {
  readonly dom = h("a", { "data-type": "document-link", class: "document-link" });
  readonly #titles: Titles;
  #key = "";

  constructor(node: Node, titles: Titles) {
    this.#titles = titles;
    this.#show(node);
  }

  update(node: Node): boolean {
    if (node.type.name !== "documentLink") return false;
    this.#show(node);
    return true;
  }

  ignoreMutation(): boolean {
    return true;
  }

  #show(node: Node): void {
    const { key, label } = node.attrs as { key: string | null; label: string | null };
    this.#key = key !== null && KEY.test(key) ? key : "";
    this.dom.textContent = label ?? t("Document");
    setAttribute(this.dom, "href", this.#key === "" ? null : `/d/${this.#key}`);
    if (this.#key !== "") void this.#showToday(this.#key);
  }

  async #showToday(key: string): Promise<void> {
    const title = await this.#titles.of(key);
    if (title !== null && key === this.#key) this.dom.textContent = title;
  }
}
