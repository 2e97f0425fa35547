/** The local copy of a document: its Y.Doc, the lineage that it belongs to, and what in it is unsaved. */

import * as Y from "yjs";
import { Outbox } from "./outbox.ts";
import type { Epoch, RefusalCode } from "./types.ts";

export class Copy {
  readonly outbox = new Outbox();
  /** The lineage held; null while nothing of the server's is in `doc`. */
  epoch: Epoch | null = null;
  /**
   * Why this copy is no longer what the others see (it holds a refused edit, or another lineage), so that the next
   * `open` must start from an empty document. Null while it is sound.
   */
  spoilt: RefusalCode | null = null;
  readonly #origin: object;
  readonly #written: () => void;
  #doc = new Y.Doc();

  /** `origin` marks changes that came from the server; `written` is called after every other change. */
  constructor(origin: object, written: () => void) {
    this.#origin = origin;
    this.#written = written;
    this.#doc.on("update", this.#onUpdate);
  }

  get doc(): Y.Doc {
    return this.#doc;
  }

  apply(update: Uint8Array): void {
    Y.applyUpdate(this.#doc, update, this.#origin);
  }

  /** Something was received that builds on something that was not. */
  get isWaitingForMore(): boolean {
    const { pendingStructs, pendingDs } = this.#doc.store;
    return pendingStructs !== null || pendingDs !== null;
  }

  /** Goes on with `doc`, which has the server's content. The old document is left as it is, and no longer heard. */
  replace(doc: Y.Doc): void {
    this.#doc.off("update", this.#onUpdate);
    this.#doc = doc;
    this.#doc.on("update", this.#onUpdate);
    this.spoilt = null;
  }

  close(): void {
    this.#doc.off("update", this.#onUpdate);
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this.#origin) return;
    this.outbox.add(update);
    this.#written();
  };
}
