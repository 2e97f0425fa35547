import { describe, expect, test } from "vitest";
import { completeHref, safeHref } from "./links.ts";

describe("an address in a document", () => {
  test.each([
    ["https://example.org/a?b#c", "https://example.org/a?b#c"],
    ["http://example.org", "http://example.org/"],
    ["mailto:bob@example.org", "mailto:bob@example.org"],
  ])("may be %s", (href, expected) => expect(safeHref(href)).toBe(expected));

  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    " \u0001javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://example.org/1",
    "/admin/",
    "#top",
    "",
    null,
    undefined,
    { href: "https://example.org" },
  ])("may not be %j", (href) => expect(safeHref(href)).toBeNull());
});

describe("a typed address", () => {
  test.each([
    ["example.org", "https://example.org/"],
    [" example.org/page ", "https://example.org/page"],
    ["localhost:8000/rooms", "https://localhost:8000/rooms"],
    ["example.org:8443", "https://example.org:8443/"],
    ["//example.org", "https://example.org/"],
    ["alice@example.org", "mailto:alice@example.org"],
    ["http://intranet/page", "http://intranet/page"],
  ])("%j is completed to %s", (typed, expected) => expect(completeHref(typed)).toBe(expected));

  test.each(["javascript:alert(1)", "javascript:1", "two words", "word", "", "ftp://example.org", "tel:123"])(
    "%j is not taken",
    (typed) => expect(completeHref(typed)).toBeNull(),
  );
});
