import { describe, expect, it } from "vitest";
import { t, tn, wordsOf, type Catalog } from "./words.ts";

/** One, few and many, as in Polish: more forms than English has. */
const POLISH: Catalog = {
  words: {
    Saved: "Zapisano",
    Empty: "",
    "{name} is writing": "Pisze {name}",
    "{n} person here": ["{n} osoba", "{n} osoby", "{n} osób"],
  },
  plural: Array.from({ length: 200 }, (_, n) => {
    const few = n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 10 || n % 100 >= 20);
    return n === 1 ? "0" : few ? "1" : "2";
  }).join(""),
};

describe("a page in another language", () => {
  const words = wordsOf(POLISH);

  it("has the words of its catalog, with values where the translation puts them", () => {
    expect(words.t("Saved")).toBe("Zapisano");
    expect(words.t("{name} is writing", { name: "Bob" })).toBe("Pisze Bob");
  });

  it.each([
    [0, "0 osób"], [1, "1 osoba"], [2, "2 osoby"], [5, "5 osób"], [12, "12 osób"], [22, "22 osoby"],
    [112, "112 osób"], [122, "122 osoby"], [201, "201 osób"], [1002, "1002 osoby"], [1012, "1012 osób"],
  ])("takes the form that %i has", (n, shown) => {
    expect(words.tn("{n} person here", "{n} people here", n)).toBe(shown);
  });

  it("stays English where a word is missing or empty", () => {
    expect(words.t("Empty")).toBe("Empty");
    expect(words.t("Sending…")).toBe("Sending…");
    expect(words.tn("{n} file", "{n} files", 2)).toBe("2 files");
    expect(words.t("constructor")).toBe("constructor");
  });
});

describe("English, which needs no catalog", () => {
  it("is what the source says", () => {
    expect(t("Saved")).toBe("Saved");
    expect([0, 1, 2].map((n) => tn("{n} word", "{n} words", n))).toEqual(["0 words", "1 word", "2 words"]);
    expect(tn("{n} of {all}", "{n} of {all}", 1, { all: 3 })).toBe("1 of 3");
  });
});

describe("a value", () => {
  it("is shown as it is, even if it looks like a place or a pattern of a replacement", () => {
    expect(t("{name} in {room}", { name: "{room} $& $1", room: "Ops" })).toBe("{room} $& $1 in Ops");
  });

  it("that is missing leaves its place to be seen", () => {
    expect(t("{name} left", {})).toBe("{name} left");
    expect(t("{toString}")).toBe("{toString}");
  });
});
