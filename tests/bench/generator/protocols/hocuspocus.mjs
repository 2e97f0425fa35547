/** Hocuspocus: y-protocols with the document's name before every message, and a token before the first. */

import { Cursor, varString } from "../bytes.mjs";
import { Recent } from "../recent.mjs";
import { runsOf } from "../structs.mjs";
import { binary } from "../websocket.mjs";
import { YjsClient } from "./yjs.mjs";

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const SYNC_REPLY = 4;
const TOKEN = 0;
const UPDATE = 2;
// What the provider of the measured release calls itself.
const PROVIDER_VERSION = "4.7.0";

const updates = new Recent((message) => {
  const cursor = new Cursor(message);
  cursor.take();
  cursor.at += 2;
  return runsOf(cursor.take());
});

export class HocuspocusClient extends YjsClient {
  path() {
    return "/";
  }

  address() {
    return (this.prefix ??= varString(this.document));
  }

  join() {
    const token = Buffer.concat([this.address(), Buffer.from([AUTH, TOKEN]), varString("token"), varString(PROVIDER_VERSION)]);
    this.write(binary(token));
    super.join();
  }

  received(message) {
    const at = this.address().length;
    const kind = message[at];
    if (kind === AWARENESS) this.onPresence?.();
    if (kind !== SYNC && kind !== SYNC_REPLY) return;
    if (message[at + 1] === UPDATE) this.onRuns?.(updates.get(message));
    else this.step(message[at + 1], message, at + 2);
  }
}
