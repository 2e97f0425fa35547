import { expect, test } from "vitest";
import { EMOJI, findEmoji } from "./emoji.ts";

test("every emoji has a name, and no name is that of two", () => {
  const names = EMOJI.map(([, name]) => name);
  expect(names.filter((name) => !/^[a-z0-9_+-]{1,30}$/.test(name))).toEqual([]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(EMOJI.length).toBeGreaterThanOrEqual(300);
});

test.each([
  ["smile", "😄"],
  ["thumbsup", "👍"],
  ["+1", "👍"],
  ["tada", "🎉"],
  ["hea", "❤️"],
  ["ROCKET", "🚀"],
])("%j finds %s first", (query, sign) => expect(findEmoji(query)[0]?.[0]).toBe(sign));

test("a menu of them is short, and without a match there is none", () => {
  expect(findEmoji("a")).toHaveLength(8);
  expect(findEmoji("qqqq")).toEqual([]);
});
