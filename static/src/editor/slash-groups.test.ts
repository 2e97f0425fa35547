import { expect, test } from "vitest";
import { inGroups } from "./slash-groups.ts";

test("commands stand in groups, and none is lost", () => {
  const commands = ["table", "heading2", "something", "heading1"].map((name) => ({ name }));
  expect(inGroups(commands)).toEqual([
    { label: "Text", commands: [{ name: "heading1" }, { name: "heading2" }] },
    { label: "Insert", commands: [{ name: "table" }] },
    { label: "More", commands: [{ name: "something" }] },
  ]);
});

test("nothing has no groups", () => expect(inGroups([])).toEqual([]));
