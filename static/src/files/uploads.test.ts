import { expect, test } from "vitest";
import { type Answer, createUploads, type Stored, type Upload } from "./uploads.ts";

const LIMIT = 1_000;

function file(name: string, size = 10): File {
  return new File([new Uint8Array(size)], name);
}

function stored(name: string): Stored {
  return { key: "k".repeat(22), name, size: 10, image: true, wide: 4, high: 3 };
}

interface Line {
  progress: (part: number) => void;
  answer: (answer: Answer) => void;
  aborted: boolean;
}

/** Uploads whose answers the test gives. */
function setUp() {
  const said: string[] = [];
  const lines = new Map<string, Line>();
  const uploads = createUploads(
    ({ name }, progress) => {
      let answer: (answer: Answer) => void = () => undefined;
      const promise = new Promise<Answer>((resolve) => (answer = resolve));
      const line = { progress, answer, aborted: false };
      lines.set(name, line);
      return { answer: promise, abort: () => void (line.aborted = true) };
    },
    LIMIT,
    ({ file: { name }, state }: Upload) => {
      said.push(state.kind === "sending" ? `${name} ${state.part}` : `${name} ${state.kind}`);
    },
  );
  const settle = () => new Promise<void>((resolve) => setTimeout(resolve));
  return { said, lines, uploads, settle };
}

test("two are sent at a time, the rest as they end", async () => {
  const { uploads, lines, settle } = setUp();
  for (const name of ["a", "b", "c"]) uploads.add(file(name));
  await settle();
  expect([...lines.keys()]).toEqual(["a", "b"]);

  lines.get("a")?.answer({ kind: "stored", file: stored("a") });
  await settle();

  expect([...lines.keys()]).toEqual(["a", "b", "c"]);
  expect(uploads.busy).toBe(true);
});

test("progress is told while a file is sent and not after it was cancelled", async () => {
  const { uploads, lines, said, settle } = setUp();
  const { id } = uploads.add(file("a"));
  await settle();
  lines.get("a")?.progress(0.5);
  uploads.cancel(id);
  lines.get("a")?.progress(0.7);
  lines.get("a")?.answer({ kind: "stored", file: stored("a") });
  await settle();

  expect(lines.get("a")?.aborted).toBe(true);
  expect(said).toEqual(["a 0", "a 0.5", "a cancelled"]);
  expect(uploads.busy).toBe(false);
});

test("what failed is kept and can be sent again", async () => {
  const { uploads, lines, said, settle } = setUp();
  const { id } = uploads.add(file("a"));
  await settle();
  lines.get("a")?.answer({ kind: "failed", words: "no connection", again: true });
  await settle();
  expect(uploads.busy).toBe(true);

  uploads.again(id);
  lines.get("a")?.answer({ kind: "stored", file: stored("a") });
  await settle();

  expect(said).toEqual(["a 0", "a failed", "a waiting", "a 0", "a stored"]);
  expect(uploads.busy).toBe(false);
});

test("a file that is too large or empty is never sent", async () => {
  const { uploads, lines, settle } = setUp();
  const large = uploads.add(file("large", LIMIT + 1));
  const empty = uploads.add(file("empty", 0));
  await settle();

  expect(lines.size).toBe(0);
  const words = "It has 1001 bytes; a file may have at most 1000 bytes.";
  expect(large.state).toEqual({ kind: "failed", words, again: false });
  expect(empty.state).toMatchObject({ kind: "failed", again: false });
  expect(uploads.busy).toBe(false);
});

test("what cannot succeed is not sent again", async () => {
  const { uploads, lines, settle } = setUp();
  const { id } = uploads.add(file("large", LIMIT + 1));
  uploads.again(id);
  await settle();
  expect(lines.size).toBe(0);
});
