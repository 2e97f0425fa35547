import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import { pass } from "./cast.ts";
import { refusal } from "./fake-server.ts";
import { come, once, server } from "./stage.ts";

describe("opening", () => {
  test("brings the content, the title, the role and the people", async () => {
    const alice = come("alice");
    expect(alice.provider.status).toEqual({
      connection: { kind: "connecting" },
      words: "saved",
      synced: false,
      role: null,
      refusal: null,
      reason: null,
      pause: null,
    });
    await pass(100);
    expect(alice.text).toBe("plan: ");
    expect(alice.provider.title).toBe("Launch plan");
    expect(alice.provider.status).toMatchObject({ synced: true, role: "owner", connection: { kind: "online" } });
    expect(alice.provider.people.map(({ id, name }) => [id, name])).toEqual([[alice.provider.you, "ALICE"]]);
    expect(server.seen("open")[0]).toEqual({
      document: "plan",
      have: new Uint8Array([0]),
      client_id: alice.provider.doc.clientID,
      epoch: null,
    });
  });

  test("what was written before the first answer is sent after it", async () => {
    const alice = come("alice");
    alice.write("early");
    expect(alice.provider.status.words).toBe("device");
    await pass(100);
    expect(server.text).toContain("early");
    expect(alice.text).toBe(server.text);
    expect(alice.words).toEqual(["device", "sent", "saved"]);
  });

  test("an edit of somebody else that arrives before the answer is not lost", async () => {
    const alice = come("alice");
    await pass(6);
    const other = new Y.Doc();
    other.getText("body").insert(0, "quick");
    server.connected("alice")[0]?.push("edited", { document: "plan", update: Y.encodeStateAsUpdate(other), seq: 1 });
    server.latencyMs = 50;
    await pass(7);
    expect(alice.provider.synced).toBe(false);
    await pass(200);
    expect(alice.text).toContain("quick");
    expect(alice.text).toContain("plan: ");
  });

  test("while one open is under way, another is not asked for", async () => {
    const alice = come("alice");
    await pass(6);
    alice.wake.fire("shown");
    await pass(100);
    expect(server.seen("open")).toHaveLength(1);
    expect(alice.provider.synced).toBe(true);
  });

  test("opened twice is the same provider until it is destroyed", async () => {
    const alice = come("alice");
    expect(alice.connection.open("plan")).toBe(alice.provider);
    await pass(100);
    alice.provider.destroy();
    expect(alice.connection.open("plan")).not.toBe(alice.provider);
    await pass(100);
    expect(server.seen("leave")).toHaveLength(1);
  });

  test("destroy during open, and an answer after a disconnect, change nothing any more", async () => {
    const alice = come("alice");
    await pass(11);
    server.cut();
    await pass(20);
    expect(alice.provider.synced).toBe(false);
    alice.provider.destroy();
    await pass(2_000);
    expect(alice.provider.synced).toBe(false);
    expect(alice.text).toBe("");
  });

  test("destroy sends what is unsaved before it leaves", async () => {
    const alice = come("alice");
    await pass(100);
    alice.write("one ");
    alice.write("two");
    alice.provider.destroy();
    await pass(100);
    expect(server.text).toBe("plan: one two");
    expect(server.received.map(({ event }) => event).at(-1)).toBe("leave");
  });

  test.each(["busy", "slow_down"])("refused as %s is asked again when the server said", async (code) => {
    once("open", refusal(code, 3_000));
    const alice = come("alice");
    await pass(2_900);
    expect(server.seen("open")).toHaveLength(1);
    await pass(700);
    expect(alice.provider.synced).toBe(true);
  });

  test("refused as internal is asked again with back-off", async () => {
    once("open", refusal("internal"));
    const alice = come("alice");
    await pass(1_600);
    expect(alice.provider.synced).toBe(true);
  });

  test("not answered leaves the line and comes again", async () => {
    once("open", "drop");
    const alice = come("alice");
    await pass(17_000);
    expect(server.sockets).toHaveLength(2);
    expect(alice.provider.synced).toBe(true);
  });

  test.each(["not_found", "forbidden"] as const)("refused as %s stops until asked again", async (code) => {
    server.intercept = (_user, event) => (event === "open" ? refusal(code) : undefined);
    const alice = come("alice");
    alice.write("mine");
    await pass(100);
    expect(alice.provider.status).toMatchObject({ role: null, refusal: code });
    expect(alice.drafts).toMatchObject([{ code, text: "mine" }]);
    server.cut();
    await pass(60_000);
    expect(server.seen("open")).toHaveLength(1);
    server.intercept = () => undefined;
    alice.provider.retryNow();
    await pass(100);
    expect(alice.provider.status).toMatchObject({ role: "owner", refusal: null });
    expect(alice.text).toBe("plan: ");
    expect(alice.replaced).toBe(1);
  });

  test("with a client id that is somebody else's is tried with a fresh document", async () => {
    once("open", refusal("bad_frame"));
    const alice = come("alice");
    await pass(2_000);
    const ids = server.seen("open").map((payload) => payload["client_id"]);
    expect(new Set(ids).size).toBe(2);
    expect(alice.text).toBe("plan: ");
  });

  test("always refused as bad_frame is given up", async () => {
    server.intercept = (_user, event) => (event === "open" ? refusal("bad_frame") : undefined);
    const alice = come("alice");
    await pass(120_000);
    expect(server.seen("open")).toHaveLength(3);
    expect(alice.provider.status.refusal).toBe("bad_frame");
  });

  test("an answer that is not what the protocol promises is reported and asked again", async () => {
    once("open", { ok: true, title: 5 });
    const alice = come("alice");
    await pass(2_000);
    expect(alice.provider.synced).toBe(true);
    expect(alice.errors.splice(0)).toMatchObject([{ name: "BadFrame" }]);
  });
});

