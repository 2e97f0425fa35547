import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { arrive, pass, seeded, type Person } from "./cast.ts";
import { Device } from "./device.ts";
import { FakeServer } from "./fake-server.ts";

let server: FakeServer;
let device: Device;
const present: Person[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  server.plan.doc.getText("body").insert(0, "plan: ");
  device = new Device();
});

afterEach(() => {
  for (const person of present.splice(0)) {
    expect(person.errors).toEqual([]);
    person.connection.close();
  }
  vi.useRealTimers();
});

async function load(user = "alice", random?: () => number): Promise<Person> {
  const person = arrive(server, user, random, await device.page(user));
  present.push(person);
  return person;
}

/** The page is gone without a word: nothing that it meant to do later is done. */
function crash(person: Person): void {
  present.splice(present.indexOf(person), 1);
  server.cut("alice");
  vi.clearAllTimers();
}

/** The network is away for everybody. */
function cutOff(): void {
  server.refuse = { code: "busy", data: { code: "busy", retry_after_ms: 500 } };
  server.cut("alice");
}

test("words that were written offline are sent by the page that is loaded next", async () => {
  const before = await load();
  await pass(100);
  cutOff();
  before.write("kept");
  await pass(300);
  crash(before);
  expect(server.text).not.toContain("kept");

  server.refuse = null;
  const after = await load();
  expect(after.provider.status.words).toBe("device");
  await pass(100);
  expect(server.text).toBe("plan: kept");
  expect(after.text).toBe(server.text);
  expect(after.provider.status.words).toBe("saved");
  await pass(1_000);
  expect(device.words.size).toBe(0);
});

test("while there is no server, a word is on the device a moment after it is written", async () => {
  const before = await load();
  await pass(100);
  cutOff();
  before.write("the last ");
  await pass(30);
  before.write("word");
  await pass(30);
  crash(before);

  const after = await load();
  expect(after.text).toBe("plan: the last word");
});

test("the copy is on the device as soon as the line is lost", async () => {
  const before = await load();
  await pass(100);
  expect(device.copy).toBeNull();
  cutOff();
  await pass(1);
  crash(before);
  expect((await load()).text).toBe("plan: ");
});

test("without a network the copy is there, with role and title, and can be written in", async () => {
  const before = await load();
  await pass(6_000);
  crash(before);
  cutOff();
  const after = await load();
  expect(after.provider.status).toMatchObject({ synced: true, role: "owner", refusal: null });
  expect(after.provider.title).toBe("Launch plan");
  expect(after.text).toBe("plan: ");
  after.write("on the train");
  await pass(1_000);
  server.refuse = null;
  await pass(2_000);
  expect(server.text).toBe("plan: on the train");
});

test("what the server confirms at once never touches the device", async () => {
  const alice = await load();
  await pass(100);
  const saved: number[] = [];
  const set = device.words.set.bind(device.words);
  device.words.set = (...given) => {
    saved.push(1);
    return set(...given);
  };
  for (let i = 0; i < 20; i += 1) {
    alice.write("word ");
    await pass(100);
  }
  expect(saved).toEqual([]);
  expect(server.text).toContain("word ");
});

test("two pages that come back with the same words write them once", async () => {
  const before = await load();
  await pass(100);
  cutOff();
  before.write("once");
  await pass(300);
  const copies = new Map(device.words);
  crash(before);
  server.refuse = null;
  const first = await load();
  device.words.clear();
  for (const [key, words] of copies) device.words.set(key, words); // as if it had not been taken over
  const second = await load();
  await pass(200);
  expect(server.text).toBe("plan: once");
  expect([first.text, second.text]).toEqual([server.text, server.text]);
});

test("words of a lineage that is over become a draft", async () => {
  const before = await load();
  await pass(100);
  cutOff();
  before.write("too late");
  await pass(300);
  crash(before);
  server.replacePlan("another");
  server.refuse = null;
  const after = await load();
  await pass(200);
  expect(after.drafts.map(({ code, text }) => [code, text])).toEqual([["stale_epoch", "too late"]]);
  expect(after.text).toBe("another");
});

