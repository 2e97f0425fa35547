/**
 * Everything written here that the server has not confirmed. One batch is in flight; what is written
 * meanwhile waits and is merged. Pure; updates are Yjs updates in the v1 encoding.
 */

import * as Y from "yjs";
import type { Words } from "./types.ts";

// The cost of one merge grows faster than the number of its parts: measured flat up to about a hundred.
const MERGE_AT_MOST = 100;
// So many small pieces of one level become one of the next: a day of typing offline stays cheap to keep.
const FOLD = 32;
// Well below the server's limit for one update, so that a long time offline is many batches and not one refusal.
const BATCH_BYTES = 65_536;

/** One sending. Only the batch that is in flight can be acknowledged or returned. */
export interface Batch {
  readonly update: Uint8Array;
}

interface Piece {
  readonly update: Uint8Array;
  /** How many folds made it. */
  readonly level: number;
}

export class Outbox {
  #waiting: Piece[] = [];
  #flying: Batch | null = null;

  /** Takes note of a local change. */
  add(update: Uint8Array): void {
    this.#waiting.push({ update, level: 0 });
    this.#fold();
  }

  /** The next batch, which is in flight from now on; null when one is already, or nothing waits. */
  take(): Batch | null {
    if (this.#flying !== null || this.#waiting.length === 0) return null;
    let count = 0;
    let size = 0;
    for (const { update } of this.#waiting.slice(0, MERGE_AT_MOST)) {
      // A piece over the limit goes alone: it is one change of one person, and the server says if it is too much.
      if (count > 0 && size + update.byteLength > BATCH_BYTES) break;
      size += update.byteLength;
      count += 1;
    }
    const parts = this.#waiting.splice(0, count).map((piece) => piece.update);
    this.#flying = { update: mergeAll(parts) };
    return this.#flying;
  }

  acknowledged(batch: Batch): void {
    if (this.#flying === batch) this.#flying = null;
  }

  /** The batch got no answer: it waits again, in front of everything written later. */
  returned(batch: Batch): void {
    if (this.#flying !== batch) return;
    this.#flying = null;
    this.#waiting.unshift({ update: batch.update, level: 0 });
  }

  /** Like `returned`, whichever batch it is: the line that carried it is gone. */
  recall(): void {
    if (this.#flying !== null) this.returned(this.#flying);
  }

  /** Hands over everything unsaved, batch by batch, as if it were acknowledged: nobody waits for the answers. */
  flush(send: (update: Uint8Array) => void): void {
    this.recall();
    for (let batch = this.take(); batch !== null; batch = this.take()) {
      send(batch.update);
      this.acknowledged(batch);
    }
  }

  /** Everything unsaved as one update, without taking it; null when all is saved. */
  peek(): Uint8Array | null {
    const parts = this.#waiting.map((piece) => piece.update);
    if (this.#flying !== null) parts.unshift(this.#flying.update);
    return parts.length === 0 ? null : mergeAll(parts);
  }

  /** Takes everything unsaved out, as one update. */
  clear(): Uint8Array | null {
    const unsaved = this.peek();
    this.#waiting = [];
    this.#flying = null;
    return unsaved;
  }

  get isEmpty(): boolean {
    return this.#flying === null && this.#waiting.length === 0;
  }

  get isFlying(): boolean {
    return this.#flying !== null;
  }

  /** Bytes that are unsaved. */
  get size(): number {
    return this.#waiting.reduce((sum, { update }) => sum + update.byteLength, this.#flying?.update.byteLength ?? 0);
  }

  get words(): Words {
    if (this.#waiting.length > 0) return "device";
    return this.#flying !== null ? "sent" : "saved";
  }

  #fold(): void {
    for (;;) {
      const last = this.#waiting.slice(-FOLD);
      const level = last[0]?.level;
      const size = last.reduce((sum, { update }) => sum + update.byteLength, 0);
      if (level === undefined || last.length < FOLD || size > BATCH_BYTES) return;
      if (last.some((piece) => piece.level !== level)) return;
      const update = Y.mergeUpdates(last.map((piece) => piece.update));
      this.#waiting.splice(-FOLD, FOLD, { update, level: level + 1 });
    }
  }
}

/** Merges any number of updates, never more than a hundred at once. */
function mergeAll(updates: readonly Uint8Array[]): Uint8Array {
  let level = [...updates];
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += MERGE_AT_MOST) next.push(Y.mergeUpdates(level.slice(i, i + MERGE_AT_MOST)));
    level = next;
  }
  const [merged] = level;
  if (merged === undefined) throw new RangeError("nothing to merge");
  return merged;
}
