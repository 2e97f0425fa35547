/** One attempt to reach the server, and the line that comes of it. Used once: a new attempt is a new Line. */

import { Alarm, type Clock } from "./clock.ts";
import { isFields, readRefusal, readRefusedConnect, type Refusal } from "./messages.ts";
import type { SocketLike } from "./socket.ts";

// The whole way to an accepted CONNECT. Long enough for a slow phone, short enough to try the other transport.
const CONNECT_TIMEOUT_MS = 15_000;

const SERVER_EVENTS = ["edited", "people", "renamed", "commented", "access", "drain", "signed_out"] as const;
export type ServerEvent = (typeof SERVER_EVENTS)[number];

/** What became of a request. `lost`: the line ended before the answer came. */
export type Outcome =
  | { readonly kind: "ok"; readonly answer: Readonly<Record<string, unknown>> }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "timeout" }
  | { readonly kind: "lost" };

/** Why a line ended. `hung`: the server or something on the way did not answer the attempt. */
export type End =
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "hung" }
  | { readonly kind: "lost" };

export interface LineHandlers {
  up(): void;
  /** At most once, and never after `close`. */
  down(end: End): void;
  frame(event: ServerEvent, payload: unknown): void;
}

export class Line {
  readonly #socket: SocketLike;
  readonly #handlers: LineHandlers;
  readonly #attempt: Alarm;
  readonly #waiting = new Set<(outcome: Outcome) => void>();
  #isUp = false;
  #ended = false;

  constructor(socket: SocketLike, handlers: LineHandlers, clock: Clock) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.#attempt = new Alarm(clock);
  }

  start(): void {
    const socket = this.#socket;
    socket.on("connect", () => this.#up());
    socket.on("connect_error", (error) => {
      const refusal = readRefusedConnect(error);
      this.#down(refusal === null ? { kind: "lost" } : { kind: "refused", refusal });
    });
    socket.on("disconnect", () => this.#down({ kind: "lost" }));
    for (const event of SERVER_EVENTS) {
      socket.on(event, (payload) => {
        if (!this.#ended) this.#handlers.frame(event, payload);
      });
    }
    this.#attempt.set(() => this.#down({ kind: "hung" }), CONNECT_TIMEOUT_MS);
    socket.connect();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Sends and waits for the answer. Never rejects; sends nothing when the line is not up. */
  request(event: string, payload: unknown, timeoutMs: number): Promise<Outcome> {
    if (!this.#isUp) return Promise.resolve({ kind: "lost" });
    return new Promise((resolve) => {
      const settle = (outcome: Outcome): void => {
        this.#waiting.delete(settle);
        resolve(outcome);
      };
      this.#waiting.add(settle);
      this.#socket.timeout(timeoutMs).emit(event, payload, (error, answer) => {
        settle(error != null ? { kind: this.#ended ? "lost" : "timeout" } : outcomeOf(answer));
      });
      this.#dropBuffer();
    });
  }

  /** Sends if the transport takes it now; the answer says whether it did. */
  hint(event: string, payload: unknown): boolean {
    if (!this.#isUp || this.#socket.io.engine?.transport?.writable === false) return false;
    this.#socket.volatile.emit(event, payload);
    return !this.#dropBuffer();
  }

  /** Sends without waiting for an answer. */
  tell(event: string, payload: unknown): void {
    if (!this.#isUp) return;
    this.#socket.emit(event, payload);
    this.#dropBuffer();
  }

  /** Ends the line from this side. `down` is not called. */
  close(): void {
    if (this.#end()) this.#socket.disconnect();
  }

  #up(): void {
    if (this.#ended) return;
    this.#attempt.clear();
    this.#isUp = true;
    this.#handlers.up();
  }

  #down(end: End): void {
    if (!this.#end()) return;
    // Not even a half-open attempt may stay behind and connect later.
    this.#socket.disconnect();
    this.#handlers.down(end);
  }

  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#isUp = false;
    this.#attempt.clear();
    for (const settle of [...this.#waiting]) settle({ kind: "lost" });
    return true;
  }

  /**
   * A connected socket still buffers when its heartbeat is overdue, as after sleep. What is buffered here is in the
   * outbox as well, and must not be sent twice.
   */
  #dropBuffer(): boolean {
    if (this.#socket.sendBuffer.length === 0) return false;
    this.#socket.sendBuffer.length = 0;
    return true;
  }
}

function outcomeOf(answer: unknown): Outcome {
  if (!isFields(answer)) return { kind: "refused", refusal: { code: "internal", retryAfterMs: null, reason: null } };
  return answer["ok"] === true ? { kind: "ok", answer } : { kind: "refused", refusal: readRefusal(answer) };
}
