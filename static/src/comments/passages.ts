/** The text of a document with the place of each character, to quote a passage and to find a quoted one again. */

import type { Node } from "@tiptap/pm/model";
import type { Range } from "./order.ts";

/** So few characters could be anywhere: they are looked for only near where they were. */
const TELLING = 20;
/** In positions. A paragraph that was split or joined is not farther away. */
const NEAR = 300;
/** Without a place to look at, a passage must be one of a kind and no common word. */
const UNIQUE = 8;

export class Passages {
  /** Blocks are lines; what is no text inside of a line, such as a picture, is a space. */
  readonly text: string;
  /** Of each block: where it begins in `text`, and in the document. */
  readonly #blocks: { readonly at: number; readonly pos: number; readonly length: number }[] = [];

  constructor(doc: Node) {
    const lines: string[] = [];
    let at = 0;
    doc.descendants((node, pos) => {
      if (!node.isTextblock) return true;
      const line = node.textBetween(0, node.content.size, null, " ");
      this.#blocks.push({ at, pos: pos + 1, length: line.length });
      lines.push(line);
      at += line.length + 1;
      return false;
    });
    this.text = lines.join("\n");
  }

  /** The words of a passage. */
  between({ from, to }: Range): string {
    const parts: string[] = [];
    for (const { at, pos, length } of this.#blocks) {
      if (pos > to || pos + length < from) continue;
      parts.push(this.text.slice(at + Math.max(0, from - pos), at + Math.min(length, to - pos)));
    }
    return parts.join("\n");
  }

  /** Where `quote` is now. `near` is about where it was, if that is known; of several the nearest is meant. */
  find(quote: string, near: number | null): Range | null {
    if (quote.trim() === "") return null;
    const found: Range[] = [];
    for (let at = this.text.indexOf(quote); at >= 0; at = this.text.indexOf(quote, at + 1)) {
      const range = this.#range(at, quote.length);
      if (range !== null) found.push(range);
    }
    if (near === null) return found.length === 1 && quote.length >= UNIQUE ? (found[0] ?? null) : null;
    const far = ({ from }: Range): number => Math.abs(from - near);
    const nearest = found.sort((a, b) => far(a) - far(b))[0];
    if (nearest === undefined) return null;
    return quote.length >= TELLING || far(nearest) <= NEAR ? nearest : null;
  }

  #range(at: number, length: number): Range | null {
    const from = this.#pos(at, false);
    const to = this.#pos(at + length, true);
    return from === null || to === null || from >= to ? null : { from, to };
  }

  /** The position of an index of `text`; as an end it may stand behind the last character of a line. */
  #pos(index: number, isEnd: boolean): number | null {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#blocks[middle]?.at ?? 0) < index + (isEnd ? 0 : 1)) low = middle;
      else high = middle - 1;
    }
    const block = this.#blocks[low];
    return block === undefined ? null : block.pos + Math.min(block.length, index - block.at);
  }
}
