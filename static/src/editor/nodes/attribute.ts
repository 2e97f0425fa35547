/** Attributes of nodes that come from whoever wrote the document: each is read as what it may be, or left out. */

import type { Attribute } from "@tiptap/core";

type Spec = Partial<Attribute>;

/** Text of at most `most` characters, written to `data-<name>`. */
export function text(name: string, most = 500): Spec {
  return stored(name, (value) => (typeof value === "string" && value.length <= most ? value : null));
}

/** One of `words`. */
export function word(name: string, words: readonly string[], fallback: string | null = null): Spec {
  return stored(name, (value) => (words.includes(value as string) ? value : fallback), fallback);
}

/** A whole number from `least` to `most`. */
export function number(name: string, least: number, most: number): Spec {
  return stored(name, (value) => {
    const parsed = typeof value === "string" && value !== "" ? Number(value) : value;
    return Number.isInteger(parsed) && (parsed as number) >= least && (parsed as number) <= most ? parsed : null;
  });
}

function stored(name: string, read: (value: unknown) => unknown, fallback: unknown = null): Spec {
  const attribute = `data-${name}`;
  return {
    default: fallback,
    parseHTML: (element) => read(element.getAttribute(attribute)),
    renderHTML: (attributes) => {
      const value = read(attributes[name]);
      return value === null ? {} : { [attribute]: String(value) };
    },
  };
}
