/** A device in memory, on which pages come and go: what `indexed.ts` does in a browser. */

import type { Keep, KeptCopy, KeptWords } from "../../src/sync/keep.ts";
import type { Keeping } from "../../src/sync/index.ts";

export class Device {
  copy: KeptCopy | null = null;
  readonly words = new Map<string, KeptWords>();
  #pages = 0;

  /** What a page of that person finds when it is loaded. */
  async page(person: string): Promise<Keeping> {
    const keep = this.#keep(`page ${(this.#pages += 1)}`);
    return { keep, kept: await keep.load(), person };
  }

  #keep(page: string): Keep {
    const put = (words: KeptWords | null): void => {
      for (const key of [...this.words.keys()]) if (key === page || key.startsWith(`${page} `)) this.words.delete(key);
      if (words !== null) this.words.set(page, words);
    };
    return {
      load: async () => {
        const words = [...this.words.values()];
        this.words.clear();
        words.forEach((one, number) => this.words.set(`${page} ${number}`, one));
        return { copy: this.copy, words };
      },
      save: async (copy, words) => {
        this.copy = copy ?? this.copy;
        put(words);
      },
      forget: async (words) => {
        this.copy = null;
        put(words);
      },
    };
  }
}
