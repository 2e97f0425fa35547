import { afterEach, describe, expect, it, vi } from "vitest";
import { BadExpression, compile, type Query, search } from "./search.ts";
import type { SearchJob } from "./search-worker.ts";
import { createSearcher, type SearchWorker, TookTooLong } from "./searcher.ts";

const BLOCKS = [{ at: 1, text: "one two one" }];
const WORDS: Query = { words: "one", matchCase: false, wholeWord: false, expression: false };
const EXPRESSION: Query = { ...WORDS, words: "o.e", expression: true };

/** A worker in this thread; `mute` never answers. */
class FakeWorker implements SearchWorker {
  static made: FakeWorker[] = [];
  onmessage: SearchWorker["onmessage"] = null;
  onerror: SearchWorker["onerror"] = null;
  ended = false;
  readonly #mute: boolean;

  constructor(mute = false) {
    this.#mute = mute;
    FakeWorker.made.push(this);
  }

  postMessage({ blocks, query }: SearchJob): void {
    if (this.#mute) return;
    const data = search(blocks, compile(query));
    queueMicrotask(() => this.onmessage?.call(this as unknown as Worker, { data } as MessageEvent));
  }

  terminate(): void {
    this.ended = true;
  }
}

afterEach(() => {
  FakeWorker.made = [];
  vi.useRealTimers();
});

describe("a searcher", () => {
  it("finds words without a worker", async () => {
    const searcher = createSearcher(() => new FakeWorker());
    expect(await searcher.find(BLOCKS, WORDS)).toHaveLength(2);
    expect(FakeWorker.made).toEqual([]);
  });

  it("finds expressions with one worker, made once", async () => {
    const searcher = createSearcher(() => new FakeWorker());
    expect(await searcher.find(BLOCKS, EXPRESSION)).toHaveLength(2);
    expect(await searcher.find(BLOCKS, EXPRESSION)).toHaveLength(2);
    expect(FakeWorker.made).toHaveLength(1);
  });

  it("ends a worker that takes too long, and goes on with another", async () => {
    vi.useFakeTimers();
    let mute = true;
    const searcher = createSearcher(() => new FakeWorker(mute), 1_000);
    const answer = expect(searcher.find(BLOCKS, EXPRESSION)).rejects.toThrow(TookTooLong);
    await vi.advanceTimersByTimeAsync(1_000);
    await answer;
    expect(FakeWorker.made[0]?.ended).toBe(true);

    mute = false;
    expect(await searcher.find(BLOCKS, EXPRESSION)).toHaveLength(2);
  });

  it("ends an older search for a newer one", async () => {
    let mute = true;
    const searcher = createSearcher(() => new FakeWorker(mute));
    void searcher.find(BLOCKS, EXPRESSION);
    await Promise.resolve();
    mute = false;
    expect(await searcher.find(BLOCKS, EXPRESSION)).toHaveLength(2);
    expect(FakeWorker.made.map(({ ended }) => ended)).toEqual([true, false]);
  });

  it("refuses what is no expression before any worker sees it", async () => {
    const searcher = createSearcher(() => new FakeWorker());
    await expect(searcher.find(BLOCKS, { ...EXPRESSION, words: "(" })).rejects.toThrow(BadExpression);
    expect(FakeWorker.made).toEqual([]);
  });

  it("finds nothing for no words", async () => {
    const searcher = createSearcher(() => new FakeWorker());
    expect(await searcher.find(BLOCKS, { ...EXPRESSION, words: "" })).toEqual([]);
  });
});
