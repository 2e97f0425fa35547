/** A server and people around one document, new for every test, on a clock that the test turns. */

import { afterEach, beforeEach, expect, vi } from "vitest";
import { arrive, type Person } from "./cast.ts";
import { FakeServer, type Handling } from "./fake-server.ts";

/** The server of the test at hand. */
export let server: FakeServer;
const present: Person[] = [];

/** Lets a person open the document; at the end nobody may have met an error. */
export const come = (user: string): Person => {
  const person = arrive(server, user);
  present.push(person);
  return person;
};

/** Answers the next event of this kind so, once. */
export function once(kind: string, answer: Handling): void {
  server.intercept = (_user, event) => {
    if (event !== kind) return undefined;
    server.intercept = () => undefined;
    return answer;
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  server.plan.doc.getText("body").insert(0, "plan: ");
});

afterEach(() => {
  for (const person of present.splice(0)) {
    expect(person.errors).toEqual([]);
    person.connection.close();
  }
  vi.useRealTimers();
});
