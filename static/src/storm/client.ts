/** One person of the storm: a real connection under one of the two policies, with one document open. */

import { connect, type Connection, type Provider, type Random } from "../sync/index.ts";
import { socketFactory } from "../sync/socket.ts";
import type { Policy } from "./plan.ts";
import { StockConnection } from "./stock.ts";
import { watched, type Watcher } from "./watched.ts";

export interface ClientOptions {
  readonly url: string;
  readonly policy: Policy;
  readonly session: string;
  readonly document: string;
  readonly random: Random;
  readonly watcher: Watcher;
  readonly report: (error: unknown) => void;
}

export interface Client {
  readonly provider: Provider;
  close(): void;
}

export function arrive({ url, policy, session, document, random, watcher, report }: ClientOptions): Client {
  const extraHeaders = { Cookie: `sessionid=${session}` };
  let connection: Connection | StockConnection;
  if (policy === "default") {
    connection = new StockConnection({ url, extraHeaders, watcher, random, report });
  } else {
    // WebSocket alone: programs have no cookie jar, and through a load balancer long polling needs its cookie.
    const sockets = socketFactory({ url, extraHeaders, transports: ["websocket"] });
    connection = connect({ socket: (hint) => watched(sockets(hint), watcher), random, report });
  }
  const provider = connection.open(document);
  return { provider, close: () => connection.close() };
}
