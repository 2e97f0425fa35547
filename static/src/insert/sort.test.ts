import { expect, test } from "vitest";
import { numberIn, sortedOrder } from "./sort.ts";

test.each([
  ["12", 12],
  [" -3.5 ", -3.5],
  ["−3", -3],
  ["1,234.50", 1234.5],
  ["1 234", 1234],
  ["1.234,5", 1234.5],
  ["3,5", 3.5],
  ["€ 5", 5],
  ["$1,000", 1000],
  ["-$5", -5],
  ["12 %", 12],
  ["40 ms", 40],
  [".5", 0.5],
  ["", null],
  ["2026-11-24", null],
  ["1.2.3", null],
  ["two", null],
  ["12 monkeys", null],
])("%j holds %s", (text, expected) => expect(numberIn(text)).toBe(expected));

function sorted(cells: string[], direction: "ascending" | "descending"): string[] {
  return sortedOrder(cells, direction).map((index) => cells[index] ?? "");
}

test("numbers are sorted as numbers", () => {
  expect(sorted(["10", "9", "-1", "1,000"], "ascending")).toEqual(["-1", "9", "10", "1,000"]);
  expect(sorted(["10", "9", "-1", "1,000"], "descending")).toEqual(["1,000", "10", "9", "-1"]);
});

test("words are sorted as people do, whatever their case", () => {
  expect(sorted(["bob", "Alice", "item 10", "item 9"], "ascending")).toEqual(["Alice", "bob", "item 9", "item 10"]);
});

test("empty cells are last either way", () => {
  expect(sorted(["", "2", "1"], "ascending")).toEqual(["1", "2", ""]);
  expect(sorted(["", "2", "1"], "descending")).toEqual(["2", "1", ""]);
});

test("equal rows keep their order", () => {
  expect(sortedOrder(["a", "A", "a"], "descending")).toEqual([0, 1, 2]);
});
