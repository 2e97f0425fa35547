import { expect, test } from "vitest";
import { ago } from "./ago.ts";
import { pieces } from "./body.ts";

const NOW = Date.parse("2026-03-10T12:00:00Z");

test.each([
  ["2026-03-10T12:00:20Z", "just now"], // The server's clock is ahead.
  ["2026-03-10T11:59:30Z", "just now"],
  ["2026-03-10T11:59:00Z", "1 minute ago"],
  ["2026-03-10T11:55:01Z", "4 minutes ago"],
  ["2026-03-10T09:10:00Z", "2 hours ago"],
  ["2026-03-09T11:00:00Z", "yesterday"],
  ["2026-03-06T11:00:00Z", "4 days ago"],
  ["2026-02-20T12:00:00Z", "Feb 20, 2026"],
])("%s is %s", (at, words) => {
  expect(ago(Date.parse(at), NOW, "en")).toBe(words);
});

test("a time is told in the language of the page", () => {
  expect(ago(NOW - 300_000, NOW, "de")).toBe("vor 5 Minuten");
});

test("addresses in a comment can be followed, and what ends the sentence is no part of them", () => {
  expect(pieces("See https://example.org/a?b=c. (https://example.org/d)")).toEqual([
    { text: "See ", href: null },
    { text: "https://example.org/a?b=c", href: "https://example.org/a?b=c" },
    { text: ". (", href: null },
    { text: "https://example.org/d", href: "https://example.org/d" },
    { text: ")", href: null },
  ]);
});

const NO_ADDRESSES = ["javascript:alert(1)", "data:text/html,x", "no address", "https://", "line\nline"];

test.each(NO_ADDRESSES)("%s stays text", (body) => {
  expect(pieces(body)).toEqual([{ text: body, href: null }]);
});
