import { expect, test } from "vitest";
import { answerOf } from "./send.ts";

const BODY = { key: "k".repeat(22), name: "a.png", size: 3, image: true, type: "image/png", width: 40, height: 30 };

test("a stored file is what the server calls it", () => {
  expect(answerOf(201, BODY, false)).toEqual({
    kind: "stored",
    file: { key: BODY.key, name: "a.png", size: 3, image: true, wide: 40, high: 30 },
  });
});

test.each([
  [201, null, false, true],
  [200, null, true, true],
  [401, null, false, true],
  [429, null, false, true],
  [500, null, false, true],
  [409, { error: "full" }, false, true],
  [403, null, false, false],
  [404, null, false, false],
  [413, { error: "too large" }, false, false],
  [400, "odd", false, false],
])("%d is a failure that says whether to try again", (status, body, redirected, again) => {
  expect(answerOf(status, body, redirected)).toMatchObject({ kind: "failed", again });
});

test("the server's words about limits are shown", () => {
  expect(answerOf(413, { error: "A file may have at most 25 MB." }, false)).toMatchObject({
    words: "A file may have at most 25 MB.",
  });
});
