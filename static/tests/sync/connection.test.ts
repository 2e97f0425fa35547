import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ConnectionState } from "../../src/sync/types.ts";
import { arrive, pass, seeded, type Person } from "./cast.ts";
import { FakeServer, refusal } from "./fake-server.ts";

let server: FakeServer;
const present: Person[] = [];

const come = (user = "alice", random?: () => number): Person => {
  const person = arrive(server, user, random);
  present.push(person);
  return person;
};
const kind = (person: Person): ConnectionState["kind"] => person.connection.state.kind;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
});

afterEach(() => {
  for (const person of present.splice(0)) person.connection.close();
  vi.useRealTimers();
});

describe("coming back", () => {
  test("a first attempt that fails is followed by others, further and further apart", async () => {
    server.reachable = false;
    const alice = come();
    const seen: ConnectionState["kind"][] = [kind(alice)];
    alice.connection.on("state", (state) => seen.push(state.kind));
    await pass(20_000);
    // At 0 s, then after about 1, 2, 4 and 8 s; the next would be at 31 s.
    expect(server.sockets).toHaveLength(5);
    expect(seen).toEqual(["connecting", ...Array(5).fill(["waiting", "connecting"]).flat()].slice(0, 10));
    server.reachable = true;
    await pass(30_000);
    expect(kind(alice)).toBe("online");
  });

  test("B1: a disconnect by the server is no reason to stay away", async () => {
    const alice = come();
    await pass(100);
    server.connected()[0]?.lose("io server disconnect");
    expect(kind(alice)).toBe("waiting");
    await pass(1_600);
    expect(kind(alice)).toBe("online");
    expect(server.seen("open")).toHaveLength(2);
  });

  test("B1, B10: a CONNECT refused as busy is tried again when the server said, and not before", async () => {
    server.refuse = { code: "busy", data: { code: "busy", retry_after_ms: 8_000 } };
    const alice = come();
    await pass(100);
    expect(alice.connection.state).toEqual({ kind: "waiting", retryAt: Date.now() - 95 + 8_800 });
    server.refuse = null;
    await pass(7_800);
    expect(server.sockets).toHaveLength(1);
    await pass(1_900);
    expect(kind(alice)).toBe("online");
  });

  test("B10: a refusal that has its code only as the message is understood too", async () => {
    server.refuse = { code: "signed_out", data: {} };
    const alice = come();
    await pass(100);
    expect(alice.connection.state).toEqual({ kind: "stopped", code: "signed_out" });
  });

  test("B1: a CONNECT refused as signed out stops, keeps the words, and works again after signing in elsewhere", async () => {
    const alice = come();
    await pass(100);
    server.refuse = { code: "signed_out" };
    server.cut();
    alice.write("kept");
    await pass(600_000);
    expect(alice.connection.state).toEqual({ kind: "stopped", code: "signed_out" });
    expect(server.sockets).toHaveLength(2);
    expect(alice.provider.status.words).toBe("device");
    server.refuse = null;
    alice.provider.retryNow();
    await pass(100);
    expect(kind(alice)).toBe("online");
    expect(server.text).toBe("kept");
  });

  test("B1: a signed_out event stops, after one look whether there is a new session", async () => {
    const alice = come();
    await pass(100);
    const [socket] = server.connected();
    server.refuse = { code: "signed_out" };
    socket?.push("signed_out", { code: "signed_out" });
    setTimeout(() => socket?.lose("io server disconnect"), 6);
    await pass(500);
    expect(alice.connection.state).toEqual({ kind: "stopped", code: "signed_out" });
    await pass(600_000);
    expect(alice.connection.state).toEqual({ kind: "stopped", code: "signed_out" });
    expect(server.sockets).toHaveLength(2);
  });

  test("whoever has a new session, as after a changed password, goes on by themselves", async () => {
    const alice = come();
    await pass(100);
    const [socket] = server.connected();
    socket?.push("signed_out", { code: "signed_out" });
    setTimeout(() => socket?.lose("io server disconnect"), 6);
    await pass(500);
    alice.write("kept");
    expect(alice.provider.status.words).toBe("device");
    await pass(2_000);
    expect(kind(alice)).toBe("online");
    expect(server.text).toBe("kept");
  });

  test("B1: signed_out as an answer stops as well, and the edit is kept", async () => {
    const alice = come();
    await pass(100);
    server.intercept = (_user, event) => (event === "edit" ? refusal("signed_out") : undefined);
    alice.write("kept");
    await pass(100);
    expect(kind(alice)).toBe("stopped");
    expect(alice.provider.status.words).toBe("device");
    server.intercept = () => undefined;
    alice.connection.retryNow();
    await pass(100);
    expect(server.text).toBe("kept");
  });

  test("B2: a line that drops again and again is not tried once a second for ever", async () => {
    come();
    for (let i = 0; i < 600; i += 1) {
      await pass(1_000);
      server.cut();
    }
    // Once a second would be 400 in ten minutes, the cap of 30 s (20 s on average here) about 30.
    expect(server.sockets.length).toBeLessThan(45);
    expect(server.sockets.length).toBeGreaterThan(20);
  });

  test("after a stable minute the first attempt is quick again", async () => {
    server.reachable = false;
    const alice = come();
    await pass(100_000);
    server.reachable = true;
    await pass(30_000);
    expect(kind(alice)).toBe("online");
    await pass(60_000);
    server.cut();
    await pass(1_600);
    expect(kind(alice)).toBe("online");
  });

  test("an attempt that hangs is given up, and the next one tries the other transport first", async () => {
    server.hangs = true;
    come();
    await pass(18_000);
    expect(server.sockets.map((socket) => socket.pollingFirst)).toEqual([false, true]);
  });

  test("retryNow comes back at once from waiting", async () => {
    server.reachable = false;
    const alice = come();
    await pass(60_000);
    const before = server.sockets.length;
    server.reachable = true;
    alice.connection.retryNow();
    alice.connection.retryNow();
    await pass(20);
    expect(server.sockets).toHaveLength(before + 1);
    expect(kind(alice)).toBe("online");
  });

  test("close ends the line and nothing ticks on", async () => {
    const alice = come();
    await pass(100);
    alice.connection.close();
    await pass(100_000);
    expect(server.connected()).toHaveLength(0);
    expect(server.sockets).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
    expect(() => alice.connection.open("plan")).toThrow();
  });
});

