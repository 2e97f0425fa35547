import { describe, expect, test } from "vitest";
import { Backoff, slot, spreadSlot } from "../../src/sync/backoff.ts";
import { seeded } from "./cast.ts";

describe("back-off", () => {
  test("begins at a second and doubles, spread over a factor of three", () => {
    const bounds = [0, 0.999999].map((chance) => {
      const backoff = new Backoff(() => chance);
      return Array.from({ length: 7 }, () => Math.round(backoff.next()));
    });
    expect(bounds[0]).toEqual([500, 1000, 2000, 4000, 8000, 10000, 10000]);
    expect(bounds[1]).toEqual([1500, 3000, 6000, 12000, 24000, 30000, 30000]);
  });

  test("B2: stays jittered at the cap, so that nobody comes back in step", () => {
    const random = seeded(2);
    const delays = Array.from({ length: 2000 }, () => {
      const backoff = new Backoff(random);
      for (let i = 0; i < 20; i += 1) backoff.next();
      return backoff.next();
    });
    expect(Math.max(...delays)).toBeLessThanOrEqual(30_000);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(10_000);
    const seconds = Array.from({ length: 20 }, (_, i) => delays.filter((ms) => Math.floor(ms / 1000) === 10 + i).length);
    // 2,000 over 20 seconds: a hundred in each, give or take chance.
    for (const count of seconds) expect(count).toBeGreaterThan(60);
    for (const count of seconds) expect(count).toBeLessThan(140);
  });

  test("B2: starts over only after a stable minute, not as soon as a transport opens", () => {
    const backoff = new Backoff(() => 0);
    backoff.next();
    backoff.next();
    backoff.up(1_000);
    backoff.down(60_999);
    expect(backoff.next()).toBe(2000);
    backoff.up(100_000);
    backoff.down(160_000);
    expect(backoff.next()).toBe(500);
  });

  test("a failed attempt after a stable minute does not start over again", () => {
    const backoff = new Backoff(() => 0);
    backoff.up(0);
    backoff.down(60_000);
    backoff.next();
    backoff.down(200_000);
    expect(backoff.next()).toBe(1000);
  });

  test("a slot of the server is kept within reason, and nobody comes before it", () => {
    expect([slot(-5), slot(2500), slot(1e9)]).toEqual([100, 2500, 300_000]);
    expect(spreadSlot(2000, () => 0)).toBe(2000);
    expect(spreadSlot(2000, () => 1)).toBe(2400);
  });
});
