/** A WebSocket client on a raw socket. Browsers' and `ws`'s are fine, but their cost would be the limit of the measurement. */

import { randomBytes } from "node:crypto";
import net from "node:net";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** What came in so far, over all lines. */
export const traffic = { frames: 0, bytes: 0 };

// All sockets are read on one thread, each read is finished before the next: one buffer does for all.
const readInto = Buffer.allocUnsafe(1 << 20);

export const text = (string) => masked(TEXT, Buffer.from(string));
export const binary = (bytes) => masked(BINARY, bytes);

/** One client frame. The mask is zero: it must be there, and nobody in between needs protection from these bytes. */
function masked(opcode, payload) {
  const size = payload.length;
  const extra = size < 126 ? 0 : size < 65_536 ? 2 : 8;
  const frame = Buffer.alloc(6 + extra + size);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extra === 0 ? size : extra === 2 ? 126 : 127);
  if (extra === 2) frame.writeUInt16BE(size, 2);
  if (extra === 8) frame.writeBigUInt64BE(BigInt(size), 2);
  frame.set(payload, 6 + extra);
  return frame;
}

/**
 * `onText(string)` and `onBinary(view)` get whole messages; a view is only good during the call. `onEnd(error)` is
 * called once, whatever ended the line.
 */
export class WebSocketLine {
  #handlers;
  #rest = null;
  #upgraded = false;
  #ended = false;
  #reason = null;

  constructor({ port, path, headers = {}, ...handlers }) {
    this.#handlers = handlers;
    const onread = { buffer: readInto, callback: (size) => (this.#received(readInto.subarray(0, size)), true) };
    this.socket = net.connect({ host: "127.0.0.1", port, noDelay: true, onread });
    this.socket.on("connect", () => this.socket.write(handshake(port, path, headers)));
    this.socket.on("error", (error) => (this.#reason ??= error));
    this.socket.on("close", () => this.#end());
  }

  write(frame) {
    this.socket.write(frame);
  }

  close() {
    this.#ended = true;
    this.socket.destroy();
  }

  #end() {
    if (this.#ended) return;
    this.#ended = true;
    this.#handlers.onEnd(this.#reason ?? new Error("the server hung up"));
  }

  #received(chunk) {
    traffic.bytes += chunk.length;
    let data = chunk;
    if (this.#rest !== null) {
      data = Buffer.concat([this.#rest, chunk]);
      this.#rest = null;
    }
    let at = this.#upgraded ? 0 : this.#upgrade(data);
    if (this.#upgraded) at = this.#frames(data, at);
    if (at < data.length) this.#rest = Buffer.from(data.subarray(at));
  }

  #upgrade(data) {
    const end = data.indexOf("\r\n\r\n");
    if (end < 0) return 0;
    const head = data.toString("latin1", 0, end);
    if (!head.startsWith("HTTP/1.1 101")) {
      this.#reason = new Error(`refused: ${head.split("\r\n")[0]}`);
      this.socket.destroy();
      return data.length;
    }
    this.#upgraded = true;
    this.#handlers.onUpgraded?.();
    return end + 4;
  }

  #frames(data, at) {
    for (;;) {
      if (data.length - at < 2) return at;
      let size = data[at + 1] & 127;
      let start = at + 2;
      if (size === 126) {
        if (data.length < at + 4) return at;
        size = data.readUInt16BE(at + 2);
        start += 2;
      } else if (size === 127) {
        if (data.length < at + 10) return at;
        size = Number(data.readBigUInt64BE(at + 2));
        start += 8;
      }
      if (data.length < start + size) return at;
      if (data[at] & 0x40) throw new Error("a compressed frame: deflate is never offered here");
      this.#message(data[at] & 15, data.subarray(start, start + size));
      at = start + size;
    }
  }

  #message(opcode, payload) {
    traffic.frames += 1;
    if (opcode === BINARY) this.#handlers.onBinary?.(payload);
    else if (opcode === TEXT) this.#handlers.onText?.(payload.toString());
    else if (opcode === PING) this.write(masked(PONG, Buffer.from(payload)));
    else if (opcode === CLOSE) this.#reason ??= new Error(`closed by the server: ${closing(payload)}`);
    else throw new Error(`a frame with opcode ${opcode}: messages in pieces are not expected`);
  }
}

const closing = (payload) => (payload.length < 2 ? "no code" : `${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`);

function handshake(port, path, headers) {
  const lines = {
    Host: `127.0.0.1:${port}`,
    Origin: `http://127.0.0.1:${port}`,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
    "Sec-WebSocket-Version": "13",
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${head.join("")}\r\n`;
}
