import { expect, test } from "vitest";
import { triggerIn } from "./triggers.ts";

test.each([
  ["@", "person", 0, ""],
  ["Ask @bo", "person", 4, "bo"],
  ["(@Vera Lin", "person", 1, "Vera Lin"],
  ["@Ünal", "person", 0, "Ünal"],
  ["see [[", "document", 4, ""],
  ["see [[Launch plan: 2", "document", 4, "Launch plan: 2"],
  ["nice :smi", "emoji", 5, "smi"],
  [":+1", "emoji", 0, "+1"],
])("%j asks for a %s", (text, kind, from, query) => expect(triggerIn(text)).toEqual({ kind, from, query }));

test.each([
  "",
  "bob@example",
  "@ home",
  "at 10:30",
  "note:yes",
  "a :",
  "a :-",
  ":)",
  "std::vector",
  "[[done]]",
  "[a",
  "@one two three four five",
])("%j asks for nothing", (text) => expect(triggerIn(text)).toBeNull());
