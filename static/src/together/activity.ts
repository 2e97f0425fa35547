/** What each person is doing, as far as their edits and carets tell. Times are milliseconds since the epoch. */

import { t, tn } from "../page/words.ts";

export type Activity = "writing" | "here" | "idle" | "away";

/** Between two words people think for about so long. */
export const WRITING_MS = 3_000;
export const IDLE_MS = 2 * 60_000;
export const AWAY_MS = 10 * 60_000;

export class Activities {
  readonly #moved = new Map<string, number>();
  readonly #wrote = new Map<string, number>();

  moved(person: string, now: number): void {
    this.#moved.set(person, now);
  }

  wrote(person: string, now: number): void {
    this.#moved.set(person, now);
    this.#wrote.set(person, now);
  }

  of(person: string, now: number): Activity {
    if (now - (this.#wrote.get(person) ?? -Infinity) < WRITING_MS) return "writing";
    const still = now - (this.#moved.get(person) ?? now);
    return still < IDLE_MS ? "here" : still < AWAY_MS ? "idle" : "away";
  }

  /** Forgets everybody but these: whoever comes back has just come. */
  keep(persons: ReadonlySet<string>): void {
    for (const known of [this.#moved, this.#wrote]) {
      for (const person of known.keys()) if (!persons.has(person)) known.delete(person);
    }
  }
}

/** `Bob is writing…`, `Bob and Carol are writing…`, `3 people are writing…`; empty when nobody is. */
export function writingText(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return "";
  if (second === undefined) return t("{name} is writing…", { name: first });
  if (names.length === 2) return t("{first} and {second} are writing…", { first, second });
  return tn("{n} person is writing…", "{n} people are writing…", names.length);
}
