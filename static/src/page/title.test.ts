import { expect, test } from "vitest";
import { renameProblem } from "./title.ts";

const answer = (status: number, redirected = false) => ({ ok: status < 300, status, redirected });

test("a renaming that worked is not a problem", () => expect(renameProblem(answer(200))).toBeNull());

test.each([
  [answer(200, true), /signed out/],
  [answer(401), /signed out/],
  [answer(403), /may not rename/],
  [answer(404), /not available/],
  [answer(400), /cannot be used/],
  [answer(429), /too often/],
  [answer(500), /fault on the server/],
])("a failure (%j) is told in words", (failed, words) => expect(renameProblem(failed)).toMatch(words));
