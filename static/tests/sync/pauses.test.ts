import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { pass } from "./cast.ts";
import { refusal } from "./fake-server.ts";
import { come, once, server } from "./stage.ts";

describe("asked to slow down", () => {
  test("an edit waits, goes with what was written meanwhile, and is never a draft", async () => {
    const alice = come("alice");
    await pass(100);
    once("edit", refusal("slow_down", 4_000));
    alice.write("first ");
    await pass(100);
    expect(alice.provider.status).toMatchObject({ words: "device", pause: "slow_down", refusal: null });
    for (const word of ["second ", "third"]) {
      alice.write(word);
      await pass(1_000);
    }
    expect(server.seen("edit")).toHaveLength(1);
    await pass(3_000);
    const [refused, again, ...rest] = server.seen("edit").map(({ update }) => update as Uint8Array);
    expect(rest).toEqual([]);
    expect(alice.text).toBe("plan: first second third");
    expect(server.text).toBe(alice.text);
    expect(operations(again!)).toBeGreaterThan(operations(refused!));
    expect(alice.provider.status).toMatchObject({ words: "saved", pause: null });
    expect(alice.drafts).toEqual([]);
  });

  test("again and again loses nothing, and is one state and no flicker", async () => {
    const alice = come("alice");
    await pass(100);
    const pauses: (string | null)[] = [];
    alice.provider.on("status", ({ pause }) => pauses.at(-1) !== pause && pauses.push(pause));
    let left = 5;
    server.intercept = (_user, event) => (event === "edit" && left-- > 0 ? refusal("slow_down", 500) : undefined);
    for (let number = 0; number < 30; number += 1) {
      alice.write(`${number} `);
      await pass(100);
    }
    await pass(2_000);
    expect(server.text).toBe(alice.text);
    expect(server.seen("edit").length).toBeGreaterThan(5);
    expect(pauses.filter((pause) => pause !== null)).toEqual(["slow_down"]);
    expect(alice.provider.status).toMatchObject({ words: "saved", pause: null });
    expect(alice.drafts).toEqual([]);
  });

  test("the line that is lost meanwhile takes nothing along", async () => {
    const alice = come("alice");
    await pass(100);
    once("edit", refusal("slow_down", 60_000));
    alice.write("kept");
    await pass(100);
    server.cut();
    await pass(100);
    expect(alice.provider.status.pause).toBeNull();
    await pass(3_000);
    expect(server.text).toBe("plan: kept");
  });

  test("an open waits and asks again, and says why until then", async () => {
    once("open", { ...refusal("busy", 3_000), reason: "crowd" });
    const alice = come("alice");
    await pass(100);
    expect(alice.provider.status).toMatchObject({ synced: false, pause: "crowd", refusal: null });
    alice.write("before it is open ");
    await pass(3_500);
    expect(server.seen("open")).toHaveLength(2);
    expect(alice.provider.status).toMatchObject({ synced: true, pause: null, words: "saved" });
    expect(server.text).toContain("before it is open");
    expect(alice.drafts).toEqual([]);
  });

  test("a connection with too many tabs waits, says so, and comes in when there is room", async () => {
    server.refuse = { code: "busy", data: { code: "busy", retry_after_ms: 10_000, reason: "tabs" } };
    const alice = come("alice");
    alice.write("kept");
    await pass(100);
    expect(alice.connection.state).toMatchObject({ kind: "waiting", reason: "tabs" });
    server.refuse = null;
    await pass(13_000);
    expect(server.text).toContain("kept");
  });
});

/** How many operations an update holds. */
function operations(update: Uint8Array): number {
  return Y.decodeUpdate(update).structs.reduce((sum, { length }) => sum + length, 0);
}
