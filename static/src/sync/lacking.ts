/** What the server lacks of our own writing, told from its state vector. */

import * as Y from "yjs";

/**
 * An update with everything that `doc`'s own client wrote and that is neither in a server that has `have` nor in
 * `unsaved`; null when there is nothing.
 *
 * A state vector says nothing of deletions, and Yjs puts every deletion there ever was into any answer to one. So
 * `unsaved` is the record of what is to be sent, and the document is asked only when that record has a hole. What
 * others wrote is not ours to send: a server that lacks it is a moment behind its log, and would refuse it.
 */
export function lacking(doc: Y.Doc, have: Uint8Array, unsaved: Uint8Array | null): Uint8Array | null {
  const ours = Y.decodeStateVector(Y.encodeStateVector(doc));
  const written = ours.get(doc.clientID) ?? 0;
  const known = Y.decodeStateVector(have).get(doc.clientID) ?? 0;
  if (written <= known) return null;
  const record = unsaved === null ? null : Y.parseUpdateMeta(unsaved);
  const from = record?.from.get(doc.clientID) ?? Infinity;
  const to = record?.to.get(doc.clientID) ?? 0;
  if (from <= known && to >= written) return null;
  return Y.encodeStateAsUpdate(doc, Y.encodeStateVector(ours.set(doc.clientID, known)));
}
