/** Unsaved words, kept in the tab until the person lets go of them. */

import type { RefusalCode } from "../sync/types.ts";

export interface Draft {
  readonly code: RefusalCode;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Drafts {
  readonly all: readonly Draft[];
  /** Returns false when the same words are already kept. */
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
      if (drafts.some(({ code, text }) => code === draft.code && text === draft.text)) return false;
      change([...drafts, draft]);
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

function read(storage: Storage, key: string): readonly Draft[] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isDraft) : [];
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

function isDraft(value: unknown): value is Draft {
  if (typeof value !== "object" || value === null) return false;
  const { code, text, at } = value as Partial<Record<keyof Draft, unknown>>;
  return typeof code === "string" && typeof text === "string" && typeof at === "number";
}
