/**
 * One document on one line: `open`, then edits one batch at a time. It lives as long as the line does, so whatever is
 * answered or due later than that finds it ended and does nothing.
 */

import * as Y from "yjs";
import { Backoff, spreadSlot } from "./backoff.ts";
import { Alarm, type Tools } from "./clock.ts";
import type { Copy } from "./copy.ts";
import { lacking } from "./lacking.ts";
import type { Line, ServerEvent } from "./line.ts";
import {
  readAccess,
  readCommented,
  readEdited,
  readOpenAnswer,
  readPeople,
  readRenamed,
  type Access,
  type Commented,
  type OpenAnswer,
  type PeopleChange,
  type Refusal,
} from "./messages.ts";
import type { Batch } from "./outbox.ts";
import { mayEdit, type RefusalCode } from "./types.ts";

const OPEN_TIMEOUT_MS = 15_000;
// After sleep the person waits in front of the page for this.
const PROBE_TIMEOUT_MS = 5_000;
const EDIT_TIMEOUT_MS = 10_000;
// A hole that five full comparisons did not close will not be closed by a sixth.
const MAX_GAPS = 5;
const MAX_BAD_OPENS = 3;
const HEAL_INTERVAL_MS = 1_000;

/** What the session tells the document that it works for. */
export interface SessionHost {
  /** `open` was answered and its content is in the copy. `doc`: the fresh document that the answer was applied to. */
  opened(answer: OpenAnswer, fresh: Y.Doc | null): void;
  /** Whether unsaved words were written by another person than the one that this answer is for. */
  isOtherPerson(answer: OpenAnswer): boolean;
  /** The unsaved words were refused: they become a draft, and the copy is spoilt. */
  spoil(code: RefusalCode): void;
  /** The document is closed to this person. */
  shut(code: RefusalCode): void;
  /** The role is too small for an edit. */
  demoted(): void;
  people(change: PeopleChange): void;
  renamed(title: string): void;
  commented(commented: Commented): void;
  access(access: Access): void;
  signedOut(): void;
  suspect(line: Line): void;
  /** What is shown of the outbox may have changed. */
  moved(): void;
}

export class Session {
  readonly line: Line;
  readonly #document: string;
  readonly #copy: Copy;
  readonly #host: SessionHost;
  readonly #tools: Tools;
  readonly #retry: Backoff;
  /** Due to compare with the server; no edit goes before. */
  readonly #reopen: Alarm;
  /** Due to compare because something is missing here; edits go on. */
  readonly #healing: Alarm;
  /** The server asked for quiet. */
  readonly #pause: Alarm;
  #pausedBy: string | null = null;
  #held: [ServerEvent, Readonly<Record<string, unknown>>][] = [];
  #ended = false;
  #opening = false;
  #ready = false;
  #gaps = 0;
  #badOpens = 0;
  #heals = 0;
  #openedAt = 0;

  constructor(line: Line, document: string, copy: Copy, host: SessionHost, tools: Tools) {
    this.line = line;
    this.#document = document;
    this.#copy = copy;
    this.#host = host;
    this.#tools = tools;
    this.#retry = new Backoff(tools.random);
    this.#reopen = new Alarm(tools.clock);
    this.#healing = new Alarm(tools.clock);
    this.#pause = new Alarm(tools.clock);
  }

  /** `open` was answered on this line and nothing has shut the document since. */
  get isReady(): boolean {
    return this.#ready;
  }

  /** Why the server asked to wait, until it has taken what was asked for. */
  get pausedBy(): string | null {
    return this.#pausedBy;
  }

  probe(): void {
    void this.open(PROBE_TIMEOUT_MS);
  }

