import { describe, expect, test } from "vitest";
import { type Box, rows } from "./rows.ts";

const box = (left: number, top: number, right: number, bottom: number): Box => ({ left, top, right, bottom });

describe("rows", () => {
  test("pieces of one line are one box", () => {
    expect(rows([box(0, 0, 50, 20), box(50, 2, 90, 18), box(90, 0, 120, 20)], 9)).toEqual([box(0, 0, 120, 20)]);
  });

  test("what lies on another counts once", () => {
    expect(rows([box(0, 0, 50, 20), box(10, 1, 30, 19)], 9)).toEqual([box(0, 0, 50, 20)]);
  });

  test("lines stay apart", () => {
    expect(rows([box(0, 22, 80, 42), box(30, 0, 100, 20)], 9)).toEqual([box(30, 0, 100, 20), box(0, 22, 80, 42)]);
  });

  test("cells beside each other stay apart", () => {
    expect(rows([box(0, 0, 40, 20), box(100, 0, 140, 20)], 9)).toHaveLength(2);
  });

  test("empty boxes are none, and there are at most so many", () => {
    expect(rows([box(5, 0, 5, 20)], 9)).toEqual([]);
    expect(rows(Array.from({ length: 9 }, (_, at) => box(0, at * 30, 10, at * 30 + 20)), 4)).toHaveLength(4);
  });
});
