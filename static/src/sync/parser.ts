/**
 * The `parser` of socket.io-client: one packet is one MessagePack map in one binary frame.
 *
 * socket.io-msgpack-parser will not do: it writes `undefined` as an extension type, does not know
 * `Uint8Array` as binary, and hands binary out as `ArrayBuffer` (trap B9).
 */

import { Decoder as Unpacker, Encoder as Packer, type ExtensionCodecType } from "@msgpack/msgpack";

const CONNECT = 0;
const DISCONNECT = 1;
const EVENT = 2;
const ACK = 3;
const CONNECT_ERROR = 4;

// Emitting one of these names would call socket.io's own handlers.
const RESERVED = new Set(["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]);

export interface Packet {
  type: number;
  nsp: string;
  data?: unknown;
  id?: number;
}

type Fields = Record<string, unknown>;

const isMap = (value: unknown): value is Fields => {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const noExtensions: ExtensionCodecType<undefined> = {
  tryToEncode(value) {
    if (Array.isArray(value) || value instanceof Uint8Array || isMap(value)) return null;
    // A Date would become an extension, an ArrayBuffer an empty map.
    throw new TypeError("only plain values, arrays, maps and Uint8Array can be sent");
  },
  decode() {
    throw new TypeError("extension types are refused");
  },
};

export class Encoder {
  readonly #packer = new Packer({ ignoreUndefined: true, extensionCodec: noExtensions });

  encode({ type, nsp, data, id }: Packet): Uint8Array[] {
    // A copy of exactly the packet's size: the transport may hold it for a while.
    return [this.#packer.encode({ type, nsp, data, id })];
  }
}

export class Decoder {
  readonly #unpacker = new Unpacker({ extensionCodec: noExtensions });
  readonly #listeners = new Set<(packet: Packet) => void>();

  on(_event: "decoded", listener: (packet: Packet) => void): void {
    this.#listeners.add(listener);
  }

  off(_event: "decoded", listener: (packet: Packet) => void): void {
    this.#listeners.delete(listener);
  }

  /** Throws on anything but a packet; the manager closes the transport then. */
  add(frame: unknown): void {
    const packet = checked(this.#unpacker.decode(bytesOf(frame)));
    for (const listener of [...this.#listeners]) listener(packet);
  }

  /** Nothing is kept between frames. */
  destroy(): void {}
}

/** Browsers deliver ArrayBuffer, Node a Buffer whose slices would be Buffers too: both become Uint8Array. */
function bytesOf(frame: unknown): Uint8Array {
  if (frame instanceof ArrayBuffer) return new Uint8Array(frame);
  if (ArrayBuffer.isView(frame)) return new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength);
  throw new TypeError("a packet is a binary frame");
}

function checked(value: unknown): Packet {
  if (!isMap(value)) throw new TypeError("a packet is a map");
  const { type, nsp } = value;
  // Nil is how the other side spells "absent".
  const data = value["data"] ?? undefined;
  const id = value["id"] ?? undefined;
  if (typeof nsp !== "string") throw new TypeError("a packet has a namespace");
  if (id !== undefined && !(Number.isSafeInteger(id) && (id as number) >= 0)) {
    throw new TypeError("a packet id is a whole number");
  }
  if (typeof type !== "number" || !fits(type, data, id)) throw new TypeError("not a packet of this protocol");
  const packet: Packet = { type, nsp };
  if (data !== undefined) packet.data = type === CONNECT_ERROR && typeof data === "string" ? { message: data } : data;
  if (id !== undefined) packet.id = id as number;
  return packet;
}

function fits(type: number, data: unknown, id: unknown): boolean {
  switch (type) {
    case CONNECT:
      return data === undefined || isMap(data);
    case DISCONNECT:
      return data === undefined;
    case EVENT:
      return Array.isArray(data) && typeof data[0] === "string" && !RESERVED.has(data[0]);
    case ACK:
      return Array.isArray(data) && id !== undefined;
    case CONNECT_ERROR:
      return typeof data === "string" || isMap(data);
    default:
      return false;
  }
}
