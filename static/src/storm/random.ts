/** Chance that a seed repeats. */

import type { Random } from "../sync/index.ts";

/** Uniform in [0, 1); xorshift32 over a scrambled seed, so that neighbouring seeds are strangers. */
export function randomOf(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) ^ 0x85ebca6b;
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}
