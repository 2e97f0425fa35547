/** What one client writes: words that nobody else writes, and which of them were acknowledged. */

import type * as Y from "yjs";
import type { Provider } from "../sync/index.ts";

export const textOf = (doc: Y.Doc): Y.Text => doc.getText("storm");

export interface Acknowledged {
  readonly word: string;
  /** From the keystroke to the answer that the edit is kept. */
  readonly ms: number;
}

export class Words {
  readonly #provider: Provider;
  readonly #name: string;
  readonly #now: () => number;
  readonly #told: (word: Acknowledged) => void;
  readonly #waiting = new Map<string, number>();
  readonly #kept: string[] = [];
  #written = 0;
  #refused = 0;

  constructor(provider: Provider, name: string, now: () => number, told: (word: Acknowledged) => void) {
    this.#provider = provider;
    this.#name = name;
    this.#now = now;
    this.#told = told;
    provider.on("status", ({ words }) => {
      if (words === "saved") this.#saved();
    });
    // Handed back to the person: neither lost nor acknowledged.
    provider.on("rescue", () => {
      this.#refused += this.#waiting.size;
      this.#waiting.clear();
    });
  }

  write(): void {
    // Before the first `open` there is nothing to write into; no page lets anybody.
    if (!this.#provider.synced) return;
    const word = `${this.#name}-${this.#written}`;
    this.#written += 1;
    this.#waiting.set(word, this.#now());
    const text = textOf(this.#provider.doc);
    text.insert(text.length, `${word} `);
  }

  get kept(): readonly string[] {
    return this.#kept;
  }

  get written(): number {
    return this.#written;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get refused(): number {
    return this.#refused;
  }

  #saved(): void {
    const now = this.#now();
    for (const [word, since] of this.#waiting) {
      this.#kept.push(word);
      this.#told({ word, ms: now - since });
    }
    this.#waiting.clear();
  }
}
