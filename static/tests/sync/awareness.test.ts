import * as Y from "yjs";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { Awareness, type Changes } from "../../src/sync/awareness.ts";
import type { Cursor, Participant } from "../../src/sync/types.ts";

const doc = new Y.Doc();
doc.getText("body").insert(0, "hello");
const at = (index: number): Y.RelativePosition => Y.createRelativePositionFromTypeIndex(doc.getText("body"), index);
const cursor: Cursor = { anchor: Y.encodeRelativePosition(at(1)), head: Y.encodeRelativePosition(at(3)) };
const bob: Participant = {
  id: "p2",
  user: "u-bob",
  name: "Bob",
  color: "#336699",
  clientId: 77,
  role: "editor",
  cursor,
};

let sent: (Cursor | null)[];
let changes: Changes[];
let awareness: Awareness;

beforeEach(() => {
  sent = [];
  changes = [];
  awareness = new Awareness(doc, (each) => sent.push(each), vi.fn());
  awareness.on("change", (change, origin) => origin === "remote" && changes.push(change));
});

describe("awareness for the editor", () => {
  test("shows the others as the server names them, with positions that the cursor plugin reads", () => {
    awareness.show([bob]);
    const state = awareness.getStates().get(77) as { user: unknown; cursor: { anchor: unknown; head: unknown } };
    expect(state.user).toEqual({ id: "u-bob", name: "Bob", color: "#336699" });
    const back = Y.createRelativePositionFromJSON(state.cursor.head);
    expect(Y.createAbsolutePositionFromRelativePosition(back, doc)?.index).toBe(3);
    expect(changes).toEqual([{ added: [77], updated: [], removed: [] }]);
  });

  test("tells additions, changes and removals apart, and nothing when nothing changed", () => {
    awareness.show([bob]);
    awareness.show([bob]);
    awareness.show([{ ...bob, cursor: null }]);
    awareness.show([]);
    expect(changes.map((each) => Object.values(each).map((ids: number[]) => ids.length))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });

  test("hands the local caret on as encoded positions, and null when the editor loses focus", () => {
    awareness.setLocalStateField("cursor", { anchor: at(1), head: at(3) });
    awareness.setLocalStateField("cursor", null);
    expect(sent).toEqual([cursor, null]);
    awareness.setLocalStateField("cursor", JSON.parse(JSON.stringify({ anchor: at(1), head: at(3) })));
    expect(sent.at(-1)).toEqual(cursor);
  });

  test("keeps what the editor says about the local user to itself", () => {
    awareness.setLocalStateField("user", { name: "Somebody else", color: "#000000" });
    expect(sent).toEqual([null]);
  });

  test("is not confused by a ghost that has our own client id, nor by bytes that are no position", () => {
    awareness.setLocalStateField("user", { name: "Alice" });
    awareness.show([{ ...bob, clientId: doc.clientID }, { ...bob, cursor: { anchor: new Uint8Array([9]), head: new Uint8Array() } }]);
    expect(awareness.getLocalState()).toEqual({ user: { name: "Alice" } });
    expect(awareness.states.get(77)?.["cursor"]).toBeNull();
  });

  test("a listener that throws stops neither the others nor us", () => {
    const heard = vi.fn();
    const report = vi.fn();
    const fragile = new Awareness(doc, () => {}, report);
    fragile.on("update", () => {
      throw new Error("view destroyed");
    });
    fragile.on("update", heard);
    fragile.show([bob]);
    expect(heard).toHaveBeenCalledOnce();
    expect(report).toHaveBeenCalledOnce();
  });
});
