/** Where a position is after a transaction, also one that came from others. */

import type { Node } from "@tiptap/pm/model";
import type { Transaction } from "@tiptap/pm/state";
import { ySyncPluginKey } from "@tiptap/y-tiptap";

export type Move = (position: number, side: 1 | -1) => number;

/** What comes from others replaces the whole document; what really changed is found by comparing. */
export function moved(transaction: Transaction, before: Node): Move {
  const { mapping } = transaction;
  if (transaction.getMeta(ySyncPluginKey) === undefined) return (position, side) => mapping.map(position, side);
  const { content } = transaction.doc;
  const start = before.content.findDiffStart(content);
  const end = before.content.findDiffEnd(content);
  if (start === null || end === null) return (position) => position;
  // Where the same letters stand on both sides of a change the two ends may cross.
  const overlap = Math.max(0, start - Math.min(end.a, end.b));
  const [endBefore, endAfter] = [end.a + overlap, end.b + overlap];
  return (position, side) => {
    if (position <= start) return position;
    if (position >= endBefore) return position + endAfter - endBefore;
    return side === 1 ? endAfter : start;
  };
}
