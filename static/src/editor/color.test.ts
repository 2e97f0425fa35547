import { expect, test } from "vitest";
import { DARK_INK, inkOn, LIGHT_INK, participantColor } from "./color.ts";

test.each([
  ["#ffffff", DARK_INK],
  ["#f0c060", DARK_INK],
  ["#000000", LIGHT_INK],
  ["#1f5fbf", LIGHT_INK],
])("the ink on %s is %s", (background, ink) => expect(inkOn(background)).toBe(ink));

test("a colour that is not six-digit hex becomes grey", () => {
  expect(participantColor("#AABBCC")).toBe("#aabbcc");
  for (const odd of ["red", "#abc", "url(x)", null, undefined]) expect(participantColor(odd)).toBe("#6b7280");
});
