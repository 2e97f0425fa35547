/** One types, another watches; the server is killed the moment the last letter was seen (W5). */

import { Processes, sleep, within } from "../measure.mjs";
import { Typist } from "../typist.mjs";

const SEEN_WITHIN_MS = 5_000;

export default async function survival({ documents: [document], seconds, rate, pids }, connect) {
  const processes = new Processes(pids);
  const typist = new Typist(0);
  const writer = connect(document, 0, { clientId: typist.clientId });
  await writer.ready;
  const watcher = connect(document, 1, { clientId: 7 });
  await watcher.ready;
  const letters = Math.round(seconds * rate);
  typist.prepare(letters);
  let seen = 0;
  watcher.onRuns = (runs) => {
    for (let at = 0; at < runs.length; at += 3) seen = Math.max(seen, runs[at + 2]);
    if (seen === letters) processes.kill();
  };
  for (const update of typist.updates) {
    writer.save(update);
    await sleep(1000 / rate);
  }
  if (!(await within(SEEN_WITHIN_MS, () => seen === letters))) processes.kill();
  return { typed: letters, seen };
}
