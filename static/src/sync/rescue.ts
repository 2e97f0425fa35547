/** Words that the server would not take, made readable for the person who wrote them. */

import * as Y from "yjs";
import type { RefusalCode, RescueDraft } from "./types.ts";

/** Client id → clock → the UTF-16 unit that was inserted there. */
type Inserted = Map<number, Map<number, string>>;

/**
 * A draft of `update`, which `doc` contains. The document gives the reading order; what somebody else has deleted
 * there meanwhile comes last, in the order in which it was written.
 */
export function rescueDraft(code: RefusalCode, update: Uint8Array, doc: Y.Doc): RescueDraft {
  const inserted = insertedBy(update);
  const lines = [...linesInOrder(doc, inserted), ...leftovers(inserted)];
  return { code, update, text: lines.join("\n") };
}

/** Which operations an update holds, as a word: equal for the same ones, and for no others that insert something. */
export function operationsOf(update: Uint8Array): string {
  const { from, to } = Y.parseUpdateMeta(update);
  return [...from].map(([client, clock]) => `${client}:${clock}-${to.get(client) ?? clock}`).sort().join(",");
}

function insertedBy(update: Uint8Array): Inserted {
  const { structs, ds } = Y.decodeUpdate(update);
  const inserted: Inserted = new Map();
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) continue;
    const { client, clock } = struct.id;
    const units = inserted.get(client) ?? new Map<number, string>();
    const { str } = struct.content;
    for (let i = 0; i < str.length; i += 1) units.set(clock + i, str.charAt(i));
    inserted.set(client, units);
  }
  // What the person wrote and took back is not missed.
  for (const [client, ranges] of ds.clients) {
    const units = inserted.get(client);
    if (units === undefined) continue;
    for (const { clock, len } of ranges) {
      for (let i = clock; i < clock + len && units.size > 0; i += 1) units.delete(i);
    }
  }
  return inserted;
}

/** One line for each text node, taking what it finds out of `inserted`. */
function linesInOrder(doc: Y.Doc, inserted: Inserted): string[] {
  const lines: string[] = [];
  // A stack instead of recursion: a nested document must not end in a stack overflow.
  const stack: Y.Item[] = [];
  for (const type of [...doc.share.values()].reverse()) if (type._start) stack.push(type._start);
  let line = { parent: null as unknown, text: "" };
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (item.right) stack.push(item.right);
    if (item.deleted) continue;
    if (item.content instanceof Y.ContentType) {
      if (item.content.type._start) stack.push(item.content.type._start);
      continue;
    }
    if (!(item.content instanceof Y.ContentString)) continue;
    const text = taken(inserted, item);
    if (text === "") continue;
    if (line.parent !== item.parent) {
      if (line.text !== "") lines.push(line.text);
      line = { parent: item.parent, text: "" };
    }
    line.text += text;
  }
  if (line.text !== "") lines.push(line.text);
  return lines;
}

function taken(inserted: Inserted, item: Y.Item): string {
  const units = inserted.get(item.id.client);
  if (units === undefined) return "";
  let text = "";
  for (let clock = item.id.clock; clock < item.id.clock + item.length; clock += 1) {
    text += units.get(clock) ?? "";
    units.delete(clock);
  }
  return text;
}

function leftovers(inserted: Inserted): string[] {
  const lines: string[] = [];
  for (const units of inserted.values()) {
    let line = "";
    let expected = -1;
    for (const [clock, unit] of [...units].sort(([a], [b]) => a - b)) {
      if (clock !== expected && line !== "") {
        lines.push(line);
        line = "";
      }
      line += unit;
      expected = clock + 1;
    }
    if (line !== "") lines.push(line);
  }
  return lines;
}
