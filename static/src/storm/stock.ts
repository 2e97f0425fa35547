/**
 * The same documents over socket.io-client as it comes: its Manager reconnects by itself, with its default delays, and
 * knows nothing of slots. What an application gets that leaves the matter to its library.
 */

import { Manager } from "socket.io-client";
import { systemClock, type Random } from "../sync/clock.ts";
import { Line } from "../sync/line.ts";
import * as parser from "../sync/parser.ts";
import { Provider } from "../sync/provider.ts";
import type { Report, SocketLike } from "../sync/index.ts";
import type { ConnectionState } from "../sync/types.ts";
import { watched, type Watcher } from "./watched.ts";

// These are told to the line by hand.
const OWN = new Set(["connect", "disconnect", "connect_error"]);

export interface StockOptions {
  readonly url: string;
  readonly extraHeaders: Readonly<Record<string, string>>;
  readonly watcher: Watcher;
  readonly random: Random;
  readonly report: Report;
}

export class StockConnection {
  readonly #options: StockOptions;
  readonly #manager: Manager;
  readonly #socket: SocketLike;
  #state: ConnectionState = { kind: "connecting" };
  #provider: Provider | null = null;
  #line: Line | null = null;
  #closed = false;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StockOptions) {
    this.#options = options;
    const { url, extraHeaders, watcher } = options;
    // Everything about reconnecting is left at its default.
    this.#manager = new Manager(url, {
      parser,
      transports: ["websocket"],
      autoConnect: false,
      extraHeaders: { ...extraHeaders },
    });
    this.#manager.on("reconnect_attempt", () => watcher.attempt());
    const socket = this.#manager.socket("/");
    this.#socket = watched(socket as unknown as SocketLike, watcher);
    socket.on("connect", () => this.#up());
    socket.on("disconnect", () => {
      this.#down();
      if (!socket.active) this.#ask();
    });
    socket.on("connect_error", () => {
      if (!socket.active) this.#ask();
    });
    this.#socket.connect();
  }

  /** The one document of this client. */
  open(document: string): Provider {
    this.#provider = new Provider(
      document,
      {
        connection: () => this.#state,
        retryNow: () => {},
        stop: () => this.close(),
        suspect: () => this.#manager.engine?.close(),
        forget: () => {},
      },
      { clock: systemClock, random: this.#options.random, report: this.#options.report },
    );
    if (this.#line !== null) this.#provider.lineUp(this.#line);
    return this.#provider;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    this.#provider?.destroy();
    this.#socket.disconnect();
  }

  /**
   * A socket that the server refused or closed does not come back by itself (traps B1, B10). Every application has to
   * do something then; this one does what socket.io's guide shows, a second later.
   */
  #ask(): void {
    if (this.#closed) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#socket.connect(), this.#manager.reconnectionDelay());
  }

  #up(): void {
    this.#state = { kind: "online" };
    const line = new Line(this.#established(), { up: () => {}, down: () => {}, frame: this.#frame }, systemClock);
    line.start();
    this.#line = line;
    this.#provider?.lineUp(line);
  }

  #down(): void {
    this.#state = { kind: "connecting" };
    this.#line?.close();
    this.#line = null;
    this.#provider?.lineDown();
  }

  readonly #frame = (event: Parameters<Provider["frame"]>[0], payload: unknown): void => {
    if (event === "drain" || event === "signed_out") return;
    this.#provider?.frame(event, payload as Readonly<Record<string, unknown>>);
  };

  /** A Line is made for one connection; this socket has many. Each time it looks like one that has just connected. */
  #established(): SocketLike {
    const socket = this.#socket;
    const raw = this.#manager.socket("/");
    const added: [string, (payload: unknown) => void][] = [];
    return {
      get connected() {
        return socket.connected;
      },
      sendBuffer: socket.sendBuffer,
      get io() {
        return socket.io;
      },
      get volatile() {
        return socket.volatile;
      },
      on(event, listener) {
        added.push([event, listener]);
        if (!OWN.has(event)) raw.on(event, listener);
      },
      emit: (event, payload) => socket.emit(event, payload),
      timeout: (ms) => socket.timeout(ms),
      connect() {
        for (const [event, listener] of added) if (event === "connect") listener(undefined);
      },
      disconnect() {
        for (const [event, listener] of added) raw.off(event, listener);
      },
    };
  }
}
