/** Collab Rooms (docs/protocol.md): Engine.IO 4 on WebSocket, Socket.IO packets in MessagePack, a session cookie. */

import { decode, encode } from "@msgpack/msgpack";
import { Outbox } from "../outbox.mjs";
import { Recent } from "../recent.mjs";
import { runsOf } from "../structs.mjs";
import { WebSocketLine, binary, text } from "../websocket.mjs";
import { Client } from "./client.mjs";

const CONNECT = 0;
const EVENT = 2;
const ACK = 3;
const CONNECT_ERROR = 4;
// A client comes up to this share of its wait later than it was told.
const LATER_SHARE = 0.2;

const packets = new Recent((frame) => {
  const packet = decode(frame);
  if (packet.type === EVENT && packet.data[0] === "edited") packet.runs = runsOf(packet.data[1].update);
  return packet;
});

export class OursClient extends Client {
  #ids = 0;
  #answers = new Map();
  #outbox = new Outbox((update, done) => this.request("edit", { document: this.document, update }, done));

  constructor(options) {
    super(options);
    this.#dial();
  }

  #dial() {
    this.line = new WebSocketLine({
      port: this.port,
      path: "/socket.io/?EIO=4&transport=websocket",
      headers: this.session === null ? {} : { Cookie: `sessionid=${this.session}` },
      onText: (message) => this.#engine(message),
      onBinary: (frame) => this.#packet(packets.get(frame)),
      onEnd: (error) => this.ended(error),
    });
  }

  /** As the product's own client: one batch in flight, the rest waits and is merged. */
  save(update) {
    this.#outbox.add(update);
  }

  /** One update in a frame of its own, with the number for its answer: what the product's client does only when idle. */
  frameOf(update) {
    return this.#event("edit", { document: this.document, update }, this.#number((answer) => this.#noted(answer)));
  }

  moveCursor(position) {
    const place = Buffer.alloc(20, position % 128);
    this.write(this.#event("cursor", { document: this.document, anchor: place, head: place }));
  }

  request(name, payload, done) {
    const id = this.#number((answer) => done(this.#noted(answer)));
    this.write(this.#event(name, payload, id));
  }

  #noted(answer) {
    if (!answer.ok) this.refuse(answer.code);
    return answer;
  }

  #number(done) {
    this.#answers.set(++this.#ids, done);
    return this.#ids;
  }

  #event(name, payload, id) {
    const packet = { type: EVENT, nsp: "/", data: [name, payload] };
    if (id !== undefined) packet.id = id;
    return binary(encode(packet));
  }

  #engine(message) {
    if (message[0] === "0") this.write(binary(encode({ type: CONNECT, nsp: "/" })));
    else if (message === "2") this.write(text("3"));
  }

  #packet(packet) {
    if (packet.type === EVENT) this.#heard(packet);
    else if (packet.type === ACK) this.#answered(packet.id, packet.data[0]);
    else if (packet.type === CONNECT) this.#open();
    else if (packet.type === CONNECT_ERROR) this.#notLetIn(packet.data);
  }

  /** Whoever is told to come later does, as docs/protocol.md says. */
  #notLetIn(refusal) {
    this.close();
    this.refuse(refusal.message);
    const wait = refusal.data?.retry_after_ms;
    if (wait === undefined) this.ended(new Error(`CONNECT refused: ${JSON.stringify(refusal)}`));
    else setTimeout(() => this.#dial(), wait * (1 + LATER_SHARE * Math.random()));
  }

  #heard(packet) {
    if (packet.runs !== undefined) this.onRuns?.(packet.runs);
    else if (packet.data[0] === "people") this.onPresence?.();
  }

  #answered(id, answer) {
    const done = this.#answers.get(id);
    this.#answers.delete(id);
    done?.(answer);
  }

  #open() {
    this.asked();
    const { document, have, clientId } = this;
    this.request("open", { document, have, client_id: clientId, epoch: null }, (answer) => {
      if (answer.ok) this.synced(answer.update);
      else this.ended(new Error(`open refused: ${answer.code} ${answer.message}`));
    });
  }
}
