/** When to try again. Pure: chance and time come in as arguments. */

import type { Random } from "./clock.ts";

const BASE_MS = 1_000;
const CAP_MS = 30_000;
// A line that opens and drops at once, over and over, must not look healthy.
const STABLE_MS = 60_000;
// A longer wait than this from a server is a fault in it, not a plan.
const LONGEST_SLOT_MS = 300_000;
// A server that answers "again after 0 ms" must not make a client spin.
const SHORTEST_SLOT_MS = 100;

export class Backoff {
  readonly #random: Random;
  #tries = 0;
  #upSince: number | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * The next delay in milliseconds: uniform between a third of a bound and the bound, which doubles from
   * 1.5 s to 30 s. The bound is capped before the draw, so that the spread stays at the cap.
   */
  next(): number {
    const bound = Math.min(CAP_MS, 1.5 * BASE_MS * 2 ** this.#tries);
    this.#tries += 1;
    return bound / 3 + this.#random() * (bound - bound / 3);
  }

  /** The line is up since `now`. Nothing is forgiven yet. */
  up(now: number): void {
    this.#upSince = now;
  }

  /** The line was lost at `now`: the count starts over only after a stable minute. */
  down(now: number): void {
    if (this.#upSince !== null && now - this.#upSince >= STABLE_MS) this.reset();
    this.#upSince = null;
  }

  reset(): void {
    this.#tries = 0;
  }
}

/** A delay that the server named, kept within reason. */
export function slot(ms: number): number {
  return Math.min(LONGEST_SLOT_MS, Math.max(SHORTEST_SLOT_MS, ms));
}

/** Like `slot`, up to a fifth later: many may have been told the same, and nobody may come sooner. */
export function spreadSlot(ms: number, random: Random): number {
  return slot(ms) * (1 + 0.2 * random());
}
