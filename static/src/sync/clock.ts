/** Time and chance, injected so that tests decide about both. */

import type { Report } from "./emitter.ts";

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `run` after `ms`; the result cancels it. */
  later(run: () => void, ms: number): () => void;
}

/** Uniform in [0, 1), as `Math.random`. */
export type Random = () => number;

/** What every part of this module is given. */
export interface Tools {
  readonly clock: Clock;
  readonly random: Random;
  /** Gets errors that concern no caller, such as a listener that threw. */
  readonly report: Report;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  later(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** A timer of which only the latest setting counts. */
export class Alarm {
  readonly #clock: Clock;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isSet(): boolean {
    return this.#cancel !== null;
  }

  set(run: () => void, ms: number): void {
    this.clear();
    this.#cancel = this.#clock.later(() => {
      this.#cancel = null;
      run();
    }, ms);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
