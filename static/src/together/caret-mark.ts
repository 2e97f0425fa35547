/** One person's caret, name and selection, in the layer over the text. */

import { inkOn } from "../editor/color.ts";
import { h } from "../editor/dom.ts";
import type { Box } from "./rows.ts";

/** Long enough to read a name, short enough not to cover the line that is being read. */
const NAME_MS = 3_000;

export interface Drawn {
  readonly person: string;
  readonly name: string;
  /** `#rrggbb`. */
  readonly color: string;
  /** Null while only the selection is near the screen. */
  readonly caret: Box | null;
  /** The name would not fit to the right of it. */
  readonly isAtEdge: boolean;
  /** The selection, one box a line. */
  readonly rows: readonly Box[];
  /** Compared by identity: another one is a move of the person, not of the text around. */
  readonly cursor: unknown;
}

export class CaretMark {
  /** At most, in pixels; see `.caret::after` in together.css. */
  static readonly widest = 192;

  readonly #caret = h("span", { class: "caret" });
  readonly #rows: HTMLElement[] = [];
  readonly #layer: HTMLElement;
  #drawn: Drawn | null = null;
  #hiding = 0;

  constructor(layer: HTMLElement) {
    this.#layer = layer;
    layer.append(this.#caret);
  }

  get person(): string {
    return this.#drawn?.person ?? "";
  }

  get caret(): Box | null {
    return this.#drawn?.caret ?? null;
  }

  show(drawn: Drawn): void {
    const before = this.#drawn;
    this.#drawn = drawn;
    const { caret } = drawn;
    if (before?.color !== drawn.color) this.#caret.style.setProperty("--person-ink", inkOn(drawn.color));
    paint(this.#caret, drawn.color);
    this.#caret.dataset.name = drawn.name;
    this.#caret.dataset.user = drawn.person;
    this.#caret.hidden = caret === null;
    this.#caret.classList.toggle("is-at-edge", drawn.isAtEdge);
    if (caret !== null) put(this.#caret, { ...caret, right: caret.left + 2 });
    this.#select(drawn);
    if (before?.cursor !== drawn.cursor) this.name();
  }

  /** Shows the name for a while. */
  name(): void {
    this.#caret.classList.add("is-named");
    window.clearTimeout(this.#hiding);
    this.#hiding = window.setTimeout(() => this.#caret.classList.remove("is-named"), NAME_MS);
  }

  remove(): void {
    window.clearTimeout(this.#hiding);
    this.#caret.remove();
    for (const row of this.#rows) row.remove();
  }

  #select({ rows, color }: Drawn): void {
    while (this.#rows.length > rows.length) this.#rows.pop()?.remove();
    rows.forEach((box, at) => {
      let row = this.#rows[at];
      if (row === undefined) {
        row = h("span", { class: "remote-selection" });
        this.#rows.push(row);
        this.#layer.prepend(row);
      }
      paint(row, color);
      put(row, box);
    });
  }
}

function paint(element: HTMLElement, color: string): void {
  if (element.style.getPropertyValue("--person") !== color) element.style.setProperty("--person", color);
}

/** `box` in the layer's coordinates. */
export function put(element: HTMLElement, { left, top, right, bottom }: Box): void {
  element.style.transform = `translate(${left}px, ${top}px)`;
  element.style.width = `${right - left}px`;
  element.style.height = `${bottom - top}px`;
}
