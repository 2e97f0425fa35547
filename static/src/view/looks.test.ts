import { expect, test } from "vitest";
import { keepLooks, PLAIN, readLooks } from "./looks.ts";

function shelf(content: Record<string, string> = {}) {
  const kept = new Map(Object.entries(content));
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

test("each person has looks of their own", () => {
  const box = shelf();
  keepLooks(box, "alice", { focus: false, wide: true });
  expect(readLooks(box, "alice")).toEqual({ focus: false, wide: true });
  expect(readLooks(box, "bob")).toEqual(PLAIN);
});

test.each(["nonsense", "null", "[]", '{"wide":"yes"}'])("%j is read as nothing", (content) => {
  expect(readLooks(shelf({ "collab-looks-alice": content }), "alice")).toEqual(PLAIN);
});

test("a browser that keeps nothing is no fault", () => {
  const full = { getItem: () => null, setItem: () => { throw new Error("full"); } };
  expect(keepLooks(full, "alice", PLAIN)).toBe(false);
  expect(keepLooks(null, "alice", PLAIN)).toBe(false);
  expect(readLooks(null, "alice")).toEqual(PLAIN);
});