describe("drain", () => {
  test("stays until its slot, works meanwhile, and comes back at once then", async () => {
    const alice = come();
    await pass(100);
    server.connected()[0]?.push("drain", { slot_ms: 7_000 });
    await pass(3_000);
    alice.write("still works");
    await pass(100);
    expect(server.text).toBe("still works");
    expect(server.sockets).toHaveLength(1);
    await pass(3_950);
    expect(server.sockets).toHaveLength(2);
    expect(kind(alice)).toBe("online");
  });

  test("comes back at its slot when the server goes sooner, even if the page is woken or the network returns", async () => {
    const alice = come();
    await pass(100);
    server.connected()[0]?.push("drain", { slot_ms: 20_000 });
    await pass(1_000);
    server.cut();
    alice.wake.fire("shown");
    alice.wake.fire("offline");
    alice.wake.fire("online");
    await pass(18_500);
    expect(server.sockets).toHaveLength(1);
    await pass(600);
    expect(kind(alice)).toBe("online");
  });

  test("many clients keep the slots that they were given", async () => {
    const random = seeded(4);
    const slots = [1_000, 2_000, 3_000, 4_000];
    for (const _ of slots) come("alice", random);
    await pass(100);
    server.connected().forEach((socket, i) => socket.push("drain", { slot_ms: slots[i] }));
    const counts: number[] = [];
    for (const _ of slots) {
      await pass(1_010);
      counts.push(server.sockets.length);
    }
    expect(counts).toEqual([5, 6, 7, 8]);
  });
});

describe("waking up (B4)", () => {
  test("B4: offline is shown as such, and online tries at once", async () => {
    const alice = come();
    await pass(100);
    server.reachable = false;
    alice.wake.fire("offline");
    expect(kind(alice)).toBe("offline");
    await pass(120_000);
    expect(kind(alice)).toBe("offline");
    server.reachable = true;
    alice.wake.fire("online");
    await pass(600);
    expect(kind(alice)).toBe("online");
  });

  test("B4: a page that is looked at again does not wait for the rest of its delay", async () => {
    server.reachable = false;
    const alice = come();
    await pass(70_000);
    server.reachable = true;
    alice.wake.fire("shown");
    await pass(600);
    expect(kind(alice)).toBe("online");
  });

  test("B4: waking from sleep asks on the line that seemed alive, and leaves it when nothing answers", async () => {
    const alice = come();
    await pass(30_000);
    server.intercept = () => "drop";
    alice.wake.fire("shown");
    await pass(5_100);
    expect(kind(alice)).toBe("waiting");
    server.intercept = () => undefined;
    await pass(1_600);
    expect(kind(alice)).toBe("online");
    expect(server.sockets).toHaveLength(2);
  });

  test("B4: waking on a live line only compares, and leafing through tabs does not compare each time", async () => {
    const alice = come();
    await pass(30_000);
    server.plan.doc.getText("body").insert(0, "missed");
    for (let i = 0; i < 5; i += 1) {
      alice.wake.fire("shown");
      await pass(500);
    }
    expect(alice.text).toBe("missed");
    expect(server.seen("open")).toHaveLength(2);
    expect(server.sockets).toHaveLength(1);
  });

  test("a browser that is wrong about having no network does not keep anybody out", async () => {
    const alice = come();
    await pass(100);
    alice.wake.fire("offline");
    await pass(2_000);
    expect(kind(alice)).toBe("online");
  });
});

describe("socket.io's own buffer (B3)", () => {
  test("B3: nothing is ever left to it, offline or with a heartbeat overdue after sleep", async () => {
    const alice = come();
    await pass(100);
    const [socket] = server.connected();
    if (socket) socket.heartbeatOverdue = true;
    alice.write("a");
    alice.provider.awareness.setLocalStateField("cursor", null);
    expect(socket?.sendBuffer).toHaveLength(0);
    server.cut();
    alice.write("b");
    await pass(0);
    for (const each of server.sockets) expect(each.sendBuffer).toHaveLength(0);
    expect(server.sockets.slice(1).every((each) => each.buffered === 0)).toBe(true);
    await pass(2_000);
    expect(server.text).toBe("ab");
  });
});
