/**
 * y-protocols on a WebSocket: y-websocket's server and pycrdt-websocket, with the document in the path.
 *
 * A message is [sync = 0 | awareness = 1, …]; a sync message [step 1 = 0 | step 2 = 1 | update = 2, bytes].
 */

import { Cursor, varBytes, varUint } from "../bytes.mjs";
import { Recent } from "../recent.mjs";
import { runsOf } from "../structs.mjs";
import { WebSocketLine, binary } from "../websocket.mjs";
import { Client, EMPTY_UPDATE } from "./client.mjs";

const SYNC = 0;
const AWARENESS = 1;
const STEP_1 = 0;
const STEP_2 = 1;
const UPDATE = 2;

const updates = new Recent((message) => runsOf(new Cursor(message, 2).take()));

export class YjsClient extends Client {
  constructor(options) {
    super(options);
    this.clock = 0;
    this.line = new WebSocketLine({
      port: this.port,
      path: this.path(),
      onUpgraded: () => this.join(),
      onBinary: (message) => this.received(message),
      onEnd: (error) => this.ended(error),
    });
  }

  path() {
    return `/${this.document}`;
  }

  /** What stands before every message. */
  address() {
    return Buffer.alloc(0);
  }

  join() {
    this.asked();
    this.write(this.message(SYNC, STEP_1, this.have));
  }

  frameOf(update) {
    return this.message(SYNC, UPDATE, update);
  }

  moveCursor(position) {
    const state = { user: { name: `Person ${this.clientId}`, color: "#336699" }, cursor: { anchor: position, head: position } };
    this.clock += 1;
    const entry = [varUint(1), varUint(this.clientId), varUint(this.clock), varBytes(Buffer.from(JSON.stringify(state)))];
    this.write(binary(Buffer.concat([this.address(), varUint(AWARENESS), varBytes(Buffer.concat(entry))])));
  }

  message(kind, step, bytes) {
    return binary(Buffer.concat([this.address(), Buffer.from([kind, step]), varBytes(bytes)]));
  }

  received(message) {
    if (message[0] === AWARENESS) this.onPresence?.();
    if (message[0] !== SYNC) return;
    if (message[1] === UPDATE) this.onRuns?.(updates.get(message));
    else this.step(message[1], message, 2);
  }

  step(step, message, at) {
    if (step === STEP_2) this.synced(new Cursor(message, at).take());
    else if (step === STEP_1) this.write(this.message(SYNC, STEP_2, EMPTY_UPDATE));
  }
}
