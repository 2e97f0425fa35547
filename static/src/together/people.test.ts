import { describe, expect, test } from "vitest";
import type { Participant, Role } from "../sync/types.ts";
import { aboutText, fit, initials, othersText, type PersonHere, peopleHere } from "./people.ts";

let sockets = 0;

function tab(user: string, role: Role = "editor"): Participant {
  sockets += 1;
  return { id: `p${sockets}`, user, name: `${user} Example`, color: "#1f5fbf", clientId: sockets, role, cursor: null };
}

describe("people", () => {
  test("a person with three tabs is one person", () => {
    const people = peopleHere([tab("alice", "owner"), tab("bob"), tab("bob"), tab("bob")], "alice");
    expect(people.map(({ id }) => id)).toEqual(["alice", "bob"]);
    expect(othersText(people, 0)).toBe("1 other here");
  });

  test("you come first, whoever arrived before", () => {
    const people = peopleHere([tab("bob"), tab("carol"), tab("alice")], "alice");
    expect(people.map(({ id, isYou }) => [id, isYou])).toEqual([["alice", true], ["bob", false], ["carol", false]]);
  });

  test("only those who may not write are viewers", () => {
    const tabs = [tab("vera", "viewer"), tab("carol", "commenter"), tab("bob"), tab("alice", "owner")];
    const people = peopleHere(tabs, "x");
    expect(people.filter(({ isViewer }) => isViewer).map(({ id }) => id)).toEqual(["vera", "carol"]);
  });

  test("a person is what the largest of their tabs may do", () => {
    const [bob] = peopleHere([tab("bob", "viewer"), tab("bob", "editor"), tab("bob", "commenter")], "x");
    expect([bob?.role, bob?.isViewer]).toEqual(["editor", false]);
  });

  test("what a person may do and does is said in words, and a reader is never called idle", () => {
    const [alice, vera] = peopleHere([tab("alice", "owner"), tab("vera", "viewer")], "x") as [PersonHere, PersonHere];
    expect(aboutText(alice, "here")).toBe("Owner");
    expect(aboutText(alice, "idle")).toBe("Owner, idle");
    expect(aboutText(vera, "away")).toBe("Can view");
  });

  test("alone, nothing is said about others", () => {
    expect(othersText(peopleHere([tab("alice")], "alice"), 0)).toBe("");
  });

  test("whoever is not listed is counted among the others", () => {
    const people = peopleHere([tab("alice"), tab("bob")], "alice");
    expect(othersText(people, 11)).toBe("12 others here");
    expect(othersText(people.slice(0, 1), 1)).toBe("1 other here");
  });

  test.each([
    ["Ada Lovelace", "AL"],
    ["Ada King Lovelace", "AL"],
    ["bob", "B"],
    ["bob.smith@example.org", "BO"],
    ["Łukasz Żak", "ŁŻ"],
    ["王 小明", "王小"],
    ["(Eve)", "E"],
    ["  ", "?"],
    ["🙂", "?"],
  ])("the initials of %j are %s", (name, expected) => expect(initials(name)).toBe(expected));

  test("what does not fit is counted", () => {
    expect(fit([1, 2, 3], 3, 0)).toEqual({ shown: [1, 2, 3], more: 0, hidden: 0 });
    expect(fit([1, 2, 3, 4, 5, 6], 3, 0)).toEqual({ shown: [1, 2], more: 4, hidden: 4 });
  });

  test("whoever is not listed is counted with what does not fit, and never shown", () => {
    expect(fit([1, 2, 3, 4, 5, 6], 3, 900)).toEqual({ shown: [1, 2], more: 904, hidden: 4 });
    expect(fit([1, 2, 3], 3, 900)).toEqual({ shown: [1, 2], more: 901, hidden: 1 });
    expect(fit([1, 2], 3, 900)).toEqual({ shown: [1, 2], more: 900, hidden: 0 });
  });
});
