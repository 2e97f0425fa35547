/** Which threads are listed and in which order, what is new, and which share a place in the margin. */

import { t, tn } from "../page/words.ts";
import { nameOf, type Thread } from "./types.ts";

/** A passage in the text, in positions of ProseMirror. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where the passages of threads are, by their ids; null when a passage is gone. */
export type Ranges = ReadonlyMap<string, Range | null>;

export type Filter = "open" | "closed";

export function isOpen(thread: Thread): boolean {
  return thread.state === "open";
}

/** Those of the filter in the order of the text; the ones whose passage is gone come last, the oldest first. */
export function listed(threads: readonly Thread[], ranges: Ranges, filter: Filter): readonly Thread[] {
  const place = ({ id }: Thread): number => ranges.get(id)?.from ?? Number.POSITIVE_INFINITY;
  const wanted = threads.filter((thread) => isOpen(thread) === (filter === "open"));
  return wanted
    .map((thread, age) => ({ thread, age, place: place(thread) }))
    .sort((a, b) => (a.place === b.place ? a.age - b.age : a.place - b.place))
    .map(({ thread }) => thread);
}

/** What others said since, in a sentence for screen readers; empty when there is nothing. */
export function news(before: readonly Thread[], after: readonly Thread[], you: string): string {
  const known = new Set(before.flatMap(({ comments }) => comments.map(({ id }) => id)));
  const fresh = after.flatMap(({ kind, comments }) =>
    comments.flatMap(({ id, by }, index) =>
      known.has(id) || by?.id === you ? [] : [{ by, isSuggestion: kind === "suggestion" && index === 0 }],
    ),
  );
  const [one] = fresh;
  if (one === undefined) return "";
  if (fresh.length > 1) return tn("{n} new comment.", "{n} new comments.", fresh.length);
  const name = nameOf(one.by);
  return one.isSuggestion ? t("{name} suggested a change.", { name }) : t("{name} commented.", { name });
}

/** The upper edge of a passage, in pixels. */
export interface Top {
  readonly id: string;
  readonly top: number;
}

/** What stands at one place of the margin. */
export interface Marker {
  /** The upper edge, in pixels. */
  top: number;
  readonly threads: string[];
}

/** Threads by their line: those nearer to each other than `height` pixels share a marker. */
export function markers(tops: readonly Top[], height: number): readonly Marker[] {
  const result: Marker[] = [];
  for (const { id, top } of [...tops].sort((a, b) => a.top - b.top)) {
    const last = result.at(-1);
    if (last !== undefined && top < last.top + height) last.threads.push(id);
    else result.push({ top, threads: [id] });
  }
  return result;
}
