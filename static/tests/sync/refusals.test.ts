import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import { createDrafts, draftsKey } from "../../src/page/drafts.ts";
import { operationsOf } from "../../src/sync/rescue.ts";
import { MemoryStorage } from "../memory-storage.ts";
import { pass } from "./cast.ts";
import { refusal } from "./fake-server.ts";
import { come, once, server } from "./stage.ts";

describe("refused words", () => {
  test("forbidden: the screen shows what the others see, read-only, and the words are a draft", async () => {
    const alice = come("alice");
    await pass(100);
    server.roles.set("alice", "viewer");
    const held = alice.provider.doc;
    alice.write("not mine to write");
    await pass(8);
    alice.write(", really");
    await pass(100);
    expect(alice.drafts[0]).toMatchObject({ code: "forbidden", text: "not mine to write, really" });
    expect(alice.provider.doc).not.toBe(held);
    expect(alice.replaced).toBe(1);
    expect(alice.text).toBe("plan: ");
    expect(alice.provider.status).toMatchObject({ role: "viewer", refusal: "forbidden", words: "saved" });
    expect(alice.drafts).toHaveLength(1);
  });

  test("what is typed between the refusal and the fresh copy becomes a draft too", async () => {
    const alice = come("alice");
    await pass(100);
    server.roles.set("alice", "viewer");
    alice.write("first");
    await pass(11);
    alice.write(" second");
    await pass(100);
    expect(alice.drafts.map(({ text }) => text)).toEqual(["first", " second"]);
    expect(alice.text).toBe("plan: ");
  });

  test.each(["too_large", "bad_frame", "stale_epoch"] as const)("%s: a draft, and a fresh copy to go on with", async (code) => {
    const alice = come("alice");
    await pass(100);
    once("edit", refusal(code));
    alice.write("refused");
    await pass(100);
    expect(alice.drafts).toMatchObject([{ code, text: "refused" }]);
    expect(alice.text).toBe("plan: ");
    expect(alice.provider.status).toMatchObject({ role: "owner", refusal: null, words: "saved" });
    alice.write("accepted");
    await pass(100);
    expect(server.text).toBe("plan: accepted");
  });

  test("a full document: whoever types on has every letter in one draft", async () => {
    const alice = come("alice");
    await pass(100);
    server.intercept = (_user, event) => (event === "edit" ? refusal("too_large") : undefined);
    const kept = createDrafts(new MemoryStorage(), draftsKey("alice", "full"));
    alice.provider.on("rescue", ({ code, text, update }) => {
      kept.add({ code, text, at: Date.now(), of: [operationsOf(update)] });
    });
    for (const letter of "hello all") {
      alice.write(letter);
      await pass(150);
    }
    expect(kept.all).toMatchObject([{ code: "too_large", text: "hello all" }]);
    expect(alice.text).toBe("plan: ");
    expect(alice.provider.status).toMatchObject({ role: "owner", words: "saved" });
  });

  test("not_found: stops, and the words are a draft", async () => {
    const alice = come("alice");
    await pass(100);
    once("edit", refusal("not_found"));
    alice.write("mine");
    await pass(100);
    expect(alice.drafts).toMatchObject([{ code: "not_found", text: "mine" }]);
    expect(alice.provider.status).toMatchObject({ role: null, refusal: "not_found" });
    expect(alice.provider.people).toEqual([]);
  });

  test.each(["edit", "open", "access"] as const)("quarantined, told by %s: the words are a draft, and opened again when asked", async (way) => {
    const alice = come("alice");
    await pass(100);
    let isDamaged = true;
    server.intercept = (_user, event) => (isDamaged && (event === "open" || event === "edit") ? refusal("quarantined") : undefined);
    if (way === "open") server.cut();
    alice.write("mine");
    if (way === "access") {
      server.connected("alice")[0]?.push("access", { document: "plan", role: null, code: "quarantined", reason: null });
    }
    await pass(5_000);
    expect(alice.drafts).toMatchObject([{ code: "quarantined", text: "mine" }]);
    expect(alice.provider.status).toMatchObject({ role: null, refusal: "quarantined" });
    const asked = server.seen("open").length;
    await pass(60_000);
    expect(server.seen("open")).toHaveLength(asked);
    isDamaged = false;
    alice.provider.retryNow();
    await pass(200);
    expect(alice.provider.status).toMatchObject({ role: "owner", refusal: null });
    expect(alice.text).toBe("plan: ");
  });

  test("a spoilt copy sends nothing, even when the fresh one is refused for a while", async () => {
    const alice = come("alice");
    await pass(100);
    let opens = 2;
    server.intercept = (_user, event) => {
      if (event === "edit") return refusal("stale_epoch");
      return event === "open" && opens-- > 0 ? refusal("busy", 1_000) : undefined;
    };
    alice.write("one");
    await pass(500);
    alice.write("two");
    await pass(5_000);
    expect(server.seen("edit")).toHaveLength(1);
    expect(alice.drafts.map(({ text }) => text)).toEqual(["one", "two"]);
    expect(alice.text).toBe("plan: ");
  });
});

