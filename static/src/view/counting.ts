/** How many words and characters there are. */

import type { Node } from "@tiptap/pm/model";
import { tn } from "../page/words.ts";

export interface Counts {
  readonly words: number;
  /** Spaces included, ends of lines not. */
  readonly characters: number;
}

const NONE: Counts = { words: 0, characters: 0 };

/** These are written without spaces between words; the browser has a dictionary. */
const UNSPACED = /\p{sc=Han}|\p{sc=Hiragana}|\p{sc=Katakana}|\p{sc=Thai}|\p{sc=Lao}|\p{sc=Khmer}|\p{sc=Myanmar}/u;

const LETTER = /[\p{L}\p{N}]/u;

/** Counts texts that it has met before without looking again: of a long document one line changes at a time. */
export class Counter {
  #known = new Map<string, Counts>();

  /** Between two positions of the document. */
  count(doc: Node, from = 0, to: number = doc.content.size): Counts {
    const met = new Map<string, Counts>();
    let sum = NONE;
    doc.nodesBetween(from, to, (node, at) => {
      if (!node.isTextblock) return true;
      const start = Math.max(0, from - at - 1);
      const text = node.textBetween(start, Math.min(node.content.size, to - at - 1), "\n", leafText);
      const counts = this.#known.get(text) ?? met.get(text) ?? countText(text);
      met.set(text, counts);
      sum = { words: sum.words + counts.words, characters: sum.characters + counts.characters };
      return false;
    });
    if (from === 0 && to === doc.content.size) this.#known = met;
    return sum;
  }
}

export function countText(text: string): Counts {
  const line = text.replaceAll("\n", " ");
  const characters = [...text].filter((character) => character !== "\n").length;
  const words = UNSPACED.test(line) ? segments(line) : line.split(/\s+/u).filter((word) => LETTER.test(word)).length;
  return { words, characters };
}

function segments(text: string): number {
  let words = 0;
  for (const { isWordLike } of new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)) {
    if (isWordLike) words += 1;
  }
  return words;
}

/** `1,204 words, 6,950 characters`. */
export function countsText({ words, characters }: Counts, language: string): string {
  const number = (value: number): string => value.toLocaleString(language);
  return [
    tn("{n} word", "{n} words", words, { n: number(words) }),
    tn("{n} character", "{n} characters", characters, { n: number(characters) }),
  ].join(", ");
}

/** A line that ends inside a paragraph ends a word; a name that is mentioned is one. */
function leafText(leaf: Node): string {
  return leaf.type.spec.leafText?.(leaf) ?? (leaf.type.name === "hardBreak" ? "\n" : " ");
}
