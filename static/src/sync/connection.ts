/** One line to the server for the whole page: when to try, when to wait, when to stop. */

import { Backoff, slot, spreadSlot } from "./backoff.ts";
import { Alarm, type Tools } from "./clock.ts";
import { Emitter } from "./emitter.ts";
import { Line, type End, type ServerEvent } from "./line.ts";
import { isFields, readSlot, type Refusal } from "./messages.ts";
import { Provider, type Keeping } from "./provider.ts";
import type { SocketFactory } from "./socket.ts";
import type { ConnectionEvents, ConnectionState, RefusalCode } from "./types.ts";
import type { Wake, WakeEvent } from "./wake.ts";

// When a network comes back it comes back for the whole office.
const WAKE_JITTER_MS = 500;
// Somebody who leafs through tabs must not ask for everything each time.
const PROBE_INTERVAL_MS = 10_000;
// Whoever changes the password, or signs in again, in another tab has a new session by then: one look is worth it.
const SECOND_LOOK_MS = 1_000;

export interface Parts extends Tools {
  readonly socket: SocketFactory;
  readonly wake: Wake;
}

export class Connection {
  readonly #parts: Parts;
  readonly #events: Emitter<ConnectionEvents>;
  readonly #providers = new Map<string, Provider>();
  readonly #backoff: Backoff;
  readonly #next: Alarm;
  readonly #drain: Alarm;
  readonly #sleep: () => void;
  #state: ConnectionState = { kind: "connecting" };
  #line: Line | null = null;
  /** The time that the server gave us to come back; waking up does not jump that queue. */
  #slotAt = 0;
  #probedAt = 0;
  #pollingFirst = false;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#events = new Emitter(parts.report);
    this.#backoff = new Backoff(parts.random);
    this.#next = new Alarm(parts.clock);
    this.#drain = new Alarm(parts.clock);
    this.#sleep = parts.wake.subscribe((event) => this.#woken(event));
    this.#attempt();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Calls `listener` at every change of `state`; the result takes it off. */
  on<K extends keyof ConnectionEvents>(event: K, listener: ConnectionEvents[K]): () => void {
    return this.#events.on(event, listener);
  }

  off<K extends keyof ConnectionEvents>(event: K, listener: ConnectionEvents[K]): void {
    this.#events.off(event, listener);
  }