describe("a new lineage", () => {
  test("found when coming back: a new document takes the place of the old, and unsaved words are a draft", async () => {
    const alice = come("alice");
    await pass(100);
    server.cut();
    alice.write("offline words");
    server.replacePlan("restored");
    await pass(3_000);
    expect(alice.text).toBe("restored");
    expect(alice.replaced).toBe(1);
    expect(alice.drafts).toMatchObject([{ code: "stale_epoch", text: "offline words" }]);
    expect(server.seen("edit")).toEqual([]);
    alice.write("!");
    await pass(100);
    expect(server.text).toBe("restored!");
  });

  test("with nothing unsaved there is no draft", async () => {
    const alice = come("alice");
    await pass(100);
    server.replacePlan("restored");
    server.cut();
    await pass(3_000);
    expect([alice.text, alice.replaced, alice.drafts]).toEqual(["restored", 1, []]);
  });

  test("edits of the new lineage that arrive before the answer do not end up in the old copy", async () => {
    const alice = come("alice");
    await pass(100);
    server.cut();
    server.replacePlan("restored");
    const held = alice.provider.doc;
    await pass(1_007);
    server.latencyMs = 20;
    const more = new Y.Doc();
    more.getText("body").insert(0, "more");
    server.connected("alice")[0]?.push("edited", { document: "plan", update: Y.encodeStateAsUpdate(more), seq: 1 });
    await pass(1_000);
    expect(held.getText("body").toString()).toBe("plan: ");
    expect(alice.text).toContain("restored");
    expect(alice.text).toContain("more");
  });
});

describe("access", () => {
  test("a smaller role makes read-only, and unsent words a draft", async () => {
    const alice = come("alice");
    await pass(100);
    once("edit", "drop");
    alice.write("in flight");
    server.roles.set("alice", "viewer");
    server.connected("alice")[0]?.push("access", { document: "plan", role: "viewer", code: null });
    await pass(100);
    expect(alice.provider.status).toMatchObject({ role: "viewer", refusal: null });
    expect(alice.drafts).toMatchObject([{ code: "forbidden", text: "in flight" }]);
    expect(alice.text).toBe("plan: ");
  });

  test("taken away: stops, and given back: opens again with a copy that has no refused words", async () => {
    const alice = come("alice");
    await pass(100);
    once("edit", "drop");
    alice.write("unsaved");
    const [socket] = server.connected("alice");
    socket?.push("access", { document: "plan", role: null, code: "not_found", reason: "removed" });
    await pass(100);
    expect(alice.provider.status).toMatchObject({ role: null, refusal: "not_found", reason: "removed" });
    expect(alice.drafts).toMatchObject([{ code: "not_found", text: "unsaved" }]);
    socket?.push("access", { document: "plan", role: "editor", code: null });
    await pass(100);
    expect(alice.provider.status).toMatchObject({ role: "owner", refusal: null });
    expect(alice.text).toBe("plan: ");
  });

  test("writing although read-only becomes one draft, and the copy is taken back", async () => {
    const vera = come("vera");
    await pass(100);
    for (const letter of "oops") vera.write(letter);
    await pass(100);
    expect(vera.drafts).toMatchObject([{ code: "forbidden", text: "oops" }]);
    expect(vera.text).toBe("plan: ");
    expect(server.seen("edit")).toEqual([]);
  });

  test("words written as one person are not sent as another who signed in meanwhile", async () => {
    const alice = come("alice");
    await pass(100);
    server.cut();
    alice.write("by alice");
    (server.sockets.at(-1) as { user: string }).user = "alice";
    server.intercept = (_user, event) => {
      const [socket] = server.connected();
      if (event === "open" && socket) Object.assign(socket, { user: "bob" });
      return undefined;
    };
    await pass(3_000);
    expect(alice.drafts).toMatchObject([{ code: "signed_out", text: "by alice" }]);
    expect(server.text).toBe("plan: ");
  });
});
