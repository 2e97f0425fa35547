/** Today's titles of the documents that a text names, asked for together. */

import type { FoundDocument } from "./server.ts";

/** The nodes of a page appear within one task. */
const GATHER_MS = 20;
const AT_ONCE = 50;

export interface Titles {
  /** The title, or null when it is not known: the document is gone, or not this person's to read. */
  of(key: string): Promise<string | null>;
}

export function createTitles(ask: (keys: readonly string[]) => Promise<readonly FoundDocument[]>): Titles {
  const known = new Map<string, Promise<string | null>>();
  let waiting = new Map<string, (title: string | null) => void>();

  const flush = async (): Promise<void> => {
    const asked = [...waiting];
    waiting = new Map();
    for (let start = 0; start < asked.length; start += AT_ONCE) {
      const some = asked.slice(start, start + AT_ONCE);
      const found = await ask(some.map(([key]) => key));
      for (const [key, tell] of some) tell(found.find((one) => one.key === key)?.title ?? null);
    }
  };

  return {
    of(key) {
      let title = known.get(key);
      if (title === undefined) {
        title = new Promise((resolve) => {
          if (waiting.size === 0) setTimeout(() => void flush(), GATHER_MS);
          waiting.set(key, resolve);
        });
        known.set(key, title);
      }
      return title;
    },
  };
}
