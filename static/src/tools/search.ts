/** Finding words in blocks of text. No DOM and no ProseMirror: the same code runs in the page and in a worker. */

import { t } from "../page/words.ts";

export interface Query {
  readonly words: string;
  readonly matchCase: boolean;
  readonly wholeWord: boolean;
  /** `words` is a regular expression. */
  readonly expression: boolean;
}

/** The text of one block; `at` is the document position of its first character. */
export interface Block {
  readonly at: number;
  readonly text: string;
}

/** A match in document positions. */
export interface Match {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** What the groups of an expression matched, the first at 0. */
  readonly groups: readonly (string | undefined)[];
}

/** Stands for what is no text inside a line, such as a formula: one character, as it is one position. */
export const OBJECT = "\ufffc";

/** More are not shown: nobody steps through them, and every one is drawn. */
export const MOST_MATCHES = 10_000;

/** The expression is not one; the message says in which way. */
export class BadExpression extends Error {}

/** Throws BadExpression. */
export function compile({ words, matchCase, wholeWord, expression }: Query): RegExp {
  const source = expression ? words : words.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const bounded = wholeWord ? `(?<![\\p{L}\\p{M}\\p{N}_])(?:${source})(?![\\p{L}\\p{M}\\p{N}_])` : source;
  try {
    return new RegExp(bounded, matchCase ? "gu" : "giu");
  } catch (error) {
    throw new BadExpression(reason(error), { cause: error });
  }
}

/** All matches in the order of the text, at most `most`. Matches of nothing, as of `x*`, are left out. */
export function search(blocks: readonly Block[], pattern: RegExp, most = MOST_MATCHES): Match[] {
  const found: Match[] = [];
  for (const { at, text } of blocks) {
    for (const match of text.matchAll(pattern)) {
      if (match[0] === "") continue;
      if (found.length === most) return found;
      const from = at + match.index;
      found.push({ from, to: from + match[0].length, text: match[0], groups: match.slice(1) });
    }
  }
  return found;
}

/** What `match` becomes: in an expression `$1` is its first group, `$&` the whole match and `$$` a dollar sign. */
export function replacementFor(match: Match, template: string, expression: boolean): string {
  if (!expression) return template;
  return template.replace(/\$(\$|&|\d{1,2})/g, (written: string, name: string) => {
    if (name === "$") return "$";
    if (name === "&") return match.text;
    const group = Number(name);
    // As in JavaScript: what names no group stays as it is written.
    if (group === 0 || group > match.groups.length) return written;
    return match.groups[group - 1] ?? "";
  });
}

/** The first match at or behind `position`, or the first of all; -1 when there is none. */
export function nearest(matches: readonly Match[], position: number): number {
  if (matches.length === 0) return -1;
  const behind = matches.findIndex(({ from }) => from >= position);
  return behind === -1 ? 0 : behind;
}

/** Browsers say "Invalid regular expression: /(/gu: Unterminated group"; the end is what helps. */
function reason(error: unknown): string {
  const words = error instanceof Error ? error.message : "";
  const end = words.slice(words.lastIndexOf(": ") + 2).trim();
  if (end === "") return t("This is not a regular expression.");
  return t("This is not a regular expression: {reason}.", { reason: end.toLowerCase() });
}
