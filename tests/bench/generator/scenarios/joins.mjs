/** Opening a large document: whole, 100 operations behind, first after a restart, fifty at once (W4). */

import { readFileSync } from "node:fs";
import { Processes, Span, median, sleep } from "../measure.mjs";
import { NOTHING } from "../protocols/client.mjs";
import { arrives } from "./storm.mjs";

const AT_ONCE = 50;
const WARM_UP = 3;
const PAUSE_MS = 15;
// y-websocket answers before it has loaded the document: then there is nothing to time.
const EMPTY_BYTES = 1_000;

export default async function joins(config, connect) {
  const { documents: [document], times, hold_ms: hold, upload, behind } = config;
  const processes = new Processes(config.pids);
  let ids = 100;
  const open = (have) => connect(document, ids, { clientId: ids++, have });
  const result = { rss_before_kb: processes.rssKb() };
  // Somebody stays: otherwise some servers put the document away after each visit.
  const host = upload ? await load(readFileSync(upload), document, connect) : await open(NOTHING).ready;
  if (!upload) result.cold_ms = host.contentBytes > EMPTY_BYTES ? waited(host) : null;
  result.rss_loaded_kb = processes.rssKb();
  if (times > 0) {
    await several(open, NOTHING, WARM_UP);
    result.fresh_ms = await several(open, NOTHING, times);
    result.behind_ms = await several(open, readFileSync(behind), times);
    result.together = await together(open, processes);
  }
  await sleep(hold);
  return { ...result, rss_kb: processes.rssKb() };
}

async function load(content, document, connect) {
  const seed = connect(document, 0, { clientId: 99 });
  await seed.ready;
  seed.save(content);
  await arrives(document, connect, content.length / 2);
  return seed;
}

async function one(open, have) {
  const client = open(have);
  await client.ready;
  client.close();
  await sleep(PAUSE_MS);
  return waited(client);
}

const waited = ({ times }) => times.synced - times.asked;

async function several(open, have, times) {
  const all = [];
  for (let round = 0; round < times; round++) all.push(await one(open, have));
  return median(all);
}

async function together(open, processes) {
  const span = new Span(processes);
  const clients = Array.from({ length: AT_ONCE }, () => open(NOTHING));
  await Promise.all(clients.map((client) => client.ready));
  for (const client of clients) client.close();
  return span.stop();
}
