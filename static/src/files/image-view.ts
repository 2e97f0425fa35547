/** A picture in the text: what is seen by everybody, and for whoever may edit its caption and its handle. */

import type { Editor } from "@tiptap/core";
import type { Node as PmNode } from "@tiptap/pm/model";
import type { NodeView } from "@tiptap/pm/view";
import { h, setAttribute } from "../editor/dom.ts";
import { fileUrl, sidesOf } from "../editor/nodes/files.ts";
import { t } from "../page/words.ts";
import { createHandle } from "./handle.ts";
import { type FileViewOptions, Held, oneLine } from "./node-view.ts";

const ELSEWHERE = t("This image belongs to another document, or is not here any more.");
const NOT_LOADED = t("This image could not be loaded.");
const NO_FILE = t("There is no image here.");

/** Their events are not the text's. */
const CONTROLS = "button, textarea, .image-handle, .image-bar";

/** Lower than that, the controls would cover it: they stand below. */
const LOW = 120;

interface Attributes extends Record<string, unknown> {
  readonly file: string | null;
  readonly alt: string | null;
  readonly caption: string | null;
  readonly width: number | null;
  readonly align: string | null;
}

export class ImageView implements NodeView {
  readonly dom = h("figure", { class: "image", contenteditable: "false", "data-type": "image" });
  readonly #held: Held;
  readonly #options: FileViewOptions;
  readonly #image = h("img", { loading: "lazy", decoding: "async", draggable: "false" });
  readonly #words = h("span", {});
  readonly #retry = h("button", { type: "button", class: "upload-button" }, t("Try again"));
  readonly #gone = h("p", { class: "image-gone" }, this.#words, this.#retry);
  readonly #frame = h("div", { class: "image-frame" }, this.#image, this.#gone);
  readonly #caption = h("textarea", {
    class: "image-caption",
    rows: "1",
    maxlength: "1000",
    "aria-label": t("Caption"),
    placeholder: t("Add a caption"),
  });
  readonly #said = h("figcaption", { class: "image-said" });
  readonly #handle: ReturnType<typeof createHandle>;
  #bar: { readonly element: HTMLElement; show(): void } | null = null;
  #chosen = false;

  constructor(editor: Editor, node: PmNode, position: () => number | undefined, options: FileViewOptions) {
    this.#held = new Held(editor, node, position);
    this.#options = options;
    this.#handle = createHandle({
      frame: this.#frame,
      figure: this.dom,
      isCentred: () => this.#attributes.align === "center",
      isOnTheRight: () => this.#attributes.align === "right",
      width: () => this.#attributes.width,
      commit: (width) => this.#held.set("width", width),
    });
    this.#frame.append(this.#handle.element);
    this.dom.append(this.#frame, this.#said, this.#caption);
    this.#image.addEventListener("error", () => void this.#explain());
    this.#image.addEventListener("load", () => {
      this.#tell(null);
      this.dom.classList.toggle("is-low", this.#frame.offsetHeight < LOW);
    });
    this.#retry.addEventListener("click", () => this.#load(true));
    this.#caption.addEventListener("input", () => this.#held.set("caption", oneLine(this.#caption.value)));
    this.#caption.addEventListener("keydown", (event) => {
      if (event.isComposing || event.key !== "Enter") return;
      event.preventDefault();
      this.#held.leave();
    });
    this.dom.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || event.target === this.dom) return;
      event.preventDefault();
      this.#held.choose();
    });
    options.views.add(this);
    this.#load(false);
    this.show();
  }

  get #attributes(): Attributes {
    return this.#held.node.attrs as Attributes;
  }

  update(node: PmNode): boolean {
    if (node.type !== this.#held.node.type) return false;
    const before = this.#attributes;
    this.#held.node = node;
    if (before.file !== this.#attributes.file) this.#load(false);
    this.show();
    return true;
  }

  /** What the node says, and what this person may do with it. */
  show(): void {
    const { alt, caption, width, align } = this.#attributes;
    const { isEditable } = this.#held.editor;
    setAttribute(this.#image, "alt", alt ?? "");
    setAttribute(this.dom, "data-align", align);
    const sides = sidesOf(this.#attributes);
    // Its place is as large as it will be before it has come, so that nothing moves under whoever reads.
    setAttribute(this.#image, "width", sides && String(sides.wide));
    setAttribute(this.#image, "height", sides && String(sides.high));
    if (!this.#handle.isDragging) this.#frame.style.width = width !== null ? `${width}%` : sides === null ? "" : `${sides.wide}px`;
    this.#said.textContent = caption ?? "";
    this.#said.hidden = isEditable || caption === null;
    this.#caption.hidden = !isEditable;
    // A person who writes the caption has the newest words.
    if (document.activeElement !== this.#caption) this.#caption.value = caption ?? "";
    this.dom.classList.toggle("has-caption", caption !== null);
    this.#handle.show(isEditable);
    const inReach = this.#chosen && isEditable ? "0" : "-1";
    setAttribute(this.#caption, "tabindex", inReach);
    setAttribute(this.#handle.element, "tabindex", inReach);
    if (this.#bar !== null) {
      this.#bar.element.hidden = !(this.#chosen && isEditable);
      this.#bar.show();
    }
  }

  selectNode(): void {
    this.#chosen = true;
    this.dom.classList.add("ProseMirror-selectednode");
    this.show();
    if (this.#held.editor.isEditable && this.#bar === null) void this.#openBar();
  }

  deselectNode(): void {
    this.#chosen = false;
    this.dom.classList.remove("ProseMirror-selectednode");
    this.show();
  }

  /** Puts the focus on the first of the controls. */
  async enter(): Promise<void> {
    await this.#openBar();
    this.#bar?.element.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }

  stopEvent(event: Event): boolean {
    return event.target instanceof Element && event.target.closest(CONTROLS) !== null;
  }

  ignoreMutation(): boolean {
    return true;
  }

  destroy(): void {
    this.#options.views.delete(this);
    this.#handle.destroy();
  }

  async #openBar(): Promise<void> {
    const { createImageBar } = await import("./image-bar.ts");
    if (this.#bar === null) {
      this.#bar = createImageBar(this.#held, () => this.#options.replace(this.#held, "image/*"));
      this.dom.prepend(this.#bar.element);
    }
    this.show();
  }

  #load(anew: boolean): void {
    const source = fileUrl(this.#attributes.file);
    this.#tell(source === null ? NO_FILE : null);
    if (anew) this.#image.removeAttribute("src");
    if (this.#image.getAttribute("src") !== source) setAttribute(this.#image, "src", source);
  }

  /** A picture that does not come says nothing about why, so the server is asked. */
  async #explain(): Promise<void> {
    const source = fileUrl(this.#attributes.file);
    if (source === null) return;
    const status = await fetch(source, { method: "HEAD" }).then(
      ({ status }) => status,
      () => 0,
    );
    if (source === fileUrl(this.#attributes.file)) this.#tell(status === 404 ? ELSEWHERE : NOT_LOADED, status !== 404);
  }

  #tell(words: string | null, again = false): void {
    this.#gone.hidden = words === null;
    this.#image.hidden = words !== null;
    const { alt } = this.#attributes;
    this.#words.textContent = words === null || alt === null ? words : `${words} ${t("It is described as “{alt}”.", { alt })}`;
    this.#retry.hidden = !again;
  }
}
