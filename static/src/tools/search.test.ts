import { describe, expect, it } from "vitest";
import { BadExpression, compile, nearest, type Query, replacementFor, search } from "./search.ts";

const PLAIN: Query = { words: "", matchCase: false, wholeWord: false, expression: false };

function found(text: string, query: Partial<Query>, at = 1): string[] {
  return search([{ at, text }], compile({ ...PLAIN, ...query })).map((match) => `${match.from}:${match.text}`);
}

describe("finding", () => {
  it.each<[string, Partial<Query>, string[]]>([
    ["One one ONE", { words: "one" }, ["1:One", "5:one", "9:ONE"]],
    ["One one ONE", { words: "one", matchCase: true }, ["5:one"]],
    ["cat concat cat_2 cat", { words: "cat", wholeWord: true }, ["1:cat", "18:cat"]],
    ["Öl Ölung", { words: "öl", wholeWord: true }, ["1:Öl"]],
    ["a.b axb (c)", { words: "a.b" }, ["1:a.b"]],
    ["a.b axb (c)", { words: "(c)" }, ["9:(c)"]],
    ["a.b axb", { words: "a.b", expression: true }, ["1:a.b", "5:axb"]],
    ["aaa", { words: "x*", expression: true }, []],
    ["aXXa", { words: "x*", expression: true }, ["2:XX"]],
    ["a-b/c {d}", { words: "b/c {" }, ["3:b/c {"]],
    ["😀a😀", { words: "a" }, ["3:a"]],
    ["😀😀", { words: "^.", expression: true }, ["1:😀"]],
  ])("in %j with %j", (text, query, expected) => {
    expect(found(text, query)).toEqual(expected);
  });

  it("goes through the blocks in order and stops at the most", () => {
    const blocks = [1, 11, 21].map((at) => ({ at, text: "x x" }));
    expect(search(blocks, compile({ ...PLAIN, words: "x" }), 4).map(({ from }) => from)).toEqual([1, 3, 11, 13]);
  });

  it.each(["(", "[a", "a{2,1}", "\\"])("says what is wrong with the expression %j", (words) => {
    expect(() => compile({ ...PLAIN, words, expression: true })).toThrow(BadExpression);
    expect(() => compile({ ...PLAIN, words, expression: true })).toThrow(/^This is not a regular expression: .+\.$/);
  });
});

describe("replacing", () => {
  const pattern = compile({ ...PLAIN, words: "(\\d+)-(\\d+)(x)?", expression: true });
  const [match] = search([{ at: 1, text: "2026-07" }], pattern);

  it.each([
    ["$2/$1", "07/2026"],
    ["[$&]", "[2026-07]"],
    ["$$1", "$1"],
    ["$3", ""],
    ["$4 $0 $", "$4 $0 $"],
  ])("%j gives %j", (template, expected) => {
    expect(match).toBeDefined();
    if (match !== undefined) expect(replacementFor(match, template, true)).toBe(expected);
  });

  it("takes the words as they are when they are no expression", () => {
    if (match !== undefined) expect(replacementFor(match, "$1", false)).toBe("$1");
  });
});

describe("where to begin", () => {
  const matches = search([{ at: 1, text: "x x x" }], compile({ ...PLAIN, words: "x" }));

  it.each([
    [1, 0],
    [2, 1],
    [5, 2],
    [6, 0],
  ])("from position %i the match %i", (position, index) => {
    expect(nearest(matches, position)).toBe(index);
  });

  it("is nowhere without a match", () => {
    expect(nearest([], 1)).toBe(-1);
  });
});
