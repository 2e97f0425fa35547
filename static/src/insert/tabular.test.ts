import { expect, test } from "vitest";
import { tabular } from "./tabular.ts";

test("rows and columns are found", () => {
  expect(tabular("Name\tAge\r\nBob\t40\r\n")).toEqual([["Name", "Age"], ["Bob", "40"]]);
  expect(tabular("a\t\n\tb")).toEqual([["a", ""], ["", "b"]]);
});

test("a cell with line breaks and quotes stays one cell", () => {
  expect(tabular('a\t"one\ntwo ""three"""\nb\tc')).toEqual([["a", 'one\ntwo "three"'], ["b", "c"]]);
  expect(tabular('a\t"b" c\nd\te')).toEqual([["a", '"b" c'], ["d", "e"]]);
});

test.each(["one line\tonly", "no tabs\nat all", "if x:\n\treturn 1\n\telse", "\ta\n\tb", "a\tb\nc"])(
  "%j is no table",
  (text) => expect(tabular(text)).toBeNull(),
);
