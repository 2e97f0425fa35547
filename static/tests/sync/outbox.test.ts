import * as Y from "yjs";
import { describe, expect, test } from "vitest";
import { Outbox, type Batch } from "../../src/sync/outbox.ts";

/** A document whose every change goes to the outbox. */
function writer(): { body: Y.Text; outbox: Outbox } {
  const doc = new Y.Doc();
  const outbox = new Outbox();
  doc.on("update", (update: Uint8Array) => outbox.add(update));
  return { body: doc.getText("body"), outbox };
}

function read(...updates: (Uint8Array | null | undefined)[]): string {
  const doc = new Y.Doc();
  for (const update of updates) if (update) Y.applyUpdate(doc, update);
  return doc.getText("body").toString();
}

describe("the outbox", () => {
  test("has one batch in flight, and merges what is written meanwhile", () => {
    const { body, outbox } = writer();
    body.insert(0, "a");
    const first = outbox.take() as Batch;
    body.insert(1, "b");
    body.insert(2, "c");
    expect(outbox.take()).toBeNull();
    outbox.acknowledged(first);
    const second = outbox.take() as Batch;
    expect(read(first.update)).toBe("a");
    expect(read(first.update, second.update)).toBe("abc");
    outbox.acknowledged(second);
    expect(outbox.take()).toBeNull();
    expect(outbox.isEmpty).toBe(true);
  });

  test("says where the words are", () => {
    const { body, outbox } = writer();
    const words = [outbox.words];
    body.insert(0, "a");
    words.push(outbox.words);
    const first = outbox.take() as Batch;
    words.push(outbox.words);
    body.insert(1, "b");
    words.push(outbox.words);
    outbox.acknowledged(first);
    words.push(outbox.words);
    const second = outbox.take() as Batch;
    words.push(outbox.words);
    outbox.acknowledged(second);
    words.push(outbox.words);
    expect(words).toEqual(["saved", "device", "sent", "device", "device", "sent", "saved"]);
  });

  test("a batch without an answer goes again, in front of and with what followed", () => {
    const { body, outbox } = writer();
    body.insert(0, "a");
    const first = outbox.take() as Batch;
    body.insert(1, "b");
    outbox.returned(first);
    expect(outbox.words).toBe("device");
    expect(read((outbox.take() as Batch).update)).toBe("ab");
  });

  test("a late answer to a batch that was returned changes nothing", () => {
    const { body, outbox } = writer();
    body.insert(0, "a");
    const first = outbox.take() as Batch;
    outbox.recall();
    const again = outbox.take() as Batch;
    outbox.acknowledged(first);
    outbox.returned(first);
    expect(outbox.isFlying).toBe(true);
    outbox.acknowledged(again);
    expect(outbox.isEmpty).toBe(true);
  });

  test("clear gives everything unsaved, in flight or not, and leaves nothing", () => {
    const { body, outbox } = writer();
    body.insert(0, "a");
    outbox.take();
    body.insert(1, "b");
    expect(read(outbox.peek())).toBe("ab");
    expect(read(outbox.clear())).toBe("ab");
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.size).toBe(0);
    expect(outbox.clear()).toBeNull();
  });

  test("ten thousand changes offline stay cheap and come out whole", () => {
    const { body, outbox } = writer();
    for (let i = 0; i < 10_000; i += 1) body.insert(body.length, String(i % 10));
    const updates: Uint8Array[] = [];
    for (let batch = outbox.take(); batch !== null; batch = outbox.take()) {
      updates.push(batch.update);
      outbox.acknowledged(batch);
    }
    expect(read(...updates)).toBe(body.toString());
    expect(updates.length).toBeLessThan(5);
  });

  test("a lot of text becomes several batches, each below the server's limit, in the order of writing", () => {
    const { body, outbox } = writer();
    for (let i = 0; i < 40; i += 1) body.insert(body.length, String(i % 10).repeat(10_000));
    const state = new Y.Doc();
    let count = 0;
    for (let batch = outbox.take(); batch !== null; batch = outbox.take()) {
      expect(batch.update.byteLength).toBeLessThan(70_000);
      Y.applyUpdate(state, batch.update);
      expect(state.store.pendingStructs).toBeNull();
      outbox.acknowledged(batch);
      count += 1;
    }
    expect(count).toBeGreaterThan(5);
    expect(state.getText("body").toString()).toBe(body.toString());
  });

  test("one change above the limit goes alone", () => {
    const { body, outbox } = writer();
    body.insert(0, "a");
    body.insert(1, "x".repeat(100_000));
    body.insert(0, "b");
    const sizes: number[] = [];
    for (let batch = outbox.take(); batch !== null; batch = outbox.take()) {
      sizes.push(Math.floor(batch.update.byteLength / 100_000));
      outbox.acknowledged(batch);
    }
    expect(sizes).toEqual([0, 1, 0]);
  });
});
