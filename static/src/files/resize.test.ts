import { expect, test } from "vitest";
import { fit, widthAfterDrag, widthAfterKey } from "./resize.ts";

test("a width stays within what a document may hold", () => {
  expect([-4, 9.6, 33.3, 99.7, 250].map(fit)).toEqual([10, 10, 33, 100, 100]);
});

test("a drag changes the width by as much as the pointer moved", () => {
  expect(widthAfterDrag({ width: 300, paper: 600, by: 60, centred: false })).toBe(60);
  expect(widthAfterDrag({ width: 300, paper: 600, by: -60, centred: false })).toBe(40);
});

test("a picture in the middle grows on both sides", () => {
  expect(widthAfterDrag({ width: 300, paper: 600, by: 60, centred: true })).toBe(70);
});

test.each([
  ["ArrowRight", 40, false, 45],
  ["ArrowLeft", 40, false, 35],
  ["ArrowUp", 40, true, 41],
  ["ArrowDown", 40, true, 39],
  ["ArrowLeft", 12, false, 10],
  ["ArrowRight", 98, false, 100],
  ["Home", 40, false, 10],
  ["End", 40, false, 100],
  ["Tab", 40, false, null],
] as const)("%s at %d percent", (key, width, fine, after) => {
  expect(widthAfterKey(key, width, fine)).toBe(after);
});
