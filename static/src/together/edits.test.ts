import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { ends, gather, type Written, written } from "./edits.ts";

function pair() {
  const here = new Y.Doc();
  const there = new Y.Doc();
  there.on("update", (update: Uint8Array) => Y.applyUpdate(here, update, "server"));
  const heard: Written[][] = [];
  here.on("afterTransaction", (transaction) => {
    if (!transaction.local) heard.push(written(transaction));
  });
  return { here, there, heard };
}

describe("edits", () => {
  test("an edit names its client and what it wrote", () => {
    const { here, there, heard } = pair();
    there.getText("t").insert(0, "Hello");
    there.getText("t").insert(5, " world");
    expect(heard).toEqual([
      [{ client: there.clientID, from: 0, to: 5 }],
      [{ client: there.clientID, from: 5, to: 11 }],
    ]);
    const { start, end } = ends((heard[1] as Written[])[0] as Written);
    const index = (position: Y.RelativePosition) => Y.createAbsolutePositionFromRelativePosition(position, here)?.index;
    expect([index(start), index(end)]).toEqual([5, 11]);
  });

  test("what is only deleted has no author", () => {
    const { there, heard } = pair();
    there.getText("t").insert(0, "Hello");
    there.getText("t").delete(0, 2);
    expect(heard[1]).toEqual([]);
  });

  test("letters typed one after the other are one piece, and another person's are not", () => {
    const pieces: Written[] = [];
    gather(pieces, [{ client: 1, from: 0, to: 1 }]);
    gather(pieces, [{ client: 2, from: 7, to: 9 }, { client: 1, from: 1, to: 2 }]);
    gather(pieces, [{ client: 1, from: 5, to: 6 }]);
    expect(pieces).toEqual([
      { client: 1, from: 0, to: 2 },
      { client: 2, from: 7, to: 9 },
      { client: 1, from: 5, to: 6 },
    ]);
  });
});
