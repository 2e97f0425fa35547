import { expect, test } from "vitest";
import { isMac, keyText } from "./keys.ts";

test.each([
  ["Mod-b", false, "Ctrl+B"],
  ["Mod-Shift-8", false, "Ctrl+Shift+8"],
  ["Mod-Alt-1", true, "⌘⌥1"],
  ["Tab", true, "Tab"],
  ["Mod-/", false, "Ctrl+/"],
])("%s is written for the keyboard at hand (mac: %s)", (keys, mac, text) => expect(keyText(keys, mac)).toBe(text));

test("a Mac is known by its platform", () => {
  expect(isMac("MacIntel")).toBe(true);
  expect(isMac("Linux x86_64")).toBe(false);
});
