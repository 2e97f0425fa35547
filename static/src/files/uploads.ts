/** Files on their way to the server: a few at a time, each with its progress, and kept until they are there. */

import { t } from "../page/words.ts";
import { sizeText } from "./sizes.ts";

/** What the server says about a file that it keeps. */
export interface Stored {
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly image: boolean;
  /** Of a picture, in pixels, as it is shown; null: unknown, or no picture. */
  readonly wide: number | null;
  readonly high: number | null;
}

export type State =
  | { readonly kind: "waiting" }
  /** `part` from 0 to 1. */
  | { readonly kind: "sending"; readonly part: number }
  | { readonly kind: "failed"; readonly words: string; readonly again: boolean }
  | { readonly kind: "stored"; readonly file: Stored }
  | { readonly kind: "cancelled" };

export interface Upload {
  readonly id: string;
  readonly file: File;
  readonly state: State;
}

export type Answer =
  | { readonly kind: "stored"; readonly file: Stored }
  /** `again`: trying once more may help. */
  | { readonly kind: "failed"; readonly words: string; readonly again: boolean };

export interface Sending {
  readonly answer: Promise<Answer>;
  abort(): void;
}

export type Send = (file: File, progress: (part: number) => void) => Sending;

export interface Uploads {
  add(file: File): Upload;
  cancel(id: string): void;
  again(id: string): void;
  /** Whether closing the page would lose something. */
  readonly busy: boolean;
}

/** At once: more would only make each of them slower. */
const AT_ONCE = 2;

interface Entry {
  id: string;
  file: File;
  state: State;
  sending: Sending | null;
}

export function createUploads(send: Send, mostBytes: number, changed: (upload: Upload) => void): Uploads {
  const entries = new Map<string, Entry>();
  let made = 0;

  const set = (entry: Entry, state: State): void => {
    entry.state = state;
    if (state.kind === "stored" || state.kind === "cancelled") entries.delete(entry.id);
    changed(entry);
  };
  const next = (): void => {
    const all = [...entries.values()];
    const free = AT_ONCE - all.filter(({ state }) => state.kind === "sending").length;
    for (const entry of all.filter(({ state }) => state.kind === "waiting").slice(0, Math.max(0, free))) start(entry);
  };
  const start = (entry: Entry): void => {
    const sending = send(entry.file, (part) => {
      if (entry.sending === sending && entry.state.kind === "sending") set(entry, { kind: "sending", part });
    });
    entry.sending = sending;
    set(entry, { kind: "sending", part: 0 });
    void sending.answer.then((answer) => {
      if (entry.sending !== sending) return; // cancelled meanwhile
      entry.sending = null;
      set(entry, answer);
      next();
    });
  };

  return {
    add(file) {
      made += 1;
      const entry: Entry = { id: `upload-${made}`, file, state: { kind: "waiting" }, sending: null };
      const words = objection(file, mostBytes);
      if (words !== null) entry.state = { kind: "failed", words, again: false };
      entries.set(entry.id, entry);
      // The caller puts it onto the page first.
      queueMicrotask(next);
      return entry;
    },
    cancel(id) {
      const entry = entries.get(id);
      if (entry === undefined) return;
      const { sending } = entry;
      entry.sending = null;
      sending?.abort();
      set(entry, { kind: "cancelled" });
      next();
    },
    again(id) {
      const entry = entries.get(id);
      if (entry?.state.kind !== "failed" || !entry.state.again) return;
      set(entry, { kind: "waiting" });
      next();
    },
    get busy() {
      return [...entries.values()].some(({ state }) => state.kind !== "failed" || state.again);
    },
  };
}

/** What can be said before anything is sent. */
function objection(file: File, mostBytes: number): string | null {
  if (file.size === 0) return t("It is empty, or a folder.");
  if (file.size > mostBytes) {
    return t("It has {size}; a file may have at most {most}.", { size: sizeText(file.size), most: sizeText(mostBytes) });
  }
  return null;
}
