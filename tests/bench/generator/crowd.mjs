/**
 * A crowd that connects at one moment and opens a document, in a thread of its own: whoever measures beside it must not
 * wait for its sockets.
 */

import { parentPort, workerData } from "node:worker_threads";
import { OursClient } from "./protocols/ours.mjs";

const { port, document, sessions } = workerData;

parentPort.once("message", async () => {
  const start = performance.now();
  const clients = sessions.map((session, index) => new OursClient({ port, document, session, clientId: 2_000_000 + index }));
  const outcomes = await Promise.allSettled(clients.map((client) => client.ready));
  const failures = outcomes.filter((outcome) => outcome.status === "rejected");
  parentPort.postMessage({
    all_in_ms: Math.max(start, ...clients.map((client) => client.times.synced)) - start,
    failed: failures.length,
    first_failure: failures[0]?.reason.message ?? null,
    told_later: clients.reduce((all, client) => all + (client.refused.busy ?? 0), 0),
  });
});
