import { expect, test } from "vitest";
import { createTitles } from "./titles.ts";

function counting(): { asked: string[][]; titles: ReturnType<typeof createTitles> } {
  const asked: string[][] = [];
  const titles = createTitles(async (keys) => {
    asked.push([...keys]);
    return keys.filter((key) => key !== "secret").map((key) => ({ key, title: `Title of ${key}`, room: null }));
  });
  return { asked, titles };
}

test("titles are asked for together, each once", async () => {
  const { asked, titles } = counting();
  const found = await Promise.all(["a", "b", "a"].map((key) => titles.of(key)));
  expect(found).toEqual(["Title of a", "Title of b", "Title of a"]);
  expect(await titles.of("b")).toBe("Title of b");
  expect(asked).toEqual([["a", "b"]]);
});

test("what may not be read has no title", async () => {
  const { titles } = counting();
  expect(await titles.of("secret")).toBeNull();
});

test("a text that names very many documents asks in parts", async () => {
  const { asked, titles } = counting();
  const keys = Array.from({ length: 120 }, (_, number) => `k${number}`);
  const found = await Promise.all(keys.map((key) => titles.of(key)));
  expect(found.at(-1)).toBe("Title of k119");
  expect(asked.map((part) => part.length)).toEqual([50, 50, 20]);
});
