/** Who wrote what, read from the transactions of Yjs: an update names the client of every letter in it. */

import * as Y from "yjs";

/** What one client wrote in one go: its clock from `from` up to, not including, `to`. */
export interface Written {
  readonly client: number;
  readonly from: number;
  readonly to: number;
}

/** Nothing of what was merely deleted: updates do not say by whom. */
export function written({ beforeState, afterState }: Pick<Y.Transaction, "beforeState" | "afterState">): Written[] {
  const found: Written[] = [];
  for (const [client, to] of afterState) {
    const from = beforeState.get(client) ?? 0;
    if (to > from) found.push({ client, from, to });
  }
  return found;
}

/** Where what was written begins and ends, as positions that move with the text. */
export function ends({ client, from, to }: Written): { start: Y.RelativePosition; end: Y.RelativePosition } {
  return {
    start: new Y.RelativePosition(null, null, Y.createID(client, from), 0),
    end: new Y.RelativePosition(null, null, Y.createID(client, to - 1), -1),
  };
}

/** One after the other of the same client becomes one. */
export function gather(into: Written[], next: readonly Written[]): void {
  for (const piece of next) {
    const at = into.findIndex(({ client, to }) => client === piece.client && to === piece.from);
    const before = into[at];
    if (before === undefined) into.push(piece);
    else into[at] = { ...before, to: piece.to };
  }
}