test("words of another lineage than the copy's become a draft and no part of the text", async () => {
  const before = await load();
  await pass(6_000);
  const { copy } = device;
  cutOff();
  before.write("of old");
  await pass(300);
  crash(before);
  device.copy = copy;
  for (const [key, words] of device.words) device.words.set(key, { ...words, epoch: 99 });
  const after = await load();
  await pass(10);
  expect(after.text).not.toContain("of old");
  expect(after.drafts.map(({ code, text }) => [code, text])).toEqual([["stale_epoch", "of old"]]);
  server.refuse = null;
  await pass(2_000);
  expect(after.text).toBe(server.text);
});

test("when access is taken away, nothing of the document stays on the device", async () => {
  const alice = await load();
  await pass(6_000);
  expect(device.copy).not.toBeNull();
  server.connected("alice")[0]?.push("access", { document: "plan", role: null, code: "not_found", reason: "removed" });
  await pass(10);
  expect(device.copy).toBeNull();
  alice.provider.keepNow();
  await pass(60_000);
  expect(device.copy).toBeNull();
});

test("when the session ends the copy goes, and the words stay for their person", async () => {
  const alice = await load();
  await pass(6_000);
  server.intercept = (_user, event) => (event === "edit" ? "lose" : undefined);
  alice.write("mine");
  await pass(400);
  server.refuse = { code: "signed_out", data: { code: "signed_out" } };
  server.cut("alice");
  await pass(5_000);
  expect(alice.provider.status.connection.kind).toBe("stopped");
  expect(device.copy).toBeNull();
  expect([...device.words.values()]).toHaveLength(1);
});

test("kept words are not sent by another person", async () => {
  const before = await load();
  await pass(100);
  cutOff();
  before.write("alice's own");
  await pass(300);
  crash(before);
  server.refuse = null;
  const keeping = await device.page("alice");
  const bob = arrive(server, "bob", undefined, keeping);
  present.push(bob);
  await pass(200);
  expect(server.text).toBe("plan: ");
  expect(bob.drafts.map(({ code }) => code)).toEqual(["signed_out"]);
});

test.each(Array.from({ length: 20 }, (_, i) => i + 1))("nothing kept is lost, however often the page is (seed %i)", async (seed) => {
  const random = seeded(seed);
  let alice = await load("alice", random);
  await pass(200);
  const written: string[] = [];
  for (let i = 0; i < 60; i += 1) {
    const word = `<${i}>`;
    alice.provider.doc.getMap("words").set(word, true);
    written.push(word);
    const chance = random();
    if (chance < 0.15) cutOff();
    else if (chance < 0.4) server.refuse = null;
    else if (chance < 0.55) {
      alice.provider.keepNow();
      await pass(0);
      crash(alice);
      alice = await load("alice", random);
    }
    await pass(Math.floor(random() * 600));
  }
  server.refuse = null;
  await pass(60_000);
  expect(written.filter((word) => !server.plan.doc.getMap("words").has(word))).toEqual([]);
  expect(alice.provider.doc.getMap("words").size).toBe(written.length);
  expect(alice.provider.status.words).toBe("saved");
  await pass(1_000);
  expect(device.words.size).toBe(0);
});

test("a document that cannot be loaded any more stays on the device: it may be the only copy that can be read", async () => {
  const before = await load();
  await pass(100);
  before.provider.keepNow();
  await pass(10);
  const copy = device.copy;
  expect(copy).not.toBeNull();
  server.intercept = (_user, event) =>
    event === "open" ? { ok: false, code: "quarantined", message: "quarantined" } : undefined;
  server.connected("alice")[0]?.push("access", { document: "plan", role: null, code: "quarantined", reason: null });
  await pass(60_000);
  expect(before.provider.status.refusal).toBe("quarantined");
  crash(before);
  const after = await load();
  await pass(1_000);
  expect(after.text).toBe("plan: ");
  expect(after.provider.status).toMatchObject({ role: null, refusal: "quarantined" });
  expect(device.copy).toEqual(copy);
});
