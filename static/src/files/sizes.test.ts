import { expect, test } from "vitest";
import { sizeText } from "./sizes.ts";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [1_023, "1023 bytes"],
  [1_024, "1 KB"],
  [1_536, "1.5 KB"],
  [10_240, "10 KB"],
  [1_048_575, "1 MB"],
  [26_214_400, "25 MB"],
  [3_565_158, "3.4 MB"],
  [2_147_483_648, "2 GB"],
  [5e12, "4657 GB"],
])("%d bytes are %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
