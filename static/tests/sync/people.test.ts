import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import { pass, type Person } from "./cast.ts";
import { come, server } from "./stage.ts";

describe("people", () => {
  test("come, move their carets and go", async () => {
    const alice = come("alice");
    const bob = come("bob");
    await pass(100);
    expect(alice.provider.people.map(({ user }) => user).sort()).toEqual(["alice", "bob"]);
    const position = Y.createRelativePositionFromTypeIndex(bob.provider.doc.getText("body"), 3);
    bob.provider.awareness.setLocalStateField("cursor", { anchor: position, head: position });
    await pass(100);
    const state = alice.provider.awareness.getStates().get(bob.provider.doc.clientID);
    expect(state).toMatchObject({ user: { name: "BOB", id: "bob", color: "#336699" } });
    const { head } = state?.["cursor"] as { head: Y.RelativePosition };
    expect(Y.createAbsolutePositionFromRelativePosition(head, alice.provider.doc)?.index).toBe(3);
    expect(alice.provider.awareness.getStates().has(alice.provider.doc.clientID)).toBe(true);
    bob.connection.close();
    await pass(100);
    expect(alice.provider.people.map(({ user }) => user)).toEqual(["alice"]);
    expect(alice.provider.awareness.getStates().has(bob.provider.doc.clientID)).toBe(false);
  });

  test("stay through a short interruption, and are not shown for long without word of them", async () => {
    const alice = come("alice");
    come("bob");
    await pass(100);
    server.reachable = false;
    server.cut();
    await pass(9_000);
    expect(alice.provider.people).toHaveLength(2);
    await pass(2_000);
    expect(alice.provider.people).toHaveLength(0);
  });

  test("a new title is heard", async () => {
    const alice = come("alice");
    const titles: string[] = [];
    const off = alice.provider.on("renamed", (title) => titles.push(title));
    await pass(100);
    server.connected("alice")[0]?.push("renamed", { document: "plan", title: "Second plan" });
    await pass(100);
    off();
    server.connected("alice")[0]?.push("renamed", { document: "plan", title: "Third plan" });
    await pass(100);
    expect(titles).toEqual(["Launch plan", "Second plan"]);
    expect(alice.provider.title).toBe("Third plan");
  });

  test("that comments changed is heard, once the document is open", async () => {
    const alice = come("alice");
    const versions: number[] = [];
    alice.provider.on("commented", ({ version }) => versions.push(version));
    await pass(100);
    server.toEverybody("commented", { document: "plan", version: 7 });
    server.toEverybody("commented", { document: "another", version: 8 });
    await pass(100);
    expect(versions).toEqual([7]);
    server.toEverybody("commented", { document: "plan", version: "nine" });
    await pass(100);
    expect(versions).toEqual([7]);
    expect(alice.errors.splice(0).map(String)).toEqual(["BadFrame: version"]);
  });
});

describe("carets", () => {
  const put = (person: Person, index: number): void => {
    const at = Y.createRelativePositionFromTypeIndex(person.provider.doc.getText("body"), index);
    person.provider.awareness.setLocalStateField("cursor", { anchor: at, head: at });
  };
  const headOf = (payload: Record<string, unknown> | undefined, person: Person): number | undefined => {
    const at = Y.decodeRelativePosition(payload?.["head"] as Uint8Array);
    return Y.createAbsolutePositionFromRelativePosition(at, person.provider.doc)?.index;
  };

  test("go out at most ten times a second, and the latest wins", async () => {
    const alice = come("alice");
    await pass(100);
    for (let i = 0; i < 100; i += 1) {
      put(alice, i % 6);
      await pass(10);
    }
    put(alice, 2);
    await pass(200);
    const sent = server.seen("cursor");
    expect(sent.length).toBeLessThanOrEqual(12);
    expect(sent.length).toBeGreaterThanOrEqual(10);
    expect(headOf(sent.at(-1), alice)).toBe(2);
  });

  test("are not repeated when nothing moved, and are sent again after every open", async () => {
    const alice = come("alice");
    await pass(100);
    for (let i = 0; i < 5; i += 1) {
      put(alice, 3);
      await pass(200);
    }
    expect(server.seen("cursor")).toHaveLength(1);
    server.cut();
    await pass(3_000);
    expect(server.seen("cursor")).toHaveLength(2);
    expect(headOf(server.seen("cursor").at(-1), alice)).toBe(3);
  });

  test("wait for a transport that is busy, as a long poll is, and are not sent while offline", async () => {
    const alice = come("alice");
    await pass(100);
    const [socket] = server.connected("alice");
    if (socket) socket.transport.writable = false;
    put(alice, 1);
    put(alice, 4);
    await pass(1_000);
    expect(server.seen("cursor")).toHaveLength(0);
    if (socket) socket.transport.writable = true;
    await pass(150);
    expect(server.seen("cursor").map((payload) => headOf(payload, alice))).toEqual([4]);
    server.reachable = false;
    server.cut();
    put(alice, 1);
    await pass(60_000);
    expect(server.seen("cursor")).toHaveLength(1);
  });

  test("of a viewer are sent too, of a document that is shut are not", async () => {
    const vera = come("vera");
    await pass(100);
    put(vera, 1);
    await pass(100);
    server.connected("vera")[0]?.push("access", { document: "plan", role: null, code: "forbidden" });
    await pass(100);
    put(vera, 2);
    await pass(500);
    expect(server.seen("cursor")).toHaveLength(1);
  });

  test("of the editor of a replaced document no longer count", async () => {
    const alice = come("alice");
    await pass(100);
    const old = alice.provider.awareness;
    put(alice, 1);
    await pass(200);
    server.replacePlan("restored");
    server.cut();
    await pass(3_000);
    expect(alice.provider.awareness).not.toBe(old);
    put(alice, 2);
    old.setLocalStateField("cursor", null);
    await pass(500);
    expect(server.seen("cursor").at(-1)?.["head"]).not.toBeNull();
  });
});
