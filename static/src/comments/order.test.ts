import { expect, test } from "vitest";
import { listed, markers, news } from "./order.ts";
import { comment, thread } from "./stock.ts";

test("threads are in the order of the text, and those whose passage is gone come last", () => {
  const done = thread("done", { state: "resolved" });
  const threads = [thread("old"), thread("late"), thread("gone"), thread("early"), done];
  const ranges = new Map([
    ["old", { from: 5, to: 9 }],
    ["late", { from: 50, to: 60 }],
    ["gone", null],
    ["early", { from: 5, to: 6 }],
    ["done", { from: 1, to: 2 }],
  ]);
  expect(listed(threads, ranges, "open").map(({ id }) => id)).toEqual(["old", "early", "late", "gone"]);
  expect(listed(threads, ranges, "closed").map(({ id }) => id)).toEqual(["done"]);
});

test("threads at one line share a marker", () => {
  const tops = [
    { id: "c", top: 300 },
    { id: "a", top: 100 },
    { id: "b", top: 112 },
  ];
  expect(markers(tops, 26)).toEqual([
    { top: 100, threads: ["a", "b"] },
    { top: 300, threads: ["c"] },
  ]);
});

test("only what others said is news", () => {
  const before = [thread("t", { comments: [comment("1", "alice")] })];
  const reply = (by: string) => [thread("t", { comments: [comment("1", "alice"), comment("2", by)] })];
  const suggestion = thread("s", { kind: "suggestion", comments: [comment("3", "carol")] });
  expect(news(before, before, "alice")).toBe("");
  expect(news(before, reply("alice"), "alice")).toBe("");
  expect(news(before, reply("carol"), "alice")).toBe("Carol commented.");
  expect(news(before, [...before, suggestion], "alice")).toBe("Carol suggested a change.");
  expect(news(before, [...reply("carol"), suggestion], "alice")).toBe("2 new comments.");
});
