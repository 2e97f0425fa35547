/** Of many people only some are shown; whoever is not is in its own list all the same. */

import { describe, expect, test } from "vitest";
import { pass, type Person } from "./cast.ts";
import type { FakeSocket } from "./fake-server.ts";
import { come, server } from "./stage.ts";

const line = (user: string): FakeSocket => server.connected(user)[0] as FakeSocket;
const sees = ({ provider }: Person): [string[], number] => [provider.people.map(({ user }) => user).sort(), provider.others];

/** Alice and Bob are shown; Carol and 37 more are not. */
async function gather(): Promise<[Person, Person, Person]> {
  server.crowd = 37;
  server.hidden.add("carol");
  const people: [Person, Person, Person] = [come("alice"), come("bob"), come("carol")];
  await pass(100);
  return people;
}

/** Shows one person instead of another. */
async function swap(shown: string, instead: string): Promise<void> {
  server.hidden.delete(shown);
  server.hidden.add(instead);
  server.tellPeople({ joined: [server.describe(line(shown))], left: [line(instead).visitor?.id] });
  await pass(50);
}

describe("a crowd", () => {
  test("is a number beside the list, and the number leaves out whoever reads it", async () => {
    const [alice, bob, carol] = await gather();
    expect(sees(alice)).toEqual([["alice", "bob"], 38]);
    expect(sees(bob)).toEqual([["alice", "bob"], 38]);
    expect(sees(carol)).toEqual([["alice", "bob", "carol"], 37]);
    server.crowd = 99;
    server.tellPeople({});
    await pass(50);
    expect([alice, carol].map(({ provider }) => provider.others)).toEqual([100, 99]);
  });

  test("lists whoever begins to write and not whoever made room, who stays in its own list", async () => {
    const [alice, bob, carol] = await gather();
    await swap("carol", "bob");
    expect(sees(alice)).toEqual([["alice", "carol"], 38]);
    expect(sees(bob)).toEqual([["alice", "bob", "carol"], 37]);
    expect(sees(carol)).toEqual([["alice", "carol"], 38]);
    const { states } = alice.provider.awareness;
    expect([bob, carol].map(({ provider }) => states.has(provider.doc.clientID))).toEqual([false, true]);
    await swap("bob", "alice");
    expect([alice, bob, carol].map(sees)).toEqual([
      [["alice", "bob", "carol"], 37],
      [["bob", "carol"], 38],
      [["bob", "carol"], 38],
    ]);
  });

  test("is the same after the line was cut", async () => {
    const people = await gather();
    await swap("carol", "alice");
    const before = people.map(sees);
    server.cut();
    await pass(5_000);
    expect(people.map(sees)).toEqual(before);
  });

  test("comes with the list, whatever changed", async () => {
    const alice = come("alice");
    const heard: [number, number][] = [];
    alice.provider.on("people", (people, others) => heard.push([people.length, others]));
    server.crowd = 900;
    await pass(100);
    server.crowd = 901;
    server.tellPeople({});
    await pass(50);
    expect([heard.at(0), heard.at(-1)]).toEqual([[1, 900], [1, 901]]);
  });

  test("is nobody when there has been no word of it for long", async () => {
    const [alice] = await gather();
    server.reachable = false;
    server.cut();
    await pass(11_000);
    expect(sees(alice)).toEqual([[], 0]);
  });

  test("does not hide their own role from those who are not shown", async () => {
    const [, , carol] = await gather();
    line("carol").push("access", { document: "plan", role: "editor", code: null });
    await pass(50);
    expect(carol.provider.people.find(({ user }) => user === "carol")?.role).toBe("editor");
    expect(carol.provider.others).toBe(37);
  });

  test("is nobody to a server that does not count", async () => {
    const alice = come("alice");
    await pass(100);
    line("alice").push("people", { document: "plan", joined: [], left: [], cursors: {} });
    await pass(50);
    expect(alice.provider.others).toBe(0);
  });

  test.each([-1, 1.5, "many"])("of %j is a fault of the server: asked again", async (others) => {
    const alice = come("alice");
    server.crowd = others as number;
    await pass(20);
    expect(alice.provider.synced).toBe(false);
    server.crowd = 4;
    await pass(5_000);
    expect([alice.provider.synced, alice.provider.others]).toEqual([true, 4]);
    expect(new Set(alice.errors.splice(0).map(String))).toEqual(new Set(["BadFrame: others"]));
  });
});
