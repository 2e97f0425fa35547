import { describe, expect, test } from "vitest";
import { Activities, AWAY_MS, IDLE_MS, WRITING_MS, writingText } from "./activity.ts";

describe("activity", () => {
  test("whoever edited a moment ago is writing, and is here after it", () => {
    const activities = new Activities();
    activities.wrote("bob", 1_000);
    expect(activities.of("bob", 1_000 + WRITING_MS - 1)).toBe("writing");
    expect(activities.of("bob", 1_000 + WRITING_MS)).toBe("here");
  });

  test("whoever does not move is idle, and later away, until the next move", () => {
    const activities = new Activities();
    activities.moved("bob", 0);
    expect([IDLE_MS - 1, IDLE_MS, AWAY_MS - 1, AWAY_MS].map((now) => activities.of("bob", now)))
      .toEqual(["here", "idle", "idle", "away"]);
    activities.moved("bob", AWAY_MS);
    expect(activities.of("bob", AWAY_MS + 1)).toBe("here");
  });

  test("nobody is idle of whom nothing is known", () => {
    expect(new Activities().of("bob", AWAY_MS * 9)).toBe("here");
  });

  test("whoever left and comes back has just come", () => {
    const activities = new Activities();
    activities.moved("bob", 0);
    activities.keep(new Set(["carol"]));
    expect(activities.of("bob", AWAY_MS)).toBe("here");
  });

  test.each([
    [[], ""],
    [["Bob"], "Bob is writing…"],
    [["Bob", "Carol"], "Bob and Carol are writing…"],
    [["Bob", "Carol", "Alice"], "3 people are writing…"],
  ])("%j: %s", (names, expected) => expect(writingText(names)).toBe(expected));
});
