/** Who is in one document and where: the list, the carets of the others for the editor, our own on its way. */

import type * as Y from "yjs";
import { Awareness } from "./awareness.ts";
import { Alarm, type Tools } from "./clock.ts";
import { CursorSender, type Sent } from "./cursors.ts";
import type { Report } from "./emitter.ts";
import type { OpenAnswer, PeopleChange } from "./messages.ts";
import { People } from "./people.ts";
import type { Cursor, Participant, Role } from "./types.ts";

// Faces and carets stay through a short interruption, but nobody is shown as present for long without word of them.
const GRACE_MS = 10_000;

export class Presence {
  readonly #people = new People();
  readonly #cursors: CursorSender;
  readonly #grace: Alarm;
  readonly #report: Report;
  readonly #changed: (people: readonly Participant[], others: number) => void;
  #awareness: Awareness;

  constructor(
    doc: Y.Doc,
    send: (cursor: Cursor | null) => Sent,
    changed: (people: readonly Participant[], others: number) => void,
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

  get others(): number {
    return this.#people.others;
  }

  get you(): string | null {
    return this.#people.you;
  }

  /** `open` was answered: this is everybody, and the server knows no caret of ours yet. */
  opened({ you, people, others }: OpenAnswer): void {
    this.#grace.clear();
    this.#people.reset(you, people, others);
    this.#show();
    this.#cursors.resend();
  }

  change(change: PeopleChange): void {
    this.#people.change(change);
    this.#show();
  }

  /** Our role is another. */
  granted(role: Role): void {
    this.#people.grant(role);
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
    this.#people.clear();
    this.#show();
  }

  close(): void {
    this.#grace.clear();
    this.#cursors.stop();
  }

  #show(): void {
    const { list, others, you } = this.#people;
    this.#awareness.show(list.filter(({ id }) => id !== you));
    this.#changed(list, others);
  }

  #bind(doc: Y.Doc): Awareness {
    const onCursor = (cursor: Cursor | null): void => {
      // The editor of a replaced document may still be saying good-bye.
      if (doc === this.#awareness.doc) this.#cursors.set(cursor);
    };
    return new Awareness(doc, onCursor, this.#report);
  }
}
