/** Which operations an update carries, without integrating it. Source of the format: yjs 13.6 `src/structs/Item.js`. */

import { Cursor } from "./bytes.mjs";

const GC = 0;
const DELETED = 1;
const STRING = 4;
const SKIP = 10;
const HAS_ORIGIN = 0x80;
const HAS_RIGHT_ORIGIN = 0x40;
const HAS_PARENT_SUB = 0x20;

/** Returns [client, first clock, clock after the last, client, …] of an update that inserts text (v1 encoding). */
export function runsOf(update) {
  const cursor = new Cursor(update);
  const runs = [];
  for (let clients = cursor.uint(); clients > 0; clients--) {
    let structs = cursor.uint();
    const client = cursor.uint();
    let clock = cursor.uint();
    let start = clock;
    for (; structs > 0; structs--) {
      const info = cursor.bytes[cursor.at++];
      const length = readStruct(cursor, info);
      if ((info & 31) === SKIP) {
        if (clock > start) runs.push(client, start, clock);
        start = clock + length;
      }
      clock += length;
    }
    if (clock > start) runs.push(client, start, clock);
  }
  return runs;
}

function readStruct(cursor, info) {
  const kind = info & 31;
  if (kind === GC || kind === SKIP) return cursor.uint();
  if (info & HAS_ORIGIN) skipId(cursor);
  if (info & HAS_RIGHT_ORIGIN) skipId(cursor);
  if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
    if (cursor.uint() === 1) cursor.take();
    else skipId(cursor);
    if (info & HAS_PARENT_SUB) cursor.take();
  }
  // The typists write ASCII: a byte is one operation.
  if (kind === STRING) return cursor.take().length;
  if (kind === DELETED) return cursor.uint();
  throw new Error(`an update with content ${kind}: the typists only write text`);
}

function skipId(cursor) {
  cursor.uint();
  cursor.uint();
}
