/** Threads and comments for the tests of this folder. */

import type { Comment, Person, Thread } from "./types.ts";

const AT = "2026-03-10T12:00:00+00:00";

export function person(name: string): Person {
  return { id: name, name: name[0]?.toUpperCase() + name.slice(1), color: "#1f5fbf" };
}

export function comment(id: string, by: string, body = "Words."): Comment {
  return { id, by: person(by), at: AT, edited_at: null, deleted: false, body, reactions: [] };
}

export function thread(id: string, fields: Partial<Thread> = {}): Thread {
  return {
    id,
    kind: "comment",
    state: "open",
    anchor: null,
    head: null,
    quote: "",
    replacement: null,
    by: person("carol"),
    at: AT,
    closed_by: null,
    closed_at: null,
    comments: [comment(`${id}1`, "carol")],
    ...fields,
  };
}