  /** The provider of `document` (its key). The same one until it is destroyed. `keeping`: what this device has of it. */
  open(document: string, keeping: Keeping | null = null): Provider {
    if (this.#closed) throw new Error("the connection is closed");
    const known = this.#providers.get(document);
    if (known !== undefined) return known;
    const host = {
      connection: () => this.#state,
      retryNow: () => this.retryNow(),
      stop: (code: RefusalCode) => this.#stop(code),
      suspect: (line: Line) => this.#suspect(line),
      forget: () => this.#providers.delete(document),
    };
    const provider = new Provider(document, host, this.#parts, keeping);
    this.#providers.set(document, provider);
    if (this.#line?.isUp) provider.lineUp(this.#line);
    return provider;
  }

  /** Tries now instead of later: from waiting, offline and stopped (as after signing in again). */
  retryNow(): void {
    if (!this.#closed && this.#line === null) this.#attempt();
  }

  /** Leaves for good, with every provider. */
  close(): void {
    if (this.#closed) return;
    for (const provider of [...this.#providers.values()]) provider.destroy();
    this.#closed = true;
    this.#sleep();
    this.#next.clear();
    this.#drop();
    this.#events.clear();
  }

  #attempt(): void {
    this.#next.clear();
    this.#slotAt = 0;
    const line: Line = new Line(
      this.#parts.socket({ pollingFirst: this.#pollingFirst }),
      {
        up: () => this.#up(line),
        down: (end) => this.#down(end),
        frame: (event, payload) => this.#frame(event, payload),
      },
      this.#parts.clock,
    );
    this.#line = line;
    this.#enter(this.#parts.wake.isOnline ? { kind: "connecting" } : { kind: "offline" });
    line.start();
  }

  #up(line: Line): void {
    this.#backoff.up(this.#parts.clock.now());
    this.#enter({ kind: "online" });
    for (const provider of [...this.#providers.values()]) provider.lineUp(line);
  }

  #down(end: End): void {
    // A way on which an upgrade hangs gives no error that would make socket.io try the other transport.
    if (end.kind === "hung") this.#pollingFirst = !this.#pollingFirst;
    this.#drop();
    if (end.kind === "refused") this.#refused(end.refusal);
    else this.#waitFor(this.#backoff.next());
  }

  #refused({ code, retryAfterMs, reason }: Refusal): void {
    if (code === "signed_out") this.#stop(code);
    else if (retryAfterMs !== null) this.#waitForSlot(spreadSlot(retryAfterMs, this.#parts.random), reason);
    else this.#waitFor(this.#backoff.next());
  }

  #stop(code: RefusalCode): void {
    this.#next.clear();
    this.#drop();
    this.#enter({ kind: "stopped", code });
  }

  /** The session ended. The browser may have another by now; if not, the answer to that stops for good. */
  #signedOut(): void {
    this.#stop("signed_out");
    this.#next.set(() => this.#attempt(), SECOND_LOOK_MS);
  }

  /** The line answers nothing any more although nobody said that it is gone. */
  #suspect(line: Line): void {
    if (line !== this.#line) return;
    this.#drop();
    this.#waitFor(this.#backoff.next());
  }

  /** Lets go of the line, whatever its state. */
  #drop(): void {
    this.#drain.clear();
    this.#line?.close();
    this.#line = null;
    this.#backoff.down(this.#parts.clock.now());
    for (const provider of [...this.#providers.values()]) provider.lineDown();
  }

  #waitFor(ms: number, reason: string | null = null): void {
    const now = this.#parts.clock.now();
    const retryAt = Math.max(now + ms, this.#slotAt);
    this.#next.set(() => this.#attempt(), retryAt - now);
    // The browser may be wrong about having no network: attempts go on, they are only not announced.
    const waiting = { kind: "waiting", retryAt, ...(reason !== null && { reason }) } as const;
    this.#enter(this.#parts.wake.isOnline ? waiting : { kind: "offline" });
  }

  #waitForSlot(ms: number, reason: string | null): void {
    this.#slotAt = this.#parts.clock.now() + ms;
    this.#waitFor(ms, reason);
  }

  #frame(event: ServerEvent, payload: unknown): void {
    if (event === "signed_out") this.#signedOut();
    else if (event === "drain") this.#drained(payload);
    else if (isFields(payload) && typeof payload["document"] === "string") {
      this.#providers.get(payload["document"])?.frame(event, payload);
    }
  }

  /** Stays until its slot, so that the move costs the person nothing; if the server goes sooner, comes back then. */
  #drained(payload: unknown): void {
    let ms: number;
    try {
      ms = slot(readSlot(payload));
    } catch (error) {
      this.#parts.report(error);
      return;
    }
    this.#slotAt = this.#parts.clock.now() + ms;
    this.#drain.set(() => {
      this.#drop();
      this.#attempt();
    }, ms);
  }

  #woken(event: WakeEvent): void {
    if (this.#closed || this.#state.kind === "stopped") return;
    if (event === "offline") {
      this.#drop();
      this.#waitFor(this.#backoff.next());
    } else if (this.#line?.isUp) {
      this.#probe();
    } else if (this.#line === null) {
      this.#waitFor(this.#parts.random() * WAKE_JITTER_MS);
    }
  }

  /** Asks on the line that is believed to be up; no answer within seconds means that it is not. */
  #probe(): void {
    const now = this.#parts.clock.now();
    if (now - this.#probedAt < PROBE_INTERVAL_MS) return;
    this.#probedAt = now;
    for (const provider of this.#providers.values()) provider.probe();
  }

  #enter(state: ConnectionState): void {
    if (state.kind === this.#state.kind && state.kind !== "waiting" && state.kind !== "stopped") return;
    this.#state = state;
    this.#events.emit("state", state);
    for (const provider of [...this.#providers.values()]) provider.connectionChanged();
  }
}
