/** What is left of a document after the server was started again (W5). */

import * as Y from "yjs";
import { sleep } from "../measure.mjs";

// Some servers answer with an empty document first and broadcast what they load.
const LATE_MS = 500;

export default async function remains({ documents: [document] }, connect) {
  let late = 0;
  const client = connect(document, 0, { clientId: 11, keep: true });
  client.onRuns = (runs) => {
    for (let at = 0; at < runs.length; at += 3) late = Math.max(late, runs[at + 2]);
  };
  await client.ready;
  await sleep(LATE_MS);
  const doc = new Y.Doc();
  Y.applyUpdate(doc, client.content);
  return { letters: Math.max(late, doc.getText("text").length) };
}
