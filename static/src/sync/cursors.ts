/** The local caret on its way: at most ten a second, and the latest wins. */

import { Alarm, type Clock } from "./clock.ts";
import type { Cursor } from "./types.ts";

// Ten a second look smooth; more would be multiplied by everybody in the document.
const INTERVAL_MS = 100;

/** `full`: the transport cannot take it now. `offline`: nothing is sent before the next `open`. */
export type Sent = "sent" | "full" | "offline";

export class CursorSender {
  readonly #send: (cursor: Cursor | null) => Sent;
  readonly #alarm: Alarm;
  #latest: Cursor | null = null;
  #sent: Cursor | null = null;

  constructor(send: (cursor: Cursor | null) => Sent, clock: Clock) {
    this.#send = send;
    this.#alarm = new Alarm(clock);
  }

  set(cursor: Cursor | null): void {
    this.#latest = cursor;
    if (!this.#alarm.isSet) this.#flush();
  }

  /** The server has forgotten the caret: after every `open`. */
  resend(): void {
    this.#sent = null;
    this.set(this.#latest);
  }

  stop(): void {
    this.#alarm.clear();
  }

  #flush(): void {
    // The editor sets the same caret again after every change of others.
    if (same(this.#latest, this.#sent)) return;
    const outcome = this.#send(this.#latest);
    if (outcome === "offline") return;
    if (outcome === "sent") this.#sent = this.#latest;
    this.#alarm.set(() => this.#flush(), INTERVAL_MS);
  }
}

function same(a: Cursor | null, b: Cursor | null): boolean {
  if (a === null || b === null) return a === b;
  return sameBytes(a.anchor, b.anchor) && sameBytes(a.head, b.head);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]);
}
