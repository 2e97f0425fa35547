/** What the views of comments ask of the part that ties them to the page. */

import type { CommentDrafts, NewThread } from "./drafts.ts";
import type { Range } from "./order.ts";
import type { CommentStore } from "./store.ts";
import type { Thread } from "./types.ts";

export interface Desk {
  readonly store: CommentStore;
  readonly drafts: CommentDrafts;
  /** Tells screen readers, politely. */
  readonly say: (words: string) => void;
  /** Where the passage is now; null when it is gone. */
  range(thread: string): Range | null;
  /** The words of a passage as they are now. */
  words(range: Range): string;
  /** Shows the passage in the text. */
  show(thread: string): void;
  /** Puts the replacement where `range` says. Returns false when the text cannot be changed now. */
  replace(range: Range, thread: Thread): boolean;
  /** The comment that is being written, or none any more. */
  began(beginning: NewThread | null): void;
  /** The address of a thread. */
  link(thread: string): string;
}
