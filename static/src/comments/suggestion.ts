/** Accepting a suggestion: of several who do it at the same moment one may write, so the server is asked first. */

import { t } from "../page/words.ts";
import type { Desk } from "./desk-type.ts";
import type { Range } from "./order.ts";
import { MAX_QUOTE, type Thread } from "./types.ts";

/** What stands in the way of putting the replacement in just like that. */
export type Obstacle = { readonly now: string } | "gone";

export function obstacle(desk: Desk, thread: Thread): Obstacle | null {
  const range = desk.range(thread.id);
  if (range === null) return "gone";
  const now = desk.words(range);
  return sameWords(now, thread.quote) ? null : { now };
}

/** Returns words about what went wrong, or null. `expected` is the passage as the person saw it. */
export async function accept(desk: Desk, thread: Thread, expected: string): Promise<string | null> {
  const answer = await desk.store.changed(thread.id, desk.store.api.turn(thread.id, "accepted"));
  if ("problem" in answer) {
    const isNews = answer.code === "conflict" || answer.code === "forbidden";
    return isNews ? answer.problem : `${answer.problem} ${t("The text is as it was.")}`;
  }
  const range = desk.range(thread.id);
  if (range !== null && sameWords(desk.words(range), expected) && replaced(desk, range, thread)) return null;
  // Others changed the passage while the server was asked: nothing of theirs is written over.
  await desk.store.changed(thread.id, desk.store.api.turn(thread.id, "open"));
  return t("The text was changed at the same moment, so it is as it was. Look at it, then try again.");
}

function replaced(desk: Desk, range: Range, thread: Thread): boolean {
  const done = desk.replace(range, thread);
  if (done) desk.say(t("The change is in the text."));
  return done;
}

/** A quote is cut where the server has no more room. */
export function sameWords(now: string, quote: string): boolean {
  return now === quote || (quote.length >= MAX_QUOTE - 1 && now.startsWith(quote));
}
