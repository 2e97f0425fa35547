import { getSchema } from "@tiptap/core";
import { expect, test } from "vitest";
import { documentExtensions } from "../editor/schema.ts";
import { currentOf, headingsOf } from "./outline.ts";

const SCHEMA = getSchema(documentExtensions(() => ""));

function documentOf(...headings: [level: number, text: string][]) {
  const content = headings.flatMap(([level, text]) => [
    { type: "heading", attrs: { level }, content: text === "" ? [] : [{ type: "text", text }] },
    { type: "paragraph" },
  ]);
  return SCHEMA.nodeFromJSON({ type: "doc", content });
}

test("headings stand under those that are larger, and skip no step", () => {
  const doc = documentOf([2, "Start"], [4, "Detail"], [3, "Part"], [1, "All"], [2, "Sub"]);
  expect(headingsOf(doc).map(({ text, depth }) => [text, depth])).toEqual([
    ["Start", 0], ["Detail", 1], ["Part", 1], ["All", 0], ["Sub", 1],
  ]);
});

test("a heading without words is not listed", () => {
  expect(headingsOf(documentOf([1, "One"], [2, "  "], [2, ""]))).toHaveLength(1);
});

test("a heading knows its place, also inside a quote", () => {
  const doc = SCHEMA.nodeFromJSON({
    type: "doc",
    content: [
      { type: "paragraph", content: [{ type: "text", text: "ab" }] },
      {
        type: "blockquote",
        content: [{ type: "heading", attrs: { level: 1 }, content: [{ type: "text", text: "In" }] }],
      },
    ],
  });
  expect(headingsOf(doc).map(({ position }) => doc.nodeAt(position)?.textContent)).toEqual(["In"]);
});

test("the current heading is the last one above the line of reading", () => {
  expect(currentOf([100, 400, 900], 450)).toBe(1);
  expect(currentOf([100, 400], 50)).toBe(0);
  expect(currentOf([], 50)).toBe(-1);
});
