import { expect, test } from "vitest";
import * as Y from "yjs";
import type { Provider, SocketLike } from "../sync/index.ts";
import { delays, headerOf } from "./delays.ts";
import { isLoopback, readPlan } from "./plan.ts";
import { randomOf } from "./random.ts";
import { verdict } from "./verdict.ts";
import { watched } from "./watched.ts";
import { Words } from "./words.ts";

const PLAN = {
  url: "http://127.0.0.1:8000",
  policy: "tuned",
  sessions: ["a", "b"],
  documents: ["plan"],
  writers: 9,
  write_every_ms: 100,
  arrivals_per_second: 10,
  settle_ms: 1_000,
  seed: 1,
};

test("a plan is read once, and says which of its fields is wrong", () => {
  expect(readPlan(JSON.stringify(PLAN)).writers).toBe(2);
  for (const [field, value] of [
    ["url", "http://rooms.example"],
    ["policy", "eager"],
    ["sessions", []],
    ["documents", [1]],
    ["seed", "x"],
    ["write_every_ms", 0],
  ] as const) {
    expect(() => readPlan(JSON.stringify({ ...PLAN, [field]: value }))).toThrow(field);
  }
});

test("only this machine is sent to", () => {
  for (const url of ["http://localhost:1", "http://127.0.0.1", "http://[::1]:80"]) expect(isLoopback(url)).toBe(true);
  for (const url of ["http://127.0.0.1.example", "http://10.0.0.1", "https://localhost", "x"]) {
    expect(isLoopback(url)).toBe(false);
  }
});

test("an acknowledged word that one copy lacks is lost", () => {
  const kept = new Map([
    ["plan", ["w0-0", "w1-0"]],
    ["notes", ["w2-0"]],
  ]);
  const good = [
    { document: "plan", text: "w0-0 w1-0 " },
    { document: "plan", text: "w0-0 w1-0 " },
    { document: "notes", text: "w2-0 " },
  ];
  expect(verdict(kept, good)).toEqual({ acknowledged: 3, lost: 0, missing: [], diverged: 0, copies: 3 });
  const bad = [...good, { document: "plan", text: "w0-0 " }];
  expect(verdict(kept, bad)).toMatchObject({ lost: 1, missing: ["w1-0"], diverged: 1 });
  expect(verdict(kept, good.slice(0, 2))).toMatchObject({ lost: 1, missing: ["w2-0"] });
  // A word is a whole word.
  expect(verdict(new Map([["plan", ["w0-1"]]]), [{ document: "plan", text: "w0-10 " }]).lost).toBe(1);
});

class FakeProvider {
  doc = new Y.Doc();
  synced = false;
  readonly listeners: Record<string, (value: unknown) => void> = {};

  on(event: string, listener: (value: unknown) => void): void {
    this.listeners[event] = listener;
  }
}

test("a word counts as acknowledged when everything is saved, and not when it came back as a draft", () => {
  const provider = new FakeProvider();
  let now = 100;
  const told: number[] = [];
  const words = new Words(provider as unknown as Provider, "w0", () => now, ({ ms }) => told.push(ms));
  words.write();
  expect(words.written).toBe(0);
  provider.synced = true;
  words.write();
  now = 130;
  words.write();
  provider.listeners["status"]!({ words: "sent" });
  expect([words.kept, words.waiting]).toEqual([[], 2]);
  now = 150;
  provider.listeners["status"]!({ words: "saved" });
  expect([words.kept, told]).toEqual([["w0-0", "w0-1"], [50, 20]]);
  words.write();
  provider.listeners["rescue"]!({});
  provider.listeners["status"]!({ words: "saved" });
  expect([words.kept.length, words.waiting, words.refused]).toEqual([2, 0, 1]);
  expect(provider.doc.getText("storm").toString()).toBe("w0-0 w0-1 w0-2 ");
});

test("a watched socket tells of a line that was up, of a refusal, and of an open that was answered", () => {
  const listeners = new Map<string, (payload: unknown) => void>();
  let answer: (error: unknown, answer?: unknown) => void = () => {};
  const socket = {
    on: (event: string, listener: (payload: unknown) => void) => listeners.set(event, listener),
    connect: () => {},
    timeout: () => ({ emit: (_event: string, _payload: unknown, answered: typeof answer) => (answer = answered) }),
  };
  const told: string[] = [];
  const seen = watched(socket as unknown as SocketLike, {
    attempt: () => told.push("attempt"),
    connected: () => told.push("connected"),
    failed: (code) => told.push(`failed ${code}`),
    down: (reason) => told.push(`down ${reason}`),
    synced: () => told.push("synced"),
  });
  seen.connect();
  listeners.get("connect_error")!(Object.assign(new Error("busy"), { data: { code: "busy", retry_after_ms: 5 } }));
  listeners.get("disconnect")!("was never up");
  seen.connect();
  listeners.get("connect")!(undefined);
  seen.timeout(10).emit("open", {}, () => told.push("applied"));
  answer(null, { ok: true });
  answer(new Error("timeout"));
  answer(null, { ok: false, code: "busy" });
  listeners.get("disconnect")!("transport close");
  expect(told.join(", ")).toBe(
    "attempt, failed busy, attempt, connected, applied, synced, applied, applied, down transport close",
  );
});

test("the tables are those of the two policies, and the same for the same seed", () => {
  expect(delays("tuned", 3, 4, 7)).toEqual(delays("tuned", 3, 4, 7));
  expect(delays("tuned", 3, 4, 7)).not.toEqual(delays("tuned", 3, 4, 8));
  const chance = Math.random;
  const stock = delays("default", 500, 6, 7);
  expect(Math.random).toBe(chance);
  const column = (table: Float32Array, place: number): number[] =>
    Array.from({ length: 500 }, (_, client) => table[client * 6 + place]!);
  // The first wait of a stock client is a second, give or take half; the last is the cap, for nearly everybody.
  expect(Math.min(...column(stock, 0))).toBeGreaterThanOrEqual(500);
  expect(Math.max(...column(stock, 0))).toBeLessThanOrEqual(1_500);
  expect(new Set(column(stock, 5))).toEqual(new Set([5_000]));
  expect(new Set(column(delays("tuned", 500, 6, 7), 5)).size).toBeGreaterThan(400);
  for (const factor of stock.slice(500 * 6)) expect(factor >= 1 && factor <= 1.2).toBe(true);
  expect(headerOf("tuned", 1, 1)).toMatchObject({ obeys: true, timeout_ms: 15_000, stable_ms: 60_000 });
  expect(headerOf("default", 1, 1)).toMatchObject({ obeys: false, timeout_ms: 20_000, stable_ms: 0, again_ms: 1_000 });
});

test("chance of a seed is spread evenly", () => {
  const random = randomOf(3);
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 10_000; i += 1) tenths[Math.floor(random() * 10)]! += 1;
  for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  const first = Array.from({ length: 100 }, (_, seed) => randomOf(seed)());
  expect(new Set(first).size).toBe(100);
  expect(first.reduce((sum, one) => sum + one) / 100).toBeGreaterThan(0.35);
});
