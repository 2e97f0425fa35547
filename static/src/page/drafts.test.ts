import { expect, test } from "vitest";
import { createDrafts, type Draft, draftsKey } from "./drafts.ts";

class MemoryStorage implements Storage {
  readonly #items = new Map<string, string>();
  constructor(private readonly quota = Infinity) {}
  get length(): number {
    return this.#items.size;
  }
  clear(): void {
    this.#items.clear();
  }
  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.#items.delete(key);
  }
  setItem(key: string, value: string): void {
    if (value.length > this.quota) throw new DOMException("full", "QuotaExceededError");
    this.#items.set(key, value);
  }
}

const KEY = draftsKey("bob", "plan");
const draft: Draft = { code: "stale_epoch", text: "words", at: 1 };

test("a draft survives a reload, and is gone once it was let go", () => {
  const storage = new MemoryStorage();
  expect(createDrafts(storage, KEY).add(draft)).toBe(true);
  const reloaded = createDrafts(storage, KEY);
  expect(reloaded.all).toEqual([draft]);
  reloaded.remove(reloaded.all[0]!);
  expect(createDrafts(storage, KEY).all).toEqual([]);
  expect(storage.length).toBe(0);
});

test("the same words are kept once", () => {
  const drafts = createDrafts(new MemoryStorage(), KEY);
  drafts.add(draft);
  expect(drafts.add({ ...draft, at: 2 })).toBe(false);
  expect(drafts.add({ ...draft, text: "other words" })).toBe(true);
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
