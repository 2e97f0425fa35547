/** Starts the document page. */

import { connect, openKeep, type Keeping } from "../sync/index.ts";
import { isTakenAway } from "./access.ts";
import { readConfig } from "./config.ts";
import { startDocumentPage } from "./document-page.ts";
import { forgetPage, openWithoutNetwork } from "./offline.ts";

// Browsers have been seen to answer nothing at all when their storage is damaged.
const KEEP_TIMEOUT_MS = 1_000;

const config = readConfig();
const connection = connect(); // Shakes hands while the disk is read.
const keeping = await Promise.race([readKept(), new Promise<null>((resolve) => setTimeout(resolve, KEEP_TIMEOUT_MS, null))]);
const provider = connection.open(config.document, keeping);
startDocumentPage(config, provider);
openWithoutNetwork();
provider.on("status", (status) => {
  if (isTakenAway(status)) forgetPage();
});
window.addEventListener("pagehide", () => provider.keepNow());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") provider.keepNow();
});

/** What this device has of the document; null when it can keep nothing. */
async function readKept(): Promise<Keeping | null> {
  const person = config.person.id;
  try {
    const keep = await openKeep(person, config.document);
    return keep === null ? null : { keep, kept: await keep.load(), person };
  } catch {
    return null;
  }
}
