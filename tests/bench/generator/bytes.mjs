/** Variable-length numbers and byte strings as lib0 writes them: what Yjs and its protocols are made of. */

export function varUint(value) {
  const bytes = [];
  while (value > 127) {
    bytes.push((value % 128) | 128);
    value = Math.floor(value / 128);
  }
  bytes.push(value);
  return Buffer.from(bytes);
}

export const varBytes = (bytes) => Buffer.concat([varUint(bytes.length), bytes]);

export const varString = (text) => varBytes(Buffer.from(text));

/** Reads forward through bytes that somebody else may reuse later: what it hands out is a view, not a copy. */
export class Cursor {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  uint() {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  take() {
    const length = this.uint();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}
