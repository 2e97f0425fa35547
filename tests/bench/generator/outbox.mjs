/** The product's way of saving: one batch in flight, what is written meanwhile is merged into the next. */

import * as Y from "yjs";

// As static/src/sync/outbox.ts has it.
const MERGE_AT_MOST = 100;
const AGAIN = new Set(["busy", "slow_down", "internal"]);

export class Outbox {
  #send;
  #waiting = [];
  #flying = false;

  /** `send(update, done)` calls `done(answer)` with the server's answer. */
  constructor(send) {
    this.#send = send;
  }

  add(update) {
    this.#waiting.push(update);
    this.#next();
  }

  #next() {
    if (this.#flying || this.#waiting.length === 0) return;
    const parts = this.#waiting.splice(0, MERGE_AT_MOST);
    const batch = parts.length === 1 ? parts[0] : Y.mergeUpdates(parts);
    this.#flying = true;
    this.#send(batch, (answer) => {
      this.#flying = false;
      if (answer.ok || !AGAIN.has(answer.code)) return this.#next();
      this.#waiting.unshift(batch);
      setTimeout(() => this.#next(), answer.retry_after_ms ?? 100);
    });
  }
}
