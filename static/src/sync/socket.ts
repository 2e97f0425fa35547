/** The socket.io-client socket behind a line: how it is made, and the part of it that this module uses. */

import { Manager } from "socket.io-client";
import * as parser from "./parser.ts";

export type Transport = "websocket" | "polling";

/** A socket of socket.io-client, used for one attempt and then thrown away. */
export interface SocketLike {
  readonly connected: boolean;
  /** What socket.io would send by itself after a reconnect: kept empty here (trap B3). */
  readonly sendBuffer: { length: number };
  readonly io: { readonly engine?: { readonly transport?: { readonly writable: boolean } } };
  readonly volatile: { emit(event: string, payload: unknown): unknown };
  // socket.io types its listeners by event; here they are narrowed where a frame is read.
  on(event: string, listener: (payload: unknown) => void): unknown;
  emit(event: string, payload: unknown): unknown;
  timeout(ms: number): {
    emit(event: string, payload: unknown, answered: (error: unknown, answer?: unknown) => void): unknown;
  };
  connect(): unknown;
  disconnect(): unknown;
}

/** Makes a socket that has not begun to connect. */
export type SocketFactory = (hint: { readonly pollingFirst: boolean }) => SocketLike;

export interface SocketOptions {
  /** Where the server is; the page's own origin when left out. */
  readonly url?: string;
  /** In the order in which they are tried. */
  readonly transports?: readonly Transport[];
  /** Sent with every request; browsers ignore it on WebSocket. For programs that bring a session cookie. */
  readonly extraHeaders?: Readonly<Record<string, string>>;
}

export function socketFactory(options: SocketOptions): SocketFactory {
  const transports = options.transports ?? ["websocket", "polling"];
  return ({ pollingFirst }) => {
    const settings = {
      parser,
      transports: pollingFirst ? [...transports].reverse() : [...transports],
      tryAllTransports: true,
      autoConnect: false,
      // When to come back is decided in connection.ts (traps B1, B2), and the attempt is timed in line.ts.
      reconnection: false,
      timeout: false as const,
      ...(options.extraHeaders && { extraHeaders: { ...options.extraHeaders } }),
    };
    const manager =
      options.url === undefined ? new Manager(settings as never) : new Manager(options.url, settings as never);
    return manager.socket("/") as unknown as SocketLike;
  };
}
