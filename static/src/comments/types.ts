/** Comments as the server tells them; see "Comments" in docs/protocol.md. */

import { t } from "../page/words.ts";

export interface Person {
  readonly id: string;
  readonly name: string;
  /** `#rrggbb`. */
  readonly color: string;
}

export interface Reaction {
  readonly emoji: string;
  readonly people: readonly string[];
  readonly mine: boolean;
}

export interface Comment {
  readonly id: string;
  /** Null when the account is gone. */
  readonly by: Person | null;
  /** ISO 8601, as all times here. */
  readonly at: string;
  readonly edited_at: string | null;
  readonly deleted: boolean;
  readonly body: string;
  readonly reactions: readonly Reaction[];
}

export type Kind = "comment" | "suggestion";
export type State = "open" | "resolved" | "accepted" | "rejected";

export interface Thread {
  readonly id: string;
  readonly kind: Kind;
  readonly state: State;
  /** Encoded Yjs relative positions in base64, of the beginning and the end; null in another lineage. */
  readonly anchor: string | null;
  readonly head: string | null;
  /** The passage as it was, cut. */
  readonly quote: string;
  /** What a suggestion would write instead. */
  readonly replacement: string | null;
  readonly by: Person | null;
  readonly at: string;
  readonly closed_by: Person | null;
  readonly closed_at: string | null;
  readonly comments: readonly Comment[];
}

export interface May {
  readonly comment: boolean;
  readonly edit: boolean;
  readonly own: boolean;
}

export interface Answer {
  readonly version: number;
  readonly you: string;
  readonly may: May;
  readonly threads: readonly Thread[];
}

/** What is sent to begin a thread. */
export interface Beginning {
  readonly kind: Kind;
  readonly anchor: string;
  readonly head: string;
  readonly quote: string;
  readonly body: string;
  readonly replacement: string | null;
}

/** How much fits, in characters; the server refuses more. */
export const MAX_QUOTE = 500;
export const MAX_BODY = 10_000;

/** Those that the server takes; see rooms/core/commenting.py. */
export const EMOJI: readonly (readonly [emoji: string, name: string])[] = [
  ["👍", t("Thumbs up")],
  ["👎", t("Thumbs down")],
  ["😄", t("Laughing")],
  ["🎉", t("Party")],
  ["😕", t("Confused")],
  ["❤️", t("Heart")],
  ["🚀", t("Rocket")],
  ["👀", t("Eyes")],
  ["🙏", t("Thanks")],
  ["💯", t("Hundred")],
  ["✅", t("Done")],
  ["❓", t("Question")],
];

export const NOBODY = t("Somebody who left");

export function nameOf(person: Person | null): string {
  return person?.name ?? NOBODY;
}
