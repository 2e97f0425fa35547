/** Replays a real editing history through real sockets, its edits dealt out in turns to several people. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { connect, type Connection, type Provider } from "../src/sync/index.ts";

/** Position, number of characters deleted, text inserted. */
type Patch = readonly [number, number, string];

interface Trace {
  readonly startContent: string;
  readonly endContent: string;
  readonly txns: readonly { readonly patches: readonly Patch[] }[];
}

const settings = {
  url: setting("COLLAB_URL"),
  document: setting("COLLAB_DOCUMENT"),
  /** One session cookie a client. */
  sessions: setting("COLLAB_SESSIONS").split(","),
  trace: setting("COLLAB_TRACE"),
  /** How many edits one person makes before the next takes over. */
  turn: Number(setting("COLLAB_TURN")),
};

/** Every so many edits the loop gets a turn, so that batches of all sizes leave. */
const EDITS_A_BREATH = 7;

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

function read(path: string): Trace {
  const bytes = readFileSync(path);
  return JSON.parse((path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()) as Trace;
}

/** Resolves once `done` holds, which is asked again whenever `provider` says something new. */
function until(provider: Provider, done: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (!done()) return;
      provider.doc.off("update", check);
      stop();
      resolve();
    };
    provider.doc.on("update", check);
    const stop = provider.on("status", check);
    check();
  });
}

/** Whether `doc` holds everything that `other` holds. */
function holds(doc: Y.Doc, other: Y.Doc): boolean {
  const clocks = Y.decodeStateVector(Y.encodeStateVector(doc));
  for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(other))) {
    if ((clocks.get(client) ?? 0) < clock) return false;
  }
  return true;
}

const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a real history, dealt out in turns, ends with the exact text everywhere", async () => {
  const trace = read(settings.trace);
  const patches = trace.txns.flatMap((txn) => txn.patches);
  const connections: Connection[] = settings.sessions.map((session) =>
    connect({ url: settings.url, extraHeaders: { Cookie: `sessionid=${session}` } }),
  );
  const providers = connections.map((connection) => connection.open(settings.document));
  await Promise.all(providers.map((provider) => until(provider, () => provider.status.synced)));

  const text = (provider: Provider): Y.Text => provider.doc.getText("text");
  let writer = providers[0]!;
  if (trace.startContent !== "") text(writer).insert(0, trace.startContent);

  for (let start = 0, turn = 0; start < patches.length; start += settings.turn, turn += 1) {
    const next = providers[turn % providers.length]!;
    await until(next, () => holds(next.doc, writer.doc) && text(next).length === text(writer).length);
    writer = next;
    for (const [index, [at, deleted, inserted]] of patches.slice(start, start + settings.turn).entries()) {
      if (deleted > 0) text(writer).delete(at, deleted);
      if (inserted !== "") text(writer).insert(at, inserted);
      if (index % EDITS_A_BREATH === 0) await breath();
    }
  }

  for (const provider of providers) {
    await until(provider, () => provider.status.words === "saved" && holds(provider.doc, writer.doc));
    await until(provider, () => text(provider).length === trace.endContent.length);
    expect(text(provider).toString() === trace.endContent).toBe(true);
  }
  for (const connection of connections) connection.close();
});
