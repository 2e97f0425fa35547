/** An attached file in the text: its name leads to it. */

import type { Editor } from "@tiptap/core";
import type { Node as PmNode } from "@tiptap/pm/model";
import type { NodeView } from "@tiptap/pm/view";
import { h, setAttribute } from "../editor/dom.ts";
import { icon } from "../editor/icons.ts";
import { fileUrl } from "../editor/nodes/files.ts";
import { t } from "../page/words.ts";
import { type FileViewOptions, Held } from "./node-view.ts";
import { sizeText } from "./sizes.ts";

export class FileView implements NodeView {
  readonly dom = h("p", { class: "file-card", contenteditable: "false", "data-type": "file", "data-testid": "file" });
  readonly #held: Held;
  readonly #options: FileViewOptions;
  readonly #link = h("a", { class: "file-name" });
  readonly #size = h("span", { class: "file-size" });
  readonly #remove = h("button", { type: "button", class: "file-remove", tabindex: "-1" }, icon("close"));

  constructor(editor: Editor, node: PmNode, position: () => number | undefined, options: FileViewOptions) {
    this.#held = new Held(editor, node, position);
    this.#options = options;
    this.dom.append(icon("paperclip"), this.#link, this.#size, this.#remove);
    this.#remove.addEventListener("click", () => this.#held.remove());
    // The page's own handling of links would put the caret there.
    this.#link.addEventListener("click", (event) => event.stopPropagation());
    this.dom.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.#held.choose();
    });
    options.views.add(this);
    this.show();
  }

  update(node: PmNode): boolean {
    if (node.type !== this.#held.node.type) return false;
    this.#held.node = node;
    this.show();
    return true;
  }

  show(): void {
    const { file, name, size } = this.#held.node.attrs as { file: unknown; name: string | null; size: number | null };
    const words = name ?? t("File");
    const address = fileUrl(file);
    setAttribute(this.#link, "href", address);
    setAttribute(this.#link, "download", address === null ? null : words);
    this.#link.textContent = words;
    this.#size.textContent = size === null ? "" : sizeText(size);
    setAttribute(this.#remove, "aria-label", t("Remove {name}", { name: words }));
    this.#remove.hidden = !this.#held.editor.isEditable;
  }

  selectNode(): void {
    this.dom.classList.add("ProseMirror-selectednode");
    setAttribute(this.#remove, "tabindex", "0");
  }

  deselectNode(): void {
    this.dom.classList.remove("ProseMirror-selectednode");
    setAttribute(this.#remove, "tabindex", "-1");
  }

  /** Puts the focus on the link. */
  enter(): void {
    this.#link.focus();
  }

  stopEvent(event: Event): boolean {
    return event.target instanceof Element && event.target.closest("button, a") !== null;
  }

  ignoreMutation(): boolean {
    return true;
  }

  destroy(): void {
    this.#options.views.delete(this);
  }
}
