import * as Y from "yjs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { arrive, pass, type Person } from "./cast.ts";
import { FakeServer, refusal, type Handling } from "./fake-server.ts";

let server: FakeServer;
const present: Person[] = [];

const come = (user: string): Person => {
  const person = arrive(server, user);
  present.push(person);
  return person;
};

/** Answers the next event of this kind so, once. */
function once(kind: string, answer: Handling): void {
  server.intercept = (_user, event) => {
    if (event !== kind) return undefined;
    server.intercept = () => undefined;
    return answer;
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  server.plan.doc.getText("body").insert(0, "plan: ");
});

afterEach(() => {
  for (const person of present.splice(0)) {
    expect(person.errors).toEqual([]);
    person.connection.close();
  }
  vi.useRealTimers();
});

describe("opening", () => {
  test("brings the content, the title, the role and the people", async () => {
    const alice = come("alice");
    expect(alice.provider.status).toEqual({
      connection: { kind: "connecting" },
      words: "saved",
      synced: false,
      role: null,
      refusal: null,
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
    socket?.push("access", { document: "plan", role: null, code: "not_found" });
    await pass(100);
    expect(alice.provider.status).toMatchObject({ role: null, refusal: "not_found" });
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

/** Everything of `doc` that this client did not write. */
function withoutClient(doc: Y.Doc, client: number): Uint8Array {
  const without = new Y.Doc();
  const state = Y.decodeStateVector(Y.encodeStateVector(doc));
  const mine = new Map([[client, state.get(client) ?? 0]]);
  Y.applyUpdate(without, Y.diffUpdate(Y.encodeStateAsUpdate(doc), Y.encodeStateVector(mine)));
  return Y.encodeStateAsUpdate(without);
}
