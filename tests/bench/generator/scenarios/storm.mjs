/** Everybody connects at once and opens the same document (W3); afterwards they are idle, and their memory is read. */

import * as Y from "yjs";
import { Processes, Span, median, sleep } from "../measure.mjs";

const DOCUMENT_BYTES = 10_000;
const WORDS = "the quick brown fox jumps over a lazy dog and writes it down for all the others ";

export default async function storm({ documents: [document], people, pids, settle_ms: settle }, connect) {
  const processes = new Processes(pids);
  await fill(document, connect);
  const before = processes.rssKb();
  const span = new Span(processes);
  const start = performance.now();
  const clients = Array.from({ length: people }, (_, index) => connect(document, index, { clientId: 2_000_000 + index }));
  const outcomes = await Promise.allSettled(clients.map((client) => client.ready));
  const used = span.stop();
  const synced = clients.filter((client) => client.times.synced).map((client) => client.times.synced - start);
  await sleep(settle);
  const after = processes.rssKb();
  const idle = new Span(processes);
  await sleep(settle);
  return {
    ...used,
    failed: outcomes.filter((outcome) => outcome.status === "rejected").length,
    first_failure: outcomes.find((outcome) => outcome.status === "rejected")?.reason.message ?? null,
    median_ms: median(synced),
    content_bytes: median(clients.map((client) => client.contentBytes)),
    cut: clients.filter((client) => client.end).length,
    rss_before_kb: before,
    rss_kb: after,
    kb_per_person: (after - before) / people,
    idle_cpu: idle.stop().server_cpu,
  };
}

/** Writes the document and waits until a second person gets it. */
export async function fill(document, connect) {
  const doc = new Y.Doc();
  doc.getText("text").insert(0, WORDS.repeat(Math.ceil(DOCUMENT_BYTES / WORDS.length)).slice(0, DOCUMENT_BYTES));
  const first = connect(document, 0, { clientId: doc.clientID });
  await first.ready;
  first.save(Y.encodeStateAsUpdate(doc));
  await arrives(document, connect, DOCUMENT_BYTES);
  first.close();
}

export async function arrives(document, connect, bytes) {
  for (;;) {
    await sleep(100);
    const reader = connect(document, 1, { clientId: 5 });
    await reader.ready;
    reader.close();
    if (reader.contentBytes >= bytes) return;
  }
}
