/** All clients of a storm: they arrive one after the other, some write, and at the end every copy is compared. */

import { arrive, type Client } from "./client.ts";
import type { Plan } from "./plan.ts";
import { randomOf } from "./random.ts";
import { verdict, type CopyOf, type Verdict } from "./verdict.ts";
import type { Watcher } from "./watched.ts";
import { textOf, Words } from "./words.ts";

/** A line of output: what happened, to which client, at which millisecond since the epoch. */
export type Say = (what: string, client: number, more?: Readonly<Record<string, unknown>>) => void;

export interface End extends Verdict {
  readonly written: number;
  /** Typed and neither acknowledged nor handed back: still on its way when the time was up. */
  readonly unsaved: number;
  /** Handed back as a draft. */
  readonly refused: number;
  /** Clients that were not back, or whose copy was not the server's, when the time was up. */
  readonly stuck: number;
  readonly errors: readonly string[];
  readonly rss_mb: number;
}

// How many look at the result at a time; it must not be another storm.
const READERS = 10;
const LOOK_MS = 100;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class Person {
  isSynced = false;
  words: Words | null = null;
  client: Client | null = null;
}

export class Crowd {
  readonly #plan: Plan;
  readonly #say: Say;
  readonly #people: Person[];
  readonly #errors = new Set<string>();
  #timers: NodeJS.Timeout[] = [];

  constructor(plan: Plan, say: Say) {
    this.#plan = plan;
    this.#say = say;
    this.#people = plan.sessions.map(() => new Person());
  }

  /** Resolves when each client has its document. */
  async arrive(): Promise<void> {
    const { arrivalsPerSecond, writers } = this.#plan;
    const began = Date.now();
    for (const [number, person] of this.#people.entries()) {
      const early = began + (number * 1_000) / arrivalsPerSecond - Date.now();
      if (early > 0) await pause(early);
      person.client = this.#come(number, this.#watch(number, person));
      if (number < writers) {
        const told = ({ ms }: { ms: number }): void => this.#say("ack", number, { ms });
        person.words = new Words(person.client.provider, `w${number}`, Date.now, told);
      }
    }
    while (!this.#people.every((person) => person.isSynced)) await pause(LOOK_MS);
  }

  /** Each writer writes a word now and then, not in step with the others. */
  type(): void {
    this.stop();
    const { writeEveryMs, seed } = this.#plan;
    const random = randomOf(seed + 1);
    for (const { words } of this.#people) {
      if (words === null) continue;
      const write = (): void => words.write();
      const start = setTimeout(() => this.#timers.push(setInterval(write, writeEveryMs)), random() * writeEveryMs);
      this.#timers.push(start);
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  /** Waits until all is calm, or its time is up, and compares every copy with what was acknowledged. */
  async end(): Promise<End> {
    this.stop();
    const latest = Date.now() + this.#plan.settleMs;
    while (!this.#isCalm() && Date.now() < latest) await pause(LOOK_MS);
    const words = this.#people.flatMap((person) => person.words ?? []);
    const kept = new Map<string, string[]>(this.#plan.documents.map((document) => [document, []]));
    for (const [number, person] of this.#people.entries()) {
      if (person.words !== null) kept.get(this.#documentOf(number))?.push(...person.words.kept);
    }
    const copies = [...this.#copies(), ...(await this.#freshCopies(latest))];
    const states = this.#states();
    const stuck = this.#people.filter((person, number) => !person.isSynced || !this.#isEqual(number, states)).length;
    return {
      ...verdict(kept, copies),
      written: words.reduce((sum, one) => sum + one.written, 0),
      unsaved: words.reduce((sum, one) => sum + one.waiting, 0),
      refused: words.reduce((sum, one) => sum + one.refused, 0),
      stuck,
      errors: [...this.#errors].slice(0, 10),
      rss_mb: Math.round(process.memoryUsage().rss / 1_048_576),
    };
  }

  close(): void {
    this.stop();
    for (const { client } of this.#people) client?.close();
  }

  #documentOf(number: number): string {
    const { documents } = this.#plan;
    return documents[number % documents.length]!;
  }

  #come(number: number, watcher: Watcher): Client {
    const { url, policy, sessions, seed } = this.#plan;
    return arrive({
      url,
      policy,
      session: sessions[number]!,
      document: this.#documentOf(number),
      random: randomOf(seed * 1_000_003 + number),
      watcher,
      report: (error) => this.#errors.add(String(error)),
    });
  }

  #watch(number: number, person: Person): Watcher {
    return {
      attempt: () => this.#say("attempt", number),
      connected: () => this.#say("connected", number),
      failed: (code) => this.#say("failed", number, { code }),
      down: (reason) => {
        person.isSynced = false;
        this.#say("down", number, { reason });
      },
      synced: () => {
        // An open of a line that is up is a comparison, no return.
        if (!person.isSynced) this.#say("synced", number);
        person.isSynced = true;
      },
    };
  }

  #isCalm(): boolean {
    if (!this.#people.every((person) => person.isSynced && (person.words?.waiting ?? 0) === 0)) return false;
    const states = this.#states();
    return this.#people.every((_, number) => this.#isEqual(number, states));
  }

  /** Document → what one of its copies holds. */
  #states(): Map<string, string> {
    const states = new Map<string, string>();
    for (const number of this.#people.keys()) {
      if (!states.has(this.#documentOf(number))) states.set(this.#documentOf(number), this.#stateOf(number));
    }
    return states;
  }

  #stateOf(number: number): string {
    const { client } = this.#people[number]!;
    return client === null ? "" : textOf(client.provider.doc).toString();
  }

  #isEqual(number: number, states: ReadonlyMap<string, string>): boolean {
    return this.#stateOf(number) === states.get(this.#documentOf(number));
  }

  #copies(): CopyOf[] {
    return [...this.#people.keys()].map((number) => ({
      document: this.#documentOf(number),
      text: this.#stateOf(number),
    }));
  }

  /** A copy of each document as somebody has it who comes only now: what the server really kept. */
  async #freshCopies(latest: number): Promise<CopyOf[]> {
    const numbers = this.#plan.documents.map((_, number) => number).filter((number) => number < this.#people.length);
    const copies: CopyOf[] = [];
    const look = async (): Promise<void> => {
      for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
        let isThere = false;
        const nothing = (): void => {};
        const watcher = { attempt: nothing, connected: nothing, failed: nothing, down: nothing };
        const reader = this.#come(number, { ...watcher, synced: () => (isThere = true) });
        while (!isThere && Date.now() < latest + this.#plan.settleMs) await pause(LOOK_MS / 4);
        copies.push({ document: this.#documentOf(number), text: textOf(reader.provider.doc).toString() });
        reader.close();
      }
    };
    await Promise.all(Array.from({ length: READERS }, look));
    return copies;
  }
}
