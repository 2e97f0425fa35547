/** Unsaved words, kept in the tab until the person lets go of them. */

import type { RefusalCode } from "../sync/types.ts";

// Whoever goes on typing into a document that takes nothing is refused letter by letter. What comes so soon after the
// last refusal, and is no longer than this, is the same sentence.
const SAME_SENTENCE_MS = 3_000;
const LETTERS = 20;

export interface Draft {
  readonly code: RefusalCode;
  readonly text: string;
  /** When the last of it was refused, in milliseconds since the epoch. */
  readonly at: number;
  /**
   * Which operations it was made of (`operationsOf`): they may be refused twice, as after a reload, and somebody may
   * write the same letters twice.
   */
  readonly of: readonly string[];
}

export interface Drafts {
  readonly all: readonly Draft[];
  /** Keeps a draft, or the letters of one at the end of the draft before. Returns false when it is kept already. */
  add(draft: Draft): boolean;
  remove(draft: Draft): void;
}

/** `key` names the person and the document: the next person on this tab must not read these words. */
export function createDrafts(storage: Storage, key: string): Drafts {
  let drafts = read(storage, key);
  const change = (next: readonly Draft[]): void => {
    drafts = next;
    write(storage, key, next);
  };
  return {
    get all() {
      return drafts;
    },
    add(draft) {
      if (drafts.some(({ of }) => draft.of.every((operations) => of.includes(operations)))) return false;
      const last = drafts.at(-1);
      change(last && goesOn(last, draft) ? [...drafts.slice(0, -1), joined(last, draft)] : [...drafts, draft]);
      return true;
    },
    remove(draft) {
      change(drafts.filter((one) => one !== draft));
    },
  };
}

export function draftsKey(person: string, document: string): string {
  return `collab-rooms.drafts.${person}.${document}`;
}

function goesOn(last: Draft, draft: Draft): boolean {
  const isSoon = draft.at >= last.at && draft.at - last.at <= SAME_SENTENCE_MS;
  return last.code === draft.code && isSoon && draft.text.length <= LETTERS;
}

function joined(last: Draft, draft: Draft): Draft {
  return { ...last, text: last.text + draft.text, at: draft.at, of: [...last.of, ...draft.of] };
}

function read(storage: Storage, key: string): readonly Draft[] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isDraft).map((draft) => ({ ...draft, of: draft.of ?? [] })) : [];
  } catch {
    return []; // Not JSON: not written by this module, so nothing of the person's is lost.
  }
}

function write(storage: Storage, key: string, drafts: readonly Draft[]): void {
  try {
    if (drafts.length === 0) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(drafts));
  } catch {
    // The tab's storage is full or closed. The words stay on the page, and leaving it asks first.
  }
}

/** Earlier versions of this page kept no `of`, and a tab can be older than the page. */
function isDraft(value: unknown): value is Omit<Draft, "of"> & Partial<Draft> {
  if (typeof value !== "object" || value === null) return false;
  const { code, text, at, of } = value as Partial<Record<keyof Draft, unknown>>;
  const isKnown = typeof code === "string" && typeof text === "string" && typeof at === "number";
  return isKnown && (of === undefined || Array.isArray(of));
}
