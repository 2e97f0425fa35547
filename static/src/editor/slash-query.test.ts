import { expect, test } from "vitest";
import { findCommands, slashQuery } from "./slash-query.ts";

test.each([
  ["/", ""],
  ["/Head", "head"],
  ["/heading 2", "heading 2"],
  ["and/or", null],
  [" /", null],
  ["//", null],
  ["/etc/hosts", null],
  ["", null],
])("the line %j asks for %j", (line, query) => expect(slashQuery(line)).toBe(query));

const COMMANDS = ["Heading 1", "Heading 2", "Bulleted list", "Numbered list", "Insert a table"].map((label) => ({ label }));

test.each([
  ["", 5],
  ["h", 2],
  ["heading 2", 1],
  ["list", 2],
  ["table", 1],
  ["able", 0],
])("%j finds %i commands", (query, count) => expect(findCommands(COMMANDS, query)).toHaveLength(count));

test.each([
  ["Überschrift 1", "uber"],
  ["Überschrift 1", "ÜBER"],
  ["İtalik", "italik"],
  ["Kalın", "kalin"],
  ["Décalé à gauche", "decale a"],
])("%j is found by %j, whatever the keyboard", (label, query) => expect(findCommands([{ label }], query)).toHaveLength(1));
