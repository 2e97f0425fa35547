/** Words that were typed and not sent, kept in the tab: closing the panel or reloading loses none. */

import type { Kind } from "./types.ts";

/** What a new thread will be about. */
export interface NewThread {
  readonly kind: Kind;
  readonly anchor: string;
  readonly head: string;
  readonly quote: string;
}

export interface CommentDrafts {
  /** The words for a place: `new`, `text` (of a suggestion), `reply:<thread>` or `edit:<comment>`. */
  get(place: string): string;
  /** Empty words are forgotten. */
  set(place: string, words: string): void;
  beginning: NewThread | null;
}

interface Kept {
  readonly words: Record<string, string>;
  readonly beginning: NewThread | null;
}

/** `key` names the person and the document: the next person on this tab must not read these words. */
export function createCommentDrafts(storage: Storage, key: string): CommentDrafts {
  let { words, beginning } = read(storage, key);
  const write = (): void => {
    try {
      if (beginning === null && Object.keys(words).length === 0) storage.removeItem(key);
      else storage.setItem(key, JSON.stringify({ words, beginning }));
    } catch {
      // The tab's storage is full or closed. The words stay on the page.
    }
  };
  return {
    get: (place) => words[place] ?? "",
    set(place, next) {
      const { [place]: _, ...others } = words;
      words = next === "" ? others : { ...others, [place]: next };
      write();
    },
    get beginning() {
      return beginning;
    },
    set beginning(next) {
      beginning = next;
      write();
    },
  };
}

export function commentDraftsKey(person: string, document: string): string {
  return `collab-rooms.comments.${person}.${document}`;
}

function read(storage: Storage, key: string): Kept {
  try {
    const kept = JSON.parse(storage.getItem(key) ?? "{}") as Partial<Kept>;
    return { words: kept.words ?? {}, beginning: kept.beginning ?? null };
  } catch {
    return { words: {}, beginning: null }; // Not JSON: not written by this module, so nothing of the person's is lost.
  }
}
