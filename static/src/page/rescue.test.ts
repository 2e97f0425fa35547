import { expect, test } from "vitest";
import type { RefusalCode } from "../sync/types.ts";
import { rescueText } from "./rescue.ts";

const CODES: RefusalCode[] = [
  "signed_out", "not_found", "forbidden", "too_large", "bad_frame", "gap", "slow_down", "busy", "stale_epoch",
  "quarantined", "internal",
];

test.each(CODES)("a draft because of %s says what happened and what became of the words", (code) => {
  const text = rescueText(code);
  expect(text).toContain("not in the document");
  expect(text).not.toContain("_");
});
