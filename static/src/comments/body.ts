/** The words of a comment: plain text, in which addresses can be followed. */

import { safeHref } from "../editor/links.ts";

export interface Piece {
  readonly text: string;
  /** Where a piece leads that is an address. */
  readonly href: string | null;
}

const ADDRESS = /https?:\/\/[^\s<>"]+/gi;

/** What ends a sentence is seldom meant to be a part of the address before it. */
const TAIL = /[.,;:!?'"”’»]+$/;

export function pieces(body: string): readonly Piece[] {
  const result: Piece[] = [];
  let done = 0;
  const plain = (to: number): void => {
    if (to > done) result.push({ text: body.slice(done, to), href: null });
  };
  for (const match of body.matchAll(ADDRESS)) {
    let text = match[0].replace(TAIL, "");
    if (text.endsWith(")") && !text.includes("(")) text = text.slice(0, -1).replace(TAIL, "");
    const href = safeHref(text);
    if (href === null) continue;
    plain(match.index);
    result.push({ text, href });
    done = match.index + text.length;
  }
  plain(body.length);
  return result;
}
