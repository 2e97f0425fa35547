import { expect, test } from "vitest";
import { MemoryStorage } from "../../tests/memory-storage.ts";
import { createDrafts, type Draft, draftsKey } from "./drafts.ts";

const KEY = draftsKey("bob", "plan");
const draft: Draft = { code: "stale_epoch", text: "words", at: 1, of: ["7:0-5"] };

test("a draft survives a reload, and is gone once it was let go", () => {
  const storage = new MemoryStorage();
  expect(createDrafts(storage, KEY).add(draft)).toBe(true);
  const reloaded = createDrafts(storage, KEY);
  expect(reloaded.all).toEqual([draft]);
  reloaded.remove(reloaded.all[0]!);
  expect(createDrafts(storage, KEY).all).toEqual([]);
  expect(storage.length).toBe(0);
});

test("what was refused twice is kept once, and what was written twice is kept twice", () => {
  const drafts = createDrafts(new MemoryStorage(), KEY);
  drafts.add(draft);
  expect(drafts.add({ ...draft, at: 90_000 })).toBe(false);
  expect(drafts.add({ ...draft, at: 90_000, of: ["7:5-10"] })).toBe(true);
  expect(drafts.all.map(({ text }) => text)).toEqual(["words", "words"]);
});

test("letters that are refused one by one are one draft, each of them once", () => {
  const storage = new MemoryStorage();
  const drafts = createDrafts(storage, KEY);
  const letters = [..."hello all"].map((text, i): Draft => ({ code: "too_large", text, at: i * 200, of: [`${i}:0-1`] }));
  for (const letter of letters) expect(drafts.add(letter)).toBe(true);
  expect(drafts.add(letters[3]!)).toBe(false);
  expect(drafts.all.map(({ text }) => text)).toEqual(["hello all"]);
  const reloaded = createDrafts(storage, KEY);
  expect(reloaded.add(letters[8]!)).toBe(false);
  expect(reloaded.all).toEqual(drafts.all);
});

test.each<[string, Partial<Draft>]>([
  ["later", { at: 60_000 }],
  ["for another reason", { code: "forbidden" }],
  ["a whole paragraph", { text: "a".repeat(200) }],
  ["before it, by a clock that was set back", { at: -1 }],
])("what is refused %s is a draft of its own", (_, other) => {
  const drafts = createDrafts(new MemoryStorage(), KEY);
  drafts.add(draft);
  drafts.add({ ...draft, at: 2, of: ["8:0-5"], ...other });
  expect(drafts.all).toHaveLength(2);
});

test("a draft of an earlier version of the page is still there", () => {
  const storage = new MemoryStorage();
  storage.setItem(KEY, JSON.stringify([{ code: "forbidden", text: "old words", at: 1 }]));
  const drafts = createDrafts(storage, KEY);
  drafts.add({ ...draft, at: 90_000 });
  expect(drafts.all.map(({ text }) => text)).toEqual(["old words", "words"]);
});

test("another person on the same tab does not see them", () => {
  const storage = new MemoryStorage();
  createDrafts(storage, KEY).add(draft);
  expect(createDrafts(storage, draftsKey("mallory", "plan")).all).toEqual([]);
});

test("a full storage does not lose the words on the page", () => {
  const drafts = createDrafts(new MemoryStorage(5), KEY);
  expect(drafts.add(draft)).toBe(true);
  expect(drafts.all).toEqual([draft]);
});

test.each(["{", "{}", "null", '[1, {"code": "x"}]'])("foreign content (%s) is ignored", (stored) => {
  const storage = new MemoryStorage();
  storage.setItem(KEY, stored);
  expect(createDrafts(storage, KEY).all).toEqual([]);
});
