import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { arrive, pass, seeded, type Person } from "./cast.ts";
import { FakeServer, refusal } from "./fake-server.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** What the network and the server do to an event: mostly nothing. */
function trouble(random: () => number): FakeServer["intercept"] {
  return () => {
    const chance = random();
    if (chance < 0.08) return "drop";
    if (chance < 0.2) return "lose";
    if (chance < 0.26) return refusal("busy", 300);
    if (chance < 0.3) return refusal("internal");
    if (chance < 0.33) return refusal("slow_down", 200);
    if (chance < 0.36) return refusal("gap");
    return undefined;
  };
}

function disturb(server: FakeServer, people: readonly Person[], random: () => number): void {
  const { wake } = people[Math.floor(random() * people.length)] as Person;
  const chance = random();
  if (chance < 0.1) server.cut(random() < 0.5 ? "alice" : "bob");
  else if (chance < 0.13) server.connected("alice")[0]?.lose("io server disconnect");
  else if (chance < 0.16) server.connected("bob")[0]?.push("drain", { slot_ms: Math.floor(random() * 2_000) });
  else if (chance < 0.2) wake.fire("shown");
  else if (chance < 0.22) wake.fire("offline");
  else if (chance < 0.26) wake.fire("online");
  else if (chance < 0.28) server.refuse = { code: "busy", data: { code: "busy", retry_after_ms: 400 } };
  else if (chance < 0.4) server.refuse = null;
  else if (chance < 0.45) server.latencyMs = 1 + Math.floor(random() * 200);
}

test.each(Array.from({ length: 20 }, (_, i) => i + 1))("nothing written is ever lost, whatever breaks (seed %i)", async (seed) => {
  const random = seeded(seed);
  const server = new FakeServer();
  const people = ["alice", "bob", "alice"].map((user) => arrive(server, user, random));
  server.intercept = trouble(random);
  const written: string[] = [];
  for (let i = 0; i < 120; i += 1) {
    const person = people[Math.floor(random() * people.length)] as Person;
    const { length } = person.text;
    if (random() < 0.75) {
      // The text may be erased or split by others; the map keeps that this was written at all.
      const word = `<${i}>`;
      written.push(word);
      person.provider.doc.getMap("words").set(word, true);
      person.write(word, Math.floor(random() * (length + 1)));
    } else if (length > 4) {
      person.erase(Math.floor(random() * (length - 3)), 2);
    }
    disturb(server, people, random);
    await pass(Math.floor(random() * 400));
  }
  server.intercept = () => undefined;
  server.refuse = null;
  server.latencyMs = 5;
  for (const { wake } of people) wake.fire("online");
  await pass(120_000);
  for (const person of people) {
    expect(person.drafts).toEqual([]);
    expect(person.errors).toEqual([]);
    expect(person.provider.status).toMatchObject({ words: "saved", connection: { kind: "online" } });
    expect(person.text).toBe(server.text);
    expect([...person.provider.doc.getMap("words").keys()].sort()).toEqual([...written].sort());
  }
  expect([...server.plan.doc.getMap("words").keys()].sort()).toEqual([...written].sort());
  expect(Math.max(...server.sockets.map((socket) => socket.mostEditsWaiting))).toBe(1);
  for (const person of people) person.connection.close();
});

test("nothing is lost when the line is cut at every single step of the exchange", async () => {
  for (let step = 0; step < 30; step += 1) {
    const server = new FakeServer();
    const alice = arrive(server, "alice");
    const bob = arrive(server, "bob");
    await pass(100);
    alice.write("one ");
    await pass(step);
    alice.write("two ");
    server.cut("alice");
    alice.write("three");
    alice.erase(0, 1);
    await pass(5_000);
    expect([server.text, alice.text, bob.text]).toEqual(Array(3).fill("ne two three"));
    expect(alice.provider.status.words).toBe("saved");
    for (const person of [alice, bob]) person.connection.close();
  }
});
