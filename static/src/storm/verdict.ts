/** Whether every acknowledged word is in every copy. Pure. */

export interface CopyOf {
  readonly document: string;
  readonly text: string;
}

export interface Verdict {
  readonly acknowledged: number;
  /** Acknowledged words that at least one copy does not have. */
  readonly lost: number;
  /** Up to ten of them, for whoever looks for the reason. */
  readonly missing: readonly string[];
  /** Documents whose copies differ. */
  readonly diverged: number;
  readonly copies: number;
}

/** `kept`: document → the words acknowledged in it. A document without a copy has lost them all. */
export function verdict(kept: ReadonlyMap<string, readonly string[]>, copies: readonly CopyOf[]): Verdict {
  const texts = new Map<string, string[]>();
  for (const { document, text } of copies) texts.set(document, [...(texts.get(document) ?? []), text]);
  const missing: string[] = [];
  let acknowledged = 0;
  for (const [document, words] of kept) {
    acknowledged += words.length;
    // Many copies of one text are looked through once.
    const different = [...new Set(texts.get(document) ?? [""])].map((text) => new Set(text.split(" ")));
    missing.push(...words.filter((word) => different.some((has) => !has.has(word))));
  }
  const diverged = [...texts.values()].filter((all) => new Set(all).size > 1).length;
  return { acknowledged, lost: missing.length, missing: missing.slice(0, 10), diverged, copies: copies.length };
}
