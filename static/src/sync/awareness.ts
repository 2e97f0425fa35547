/**
 * Who is here and where, in the shape that y-tiptap's cursor plugin expects of
 * y-protocols' `Awareness`. Not that class: there every client names itself, here the server does.
 */

import * as Y from "yjs";
import { Emitter, type Report } from "./emitter.ts";
import type { Cursor, Participant } from "./types.ts";

export type State = Record<string, unknown>;

export interface Changes {
  readonly added: number[];
  readonly updated: number[];
  readonly removed: number[];
}

export type AwarenessListener = (changes: Changes, origin: "local" | "remote") => void;

// The protocol's limit for one encoded position.
const POSITION_BYTES = 256;

export class Awareness {
  readonly doc: Y.Doc;
  readonly clientID: number;
  /** Client id → state; the local one included. */
  readonly states = new Map<number, State>();
  readonly #events: Emitter<{ change: AwarenessListener; update: AwarenessListener }>;
  readonly #onCursor: (cursor: Cursor | null) => void;
  #shown = new Map<number, Participant>();

  /** `onCursor` gets the local caret whenever the editor sets it; nothing else of the local state leaves. */
  constructor(doc: Y.Doc, onCursor: (cursor: Cursor | null) => void, report: Report) {
    this.doc = doc;
    this.#events = new Emitter(report);
    this.clientID = doc.clientID;
    this.#onCursor = onCursor;
    this.states.set(this.clientID, {});
  }

  getStates(): Map<number, State> {
    return this.states;
  }

  getLocalState(): State | null {
    return this.states.get(this.clientID) ?? null;
  }

  setLocalState(state: State | null): void {
    const before = this.getLocalState();
    if (state === null) this.states.delete(this.clientID);
    else this.states.set(this.clientID, state);
    const changed = [this.clientID];
    this.#emit(
      {
        added: before === null && state !== null ? changed : [],
        updated: before !== null && state !== null ? changed : [],
        removed: before !== null && state === null ? changed : [],
      },
      "local",
    );
    this.#onCursor(encoded(state?.["cursor"]));
  }

  setLocalStateField(field: string, value: unknown): void {
    const state = this.getLocalState();
    if (state !== null) this.setLocalState({ ...state, [field]: value });
  }

  on(event: "change" | "update", listener: AwarenessListener): void {
    this.#events.on(event, listener);
  }

  off(event: "change" | "update", listener: AwarenessListener): void {
    this.#events.off(event, listener);
  }

  /** Shows the others as the server describes them. */
  show(others: readonly Participant[]): void {
    const next = new Map<number, Participant>();
    // Our own client id in another participant is the ghost of an earlier line.
    for (const other of others) if (other.clientId !== this.clientID) next.set(other.clientId, other);
    const changes: Changes = { added: [], updated: [], removed: [] };
    for (const [clientId, other] of next) {
      const before = this.#shown.get(clientId);
      if (before === other) continue;
      this.states.set(clientId, stateOf(other));
      (before === undefined ? changes.added : changes.updated).push(clientId);
    }
    for (const clientId of this.#shown.keys()) {
      if (next.has(clientId)) continue;
      this.states.delete(clientId);
      changes.removed.push(clientId);
    }
    this.#shown = next;
    if (changes.added.length + changes.updated.length + changes.removed.length > 0) this.#emit(changes, "remote");
  }

  #emit(changes: Changes, origin: "local" | "remote"): void {
    this.#events.emit("change", changes, origin);
    this.#events.emit("update", changes, origin);
  }
}

function stateOf({ user, name, color, cursor }: Participant): State {
  return { user: { id: user, name, color }, cursor: decoded(cursor) };
}

function decoded(cursor: Cursor | null): { anchor: Y.RelativePosition; head: Y.RelativePosition } | null {
  if (cursor === null) return null;
  try {
    return { anchor: Y.decodeRelativePosition(cursor.anchor), head: Y.decodeRelativePosition(cursor.head) };
  } catch {
    // The bytes are another client's. A caret that cannot be read is not drawn; the words do not depend on it.
    return null;
  }
}

function encoded(cursor: unknown): Cursor | null {
  if (cursor == null) return null;
  const { anchor, head } = cursor as { anchor: unknown; head: unknown };
  const pair = { anchor: position(anchor), head: position(head) };
  const fits = pair.anchor.byteLength <= POSITION_BYTES && pair.head.byteLength <= POSITION_BYTES;
  return fits ? pair : null;
}

function position(value: unknown): Uint8Array {
  return Y.encodeRelativePosition(Y.createRelativePositionFromJSON(value));
}
