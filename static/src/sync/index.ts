/**
 * Collab Rooms' client: documents that several people write at once, over docs/protocol.md.
 *
 *     const connection = connect({ url: "https://rooms.example" });
 *     const provider = connection.open("k3y");
 *     provider.on("status", (status) => …);
 *     provider.on("replaced", () => bindEditorTo(provider.doc, provider.awareness));
 *
 * Works in browsers and in Node; nothing touches `window` before `connect` is called.
 */

import { browserWake, isBrowser } from "./browser.ts";
import { systemClock, type Clock, type Random } from "./clock.ts";
import { Connection } from "./connection.ts";
import { reportToConsole, type Report } from "./emitter.ts";
import type { Provider } from "./provider.ts";
import { socketFactory, type SocketFactory, type SocketOptions } from "./socket.ts";
import { alwaysAwake, type Wake } from "./wake.ts";

export type * from "./types.ts";
export { mayEdit } from "./types.ts";
export { Connection } from "./connection.ts";
export { Provider, type Keeping } from "./provider.ts";
export { openKeep } from "./indexed.ts";
export type { Keep, Kept, KeptCopy, KeptWords } from "./keep.ts";
export type { Awareness, AwarenessListener } from "./awareness.ts";
export type { SocketFactory, SocketLike, SocketOptions, Transport } from "./socket.ts";
export type { Clock, Random, Report, Wake };

export interface ConnectOptions extends SocketOptions {
  /** Network and visibility; the browser's own in a browser, none in a program. */
  readonly wake?: Wake;
  /** Gets errors that concern nobody in particular, such as a listener that threw. */
  readonly report?: Report;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Instead of a socket.io-client socket, as in tests. */
  readonly socket?: SocketFactory;
}

/** Begins to connect, and keeps at it until `close`. One connection serves every document of a page. */
export function connect(options: ConnectOptions = {}): Connection {
  return new Connection({
    socket: options.socket ?? socketFactory(options),
    wake: options.wake ?? (isBrowser() ? browserWake : alwaysAwake),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    report: options.report ?? reportToConsole,
  });
}

let shared: Connection | null = null;

/** Opens `document` (its key) over the page's one connection, which the first call makes. */
export function open(document: string, options: ConnectOptions = {}): Provider {
  shared ??= connect(options);
  return shared.open(document);
}
