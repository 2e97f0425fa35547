/** Who is in one document and where: the list, the carets of the others for the editor, our own on its way. */

import type * as Y from "yjs";
import { Awareness } from "./awareness.ts";
import { Alarm, type Tools } from "./clock.ts";
import { CursorSender, type Sent } from "./cursors.ts";
import type { Report } from "./emitter.ts";
import type { PeopleChange } from "./messages.ts";
import { People } from "./people.ts";
import type { Cursor, Participant } from "./types.ts";

// Faces and carets stay through a short interruption, but nobody is shown as present for long without word of them.
const GRACE_MS = 10_000;

export class Presence {
  readonly #people = new People();
  readonly #cursors: CursorSender;
  readonly #grace: Alarm;
  readonly #report: Report;
  readonly #changed: (people: readonly Participant[]) => void;
  #awareness: Awareness;
  #you: string | null = null;

  constructor(
    doc: Y.Doc,
    send: (cursor: Cursor | null) => Sent,
    changed: (people: readonly Participant[]) => void,
    tools: Tools,
  ) {
    this.#cursors = new CursorSender(send, tools.clock);
    this.#grace = new Alarm(tools.clock);
    this.#report = tools.report;
    this.#changed = changed;
    this.#awareness = this.#bind(doc);
  }

  get awareness(): Awareness {
    return this.#awareness;
  }

  get people(): readonly Participant[] {
    return this.#people.list;
  }

  get you(): string | null {
    return this.#you;
  }

  /** `open` was answered: this is everybody, and the server knows no caret of ours yet. */
  opened(you: string, people: readonly Participant[]): void {
    this.#grace.clear();
    this.#you = you;
    this.#people.reset(people);
    this.#show();
    this.#cursors.resend();
  }

  change(change: PeopleChange): void {
    this.#people.change(change);
    this.#show();
  }

  /** Another document from now on. The old awareness is left without anybody, and no longer heard. */
  replace(doc: Y.Doc): void {
    this.#awareness.show([]);
    this.#awareness = this.#bind(doc);
    this.#cursors.set(null);
  }

  /** The line is gone: nobody may be there any more, but a short interruption should not make faces flicker. */
  lost(): void {
    this.#cursors.stop();
    this.#grace.set(() => this.clear(), GRACE_MS);
  }

  clear(): void {
    this.#grace.clear();
    if (this.#people.list.length === 0) return;
    this.#people.reset([]);
    this.#show();
  }

  close(): void {
    this.#grace.clear();
    this.#cursors.stop();
  }

  #show(): void {
    const { list } = this.#people;
    this.#awareness.show(list.filter(({ id }) => id !== this.#you));
    this.#changed(list);
  }

  #bind(doc: Y.Doc): Awareness {
    const onCursor = (cursor: Cursor | null): void => {
      // The editor of a replaced document may still be saying good-bye.
      if (doc === this.#awareness.doc) this.#cursors.set(cursor);
    };
    return new Awareness(doc, onCursor, this.#report);
  }
}