  /** Opens, or compares again. While one `open` is under way another would learn nothing new. */
  async open(timeoutMs = OPEN_TIMEOUT_MS): Promise<void> {
    if (this.#ended || this.#opening) return;
    this.#opening = true;
    this.#reopen.clear();
    this.#healing.clear();
    const copy = this.#copy;
    const fresh = copy.spoilt === null ? null : new Y.Doc();
    const doc = fresh ?? copy.doc;
    const outcome = await this.line.request(
      "open",
      {
        document: this.#document,
        have: Y.encodeStateVector(doc),
        client_id: doc.clientID,
        epoch: fresh === null ? copy.epoch : null,
      },
      timeoutMs,
    );
    if (this.#ended) return;
    this.#opening = false;
    if (outcome.kind === "timeout") this.#host.suspect(this.line);
    else if (outcome.kind === "refused") this.#openRefused(outcome.refusal);
    else if (outcome.kind === "ok") this.#answered(outcome.answer, fresh);
  }

  /** Sends the next batch if nothing speaks against it. */
  pump(): void {
    if (this.#ended || !this.#ready || this.#opening || this.#pause.isSet || this.#reopen.isSet) return;
    // What is written into a spoilt copy cannot be sent: it becomes a draft when the copy is replaced.
    if (this.#copy.spoilt !== null) return;
    const batch = this.#copy.outbox.take();
    if (batch !== null) void this.#send(batch);
  }

  frame(event: ServerEvent, fields: Readonly<Record<string, unknown>>): void {
    if (this.#ended) return;
    // The answer to `open` may say that all this belongs to another lineage.
    if (this.#opening) this.#held.push([event, fields]);
    else this.#guarded(() => this.#take(event, fields));
  }

  /** No edit and no caret before the next `open`. */
  shut(): void {
    this.#ready = false;
    this.#pausedBy = null;
    for (const alarm of [this.#reopen, this.#healing, this.#pause]) alarm.clear();
  }

  end(): void {
    this.#ended = true;
    this.#held = [];
    this.shut();
    this.#copy.outbox.recall();
  }

  #answered(fields: Readonly<Record<string, unknown>>, fresh: Y.Doc | null): void {
    const copy = this.#copy;
    const done = this.#guarded(() => {
      const answer = readOpenAnswer(fields);
      if (fresh === null) this.#compare(answer);
      // Spoilt just now, or while the question was under way: it has to be asked for an empty document.
      if (fresh === null && copy.spoilt !== null) {
        void this.open();
        return;
      }
      if (fresh === null) copy.apply(answer.update);
      else Y.applyUpdate(fresh, answer.update);
      this.#opened(answer, fresh);
    });
    if (!done) this.#openIn(this.#retry.next());
  }

  /** Finds what forbids to go on with the held copy. */
  #compare(answer: OpenAnswer): void {
    const { epoch, outbox } = this.#copy;
    if (epoch !== null && epoch !== answer.epoch) this.#host.spoil("stale_epoch");
    else if (outbox.isEmpty) return;
    else if (!mayEdit(answer.role)) this.#host.spoil("forbidden");
    else if (this.#host.isOtherPerson(answer)) this.#host.spoil("signed_out");
  }

  #opened(answer: OpenAnswer, fresh: Y.Doc | null): void {
    const copy = this.#copy;
    this.#openedAt = this.#tools.clock.now();
    this.#badOpens = 0;
    this.#pausedBy = null;
    this.#ready = true;
    copy.epoch = answer.epoch;
    this.#host.opened(answer, fresh);
    this.#replay();
    if (this.#ended || !this.#ready || this.#opening) return;
    if (mayEdit(answer.role)) {
      const hole = lacking(copy.doc, answer.have, copy.outbox.peek());
      if (hole !== null) copy.outbox.add(hole);
    }
    if (!copy.isWaitingForMore) this.#heals = 0;
    this.#heal();
    this.pump();
    this.#host.moved();
  }

  #openRefused({ code, retryAfterMs, reason }: Refusal): void {
    this.#replay();
    if (this.#ended) return;
    if (code === "signed_out") this.#host.signedOut();
    else if (code === "not_found" || code === "forbidden" || code === "too_large" || code === "quarantined") {
      this.#host.shut(code);
    } else if (code === "bad_frame" && ++this.#badOpens >= MAX_BAD_OPENS) this.#host.shut(code);
    else {
      // A client id that is somebody else's, or a lineage that is over: a fresh document has neither.
      if (code === "bad_frame" || code === "stale_epoch") this.#host.spoil(code);
      else this.#pausedBy = reason ?? code;
      this.#openIn(retryAfterMs === null ? this.#retry.next() : spreadSlot(retryAfterMs, this.#tools.random));
      this.#host.moved();
    }
  }

  async #send(batch: Batch): Promise<void> {
    const frame = { document: this.#document, update: batch.update };
    const outcome = await this.line.request("edit", frame, EDIT_TIMEOUT_MS);
    if (this.#ended) return;
    const { outbox } = this.#copy;
    if (outcome.kind === "ok") {
      outbox.acknowledged(batch);
      this.#gaps = 0;
      this.#pausedBy = null;
      this.#retry.reset();
    } else {
      outbox.returned(batch);
      // No answer on a line that is up: ask how things stand before sending the same again.
      if (outcome.kind === "timeout") this.#openIn(this.#retry.next());
      if (outcome.kind === "refused") this.#editRefused(outcome.refusal);
    }
    this.pump();
    this.#host.moved();
  }

  #editRefused({ code, retryAfterMs, reason }: Refusal): void {
    switch (code) {
      case "signed_out":
        return this.#host.signedOut();
      case "not_found":
      case "quarantined":
        return this.#host.shut(code);
      case "forbidden":
        this.#host.demoted();
        this.#host.spoil(code);
        return void this.open();
      case "too_large":
      case "bad_frame":
      case "stale_epoch":
        this.#host.spoil(code);
        return void this.open();
      case "gap":
        this.#gaps += 1;
        if (this.#gaps <= MAX_GAPS) return this.#openIn(this.#gaps === 1 ? 0 : this.#retry.next());
        this.#gaps = 0;
        this.#host.spoil(code);
        return void this.open();
      case "slow_down":
      case "busy":
      case "internal": {
        this.#pausedBy = reason ?? code;
        const ms = retryAfterMs === null ? this.#retry.next() : spreadSlot(retryAfterMs, this.#tools.random);
        return this.#pause.set(() => {
          this.pump();
          this.#host.moved();
        }, ms);
      }
    }
  }

  #take(event: ServerEvent, fields: Readonly<Record<string, unknown>>): void {
    if (event === "access") this.#host.access(readAccess(fields));
    if (!this.#ready) return;
    if (event === "edited") {
      if (this.#copy.spoilt !== null) return;
      this.#copy.apply(readEdited(fields));
      this.#heal();
    }
    if (event === "people") this.#host.people(readPeople(fields));
    if (event === "renamed") this.#host.renamed(readRenamed(fields));
    if (event === "commented") this.#host.commented(readCommented(fields));
  }

  #replay(): void {
    const held = this.#held;
    this.#held = [];
    for (const [event, fields] of held) this.frame(event, fields);
  }

  /** Asks again when something was received whose ground is missing, not more often than makes sense. */
  #heal(): void {
    if (!this.#copy.isWaitingForMore || this.#opening || this.#healing.isSet) return;
    this.#heals += 1;
    const soonest = this.#openedAt + HEAL_INTERVAL_MS - this.#tools.clock.now();
    this.#healing.set(() => void this.open(), this.#heals === 1 ? Math.max(0, soonest) : this.#retry.next());
  }

  #openIn(ms: number): void {
    if (ms === 0) void this.open();
    else this.#reopen.set(() => void this.open(), ms);
  }

  /**
   * A frame that is not what the protocol promises, or a listener of the Y.Doc that throws, is reported; it must not
   * take the line down with it.
   */
  #guarded(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#tools.report(error);
      return false;
    }
  }
}
