/** What a device keeps of a document, so that nothing is lost with the page: the copy, and the words that are unsaved. */

import type { Epoch, Role } from "./types.ts";

/** A copy as it was at some moment: a Yjs update in the v1 encoding, and whose and which it is. */
export interface KeptCopy {
  readonly epoch: Epoch;
  readonly role: Role;
  readonly title: string;
  readonly state: Uint8Array;
}

/** Words that the server has not confirmed, of one page. */
export interface KeptWords {
  /** The lineage that they were written in; null when the page had nothing of the server's yet. */
  readonly epoch: Epoch | null;
  readonly update: Uint8Array;
}

export interface Kept {
  readonly copy: KeptCopy | null;
  /** Of every page of this person with this document, the oldest first. */
  readonly words: readonly KeptWords[];
}

/** The place where it is kept, for one person and one document. Whatever fails there rejects. */
export interface Keep {
  /** Takes over what earlier pages left: their words are from now on those of this page. */
  load(): Promise<Kept>;
  /** Both at once or neither: a copy whose unsaved words are unknown would never be complete. `null` words: none. */
  save(copy: KeptCopy | null, words: KeptWords | null): Promise<void>;
  /** Forgets the copy. The words stay if `words` is given: they are the person's own. */
  forget(words: KeptWords | null): Promise<void>;
}
