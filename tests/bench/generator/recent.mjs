/** One answer for equal frames: a server sends 200 people the same bytes, and reading them once is enough. */

// Enough for whole reads of frames that wait, one person after the other: a generator that falls behind must not get slower.
const REMEMBERED = 1_024;
// Below this, reading again is as cheap as looking it up.
const WORTH_BYTES = 128;
const SAMPLES = 8;

export class Recent {
  #read;
  #seen = new Map();

  constructor(read) {
    this.#read = read;
  }

  get(frame) {
    if (frame.length < WORTH_BYTES) return this.#read(frame);
    const key = sampled(frame);
    const found = this.#seen.get(key);
    if (found !== undefined && found.frame.equals(frame)) return found.value;
    // A copy: the buffer behind `frame` belongs to the socket.
    const copy = Buffer.from(frame);
    const value = this.#read(copy);
    this.#seen.delete(key);
    this.#seen.set(key, { frame: copy, value });
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.keys().next().value);
    return value;
  }
}

/** A number that differs for most frames: its length and some words, the last ones among them. */
function sampled(frame) {
  let hash = frame.length;
  const step = (frame.length - 4) / (SAMPLES - 1);
  for (let sample = 0; sample < SAMPLES; sample++) {
    hash = (Math.imul(hash, 16_777_619) ^ frame.readInt32LE((sample * step) | 0)) | 0;
  }
  return hash;
}
