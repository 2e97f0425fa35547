import { expect, test } from "vitest";
import { agoText, lastEditText } from "./last-edit.ts";

const MINUTE_MS = 60_000;

test.each([
  [-5_000, "just now"],
  [59_000, "just now"],
  [MINUTE_MS, "1 minute ago"],
  [119 * MINUTE_MS, "1 hour ago"],
  [25 * 60 * MINUTE_MS, "yesterday"],
  [3 * 24 * 60 * MINUTE_MS, "3 days ago"],
  [70 * 24 * 60 * MINUTE_MS, "2 months ago"],
])("%d ms ago: %s", (ms, expected) => expect(agoText(ms, "en")).toBe(expected));

test("the person who reads it is you", () => {
  expect(lastEditText({ name: "Bob", at: 0 }, 2 * MINUTE_MS, "en")).toBe("Last edited by Bob, 2 minutes ago");
  expect(lastEditText({ name: null, at: 0 }, 0, "en")).toBe("Last edited by you, just now");
});