describe("writing", () => {
  test("has one batch in flight and merges what is written meanwhile; the words say where they are", async () => {
    const alice = come("alice");
    const bob = come("bob");
    await pass(100);
    for (const letter of "hello") alice.write(letter);
    await pass(1);
    expect(alice.provider.status.words).toBe("device");
    await pass(11);
    expect(alice.provider.status.words).toBe("sent");
    await pass(100);
    expect(server.seen("edit")).toHaveLength(2);
    expect(alice.words).toEqual(["sent", "device", "sent", "saved"]);
    expect([server.text, bob.text]).toEqual(["plan: hello", "plan: hello"]);
  });

  test("a lost answer is followed by asking, and the words are sent again", async () => {
    const alice = come("alice");
    await pass(100);
    once("edit", "lose");
    alice.write("a");
    await pass(5_000);
    alice.write("b");
    expect(alice.provider.status.words).toBe("device");
    await pass(10_000);
    expect(server.text).toBe("plan: ab");
    expect(alice.provider.status.words).toBe("saved");
    expect(server.seen("open")).toHaveLength(2);
  });

  test("a line cut with an answer outstanding brings the batch back, in front", async () => {
    const alice = come("alice");
    await pass(100);
    alice.write("a");
    server.cut();
    alice.write("b");
    expect(alice.provider.status.words).toBe("device");
    await pass(2_000);
    expect(server.text).toBe("plan: ab");
    expect(server.seen("edit")).toHaveLength(1);
    expect(alice.words).toEqual(["sent", "device", "sent", "saved"]);
  });

  test("coming back with nothing unsaved sends no edit and shows no unsaved words", async () => {
    const alice = come("alice");
    const bob = come("bob");
    await pass(100);
    alice.write("x");
    alice.erase(0, 2);
    bob.write("y");
    await pass(100);
    const before = server.seen("edit").length;
    alice.words.length = 0;
    bob.words.length = 0;
    server.cut();
    await pass(5_000);
    expect(server.seen("edit")).toHaveLength(before);
    expect([...alice.words, ...bob.words]).toEqual([]);
  });

  test("deletions made offline are sent, although no state vector tells of them", async () => {
    const alice = come("alice");
    await pass(100);
    server.reachable = false;
    server.cut();
    alice.erase(0, 4);
    expect(alice.provider.status.words).toBe("device");
    server.reachable = true;
    await pass(5_000);
    expect(server.text).toBe(": ");
    expect(alice.provider.status.words).toBe("saved");
  });

  test("words that the server has lost are sent again after comparing", async () => {
    const alice = come("alice");
    await pass(100);
    alice.write("lost and found");
    await pass(100);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(alice.provider.doc, new Uint8Array([0])));
    server.plan.doc = new Y.Doc();
    Y.applyUpdate(server.plan.doc, withoutClient(doc, alice.provider.doc.clientID));
    expect(server.text).toBe("plan: ");
    server.cut();
    await pass(3_000);
    expect(server.text).toBe("plan: lost and found");
  });

  test("an edit that builds on something missing makes it ask and resend", async () => {
    const alice = come("alice");
    await pass(100);
    server.replacePlan("");
    server.plan.epoch = 1;
    Y.applyUpdate(server.plan.doc, withoutClient(alice.provider.doc, alice.provider.doc.clientID));
    once("edit", refusal("gap"));
    alice.write("after all");
    await pass(1_000);
    expect(server.seen("open")).toHaveLength(2);
    expect(server.text).toBe("plan: after all");
  });

  test("what builds on something missing for ever becomes a draft after bounded tries", async () => {
    const alice = come("alice");
    await pass(100);
    server.intercept = (_user, event) => (event === "edit" ? refusal("gap") : undefined);
    alice.write("stuck");
    await pass(120_000);
    expect(server.seen("edit")).toHaveLength(6);
    expect(alice.drafts).toMatchObject([{ code: "gap", text: "stuck" }]);
    expect(alice.text).toBe("plan: ");
  });

  test.each(["busy", "slow_down"])("refused as %s goes again when the server said, not before", async (code) => {
    const alice = come("alice");
    await pass(100);
    once("edit", refusal(code, 4_000));
    alice.write("a");
    await pass(1_000);
    alice.write("b");
    await pass(2_900);
    expect(server.seen("edit")).toHaveLength(1);
    expect(alice.provider.status.words).toBe("device");
    await pass(1_000);
    expect(server.text).toBe("plan: ab");
    expect(alice.words).toEqual(["sent", "device", "sent", "saved"]);
  });

  test("refused as internal goes again with back-off", async () => {
    const alice = come("alice");
    await pass(100);
    let left = 3;
    server.intercept = (_user, event) => (event === "edit" && left-- > 0 ? refusal("internal") : undefined);
    alice.write("a");
    await pass(8_000);
    expect(server.seen("edit")).toHaveLength(4);
    expect(server.text).toBe("plan: a");
  });

  test("a code that this client does not know is treated as the server's fault", async () => {
    const alice = come("alice");
    await pass(100);
    once("edit", refusal("something_new"));
    alice.write("a");
    await pass(2_000);
    expect(server.text).toBe("plan: a");
    expect(alice.drafts).toEqual([]);
  });
});

/** Everything of `doc` that this client did not write. */
function withoutClient(doc: Y.Doc, client: number): Uint8Array {
  const without = new Y.Doc();
  const state = Y.decodeStateVector(Y.encodeStateVector(doc));
  const mine = new Map([[client, state.get(client) ?? 0]]);
  Y.applyUpdate(without, Y.diffUpdate(Y.encodeStateAsUpdate(doc), Y.encodeStateVector(mine)));
  return Y.encodeStateAsUpdate(without);
}
