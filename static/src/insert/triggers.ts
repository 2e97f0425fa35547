/** What somebody asks for while typing: `@` a person, `[[` a document, `:` an emoji. */

export type Kind = "person" | "document" | "emoji";

export interface Trigger {
  readonly kind: Kind;
  /** Where the sign stands in the text that was given. */
  readonly from: number;
  readonly query: string;
}

/** Each after a space or an opening bracket, so that addresses, times and code ask for nothing. */
const TRIGGERS: readonly (readonly [Kind, RegExp])[] = [
  ["document", /\[\[([^[\]]{0,60})$/],
  // Names have several words; with a space that begins or ends the question it is a sentence again.
  ["person", /(?<=^|[\s([{"'“‘«/])@((?:[\p{L}\p{N}._'’-]+ ?){0,3})$/u],
  // Two letters at least: `:)` and `: ` are writing.
  ["emoji", /(?<=^|[\s([{"'“‘«]):([a-z0-9+-][a-z0-9_+-]{1,30})$/i],
];

/** `before` is the text of the block before the caret. */
export function triggerIn(before: string): Trigger | null {
  for (const [kind, pattern] of TRIGGERS) {
    const match = pattern.exec(before);
    if (match !== null) return { kind, from: match.index, query: match[1] ?? "" };
  }
  return null;
}
