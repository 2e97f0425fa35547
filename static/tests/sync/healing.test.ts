import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import { pass } from "./cast.ts";
import { come, server } from "./stage.ts";

describe("healing", () => {
  test("an edit whose ground is missing makes it ask, and not more often than once a second", async () => {
    const alice = come("alice");
    await pass(2_000);
    const other = new Y.Doc();
    const updates: Uint8Array[] = [];
    other.on("update", (update: Uint8Array) => updates.push(update));
    for (const letter of "abc") other.getText("body").insert(other.getText("body").length, letter);
    Y.applyUpdate(server.plan.doc, Y.encodeStateAsUpdate(other));
    const [, second, third] = updates;
    for (const update of [second, third]) {
      server.connected("alice")[0]?.push("edited", { document: "plan", update: update as Uint8Array, seq: 2 });
    }
    await pass(100);
    expect(alice.text).toContain("abc");
    expect(server.seen("open")).toHaveLength(2);
  });

  test("a frame that cannot be read is reported and does not end the line", async () => {
    const alice = come("alice");
    await pass(100);
    server.connected("alice")[0]?.push("edited", { document: "plan", update: "no bytes", seq: 2 });
    await pass(100);
    expect(alice.errors.splice(0)).toMatchObject([{ name: "BadFrame" }]);
    expect(alice.connection.state.kind).toBe("online");
  });

  test("a listener that throws stops neither the words nor the others", async () => {
    const alice = come("alice");
    alice.provider.on("status", () => {
      throw new Error("a page's fault");
    });
    await pass(100);
    alice.write("x");
    await pass(100);
    expect(server.text).toBe("plan: x");
    expect(alice.errors.splice(0).length).toBeGreaterThan(0);
  });
});
