import { getSchema } from "@tiptap/core";
import { describe, expect, test } from "vitest";
import { documentExtensions } from "../editor/schema.ts";
import { Counter, countsText, countText } from "./counting.ts";

const SCHEMA = getSchema(documentExtensions(() => ""));

function documentOf(...paragraphs: string[]) {
  return SCHEMA.nodeFromJSON({
    type: "doc",
    content: paragraphs.map((text) => ({ type: "paragraph", content: text === "" ? [] : [{ type: "text", text }] })),
  });
}

describe("counting", () => {
  test.each([
    ["", 0, 0],
    ["One, two: three.", 3, 16],
    ["it's well-known", 2, 15],
    ["a – b", 2, 5],
    ["  spaces   count  ", 2, 18],
    ["שלום עולם", 2, 9],
    ["one\ntwo", 2, 6],
    ["🙂 hi", 1, 4],
    ["我喜欢写作", 3, 5],
  ])("%j has %d words and %d characters", (text, words, characters) => {
    expect(countText(text)).toEqual({ words, characters });
  });

  test("words do not run together from one paragraph to the next", () => {
    expect(new Counter().count(documentOf("one", "two", "", "three"))).toEqual({ words: 3, characters: 11 });
  });

  test("of a selection only what is selected counts", () => {
    const doc = documentOf("one two", "three four");
    expect(new Counter().count(doc, 5, 15)).toEqual({ words: 2, characters: 8 }); // "two", "three"
  });

  test("counting again after a change counts the change", () => {
    const counter = new Counter();
    counter.count(documentOf("one", "two"));
    expect(counter.count(documentOf("one", "two three"))).toEqual({ words: 3, characters: 12 });
  });

  test("one is one and a thousand has its comma", () => {
    expect(countsText({ words: 1, characters: 1 }, "en")).toBe("1 word, 1 character");
    expect(countsText({ words: 1_204, characters: 0 }, "en")).toBe("1,204 words, 0 characters");
  });
});
