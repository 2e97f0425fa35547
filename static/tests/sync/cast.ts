/** The people of the tests, each with a connection of their own, in virtual time. */

import { vi } from "vitest";
import { connect, type Connection, type Keeping, type Provider } from "../../src/sync/index.ts";
import type { RescueDraft, Words } from "../../src/sync/types.ts";
import type { Wake, WakeEvent } from "../../src/sync/wake.ts";
import type { FakeServer } from "./fake-server.ts";

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export class FakeWake implements Wake {
  isOnline = true;
  readonly #listeners = new Set<(event: WakeEvent) => void>();

  subscribe(listener: (event: WakeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  fire(event: WakeEvent): void {
    if (event !== "shown") this.isOnline = event === "online";
    for (const listener of this.#listeners) listener(event);
  }
}

export interface Person {
  readonly connection: Connection;
  readonly provider: Provider;
  readonly wake: FakeWake;
  /** Each change of the words, in order. */
  readonly words: Words[];
  readonly drafts: RescueDraft[];
  readonly errors: unknown[];
  replaced: number;
  readonly text: string;
  write(text: string, at?: number): void;
  erase(at: number, length: number): void;
}

export function arrive(
  server: FakeServer,
  user: string,
  random: () => number = () => 0.5,
  keeping: Keeping | null = null,
): Person {
  const wake = new FakeWake();
  const errors: unknown[] = [];
  const connection = connect({
    socket: server.socketsOf(user),
    wake,
    random,
    report: (error) => errors.push(error),
  });
  const provider = connection.open("plan", keeping);
  const person: Person = {
    connection,
    provider,
    wake,
    words: [],
    drafts: [],
    errors,
    replaced: 0,
    get text() {
      return provider.doc.getText("body").toString();
    },
    write(text, at) {
      const body = provider.doc.getText("body");
      body.insert(at ?? body.length, text);
    },
    erase(at, length) {
      provider.doc.getText("body").delete(at, length);
    },
  };
  let words = provider.status.words;
  provider.on("status", (status) => {
    if (status.words === words) return;
    words = status.words;
    person.words.push(words);
  });
  provider.on("rescue", (draft) => person.drafts.push(draft));
  provider.on("replaced", () => (person.replaced += 1));
  return person;
}

/** Lets `ms` pass, with everything that falls due. */
export const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
