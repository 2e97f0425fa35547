/** One document as the editor and the page see it. */

import * as Y from "yjs";
import type { Awareness } from "./awareness.ts";
import { Alarm, type Tools } from "./clock.ts";
import { Copy } from "./copy.ts";
import type { Sent } from "./cursors.ts";
import { Emitter } from "./emitter.ts";
import type { Keep, Kept, KeptCopy, KeptWords } from "./keep.ts";
import { Keeper } from "./keeper.ts";
import type { Line, ServerEvent } from "./line.ts";
import { personOf, type Access, type OpenAnswer } from "./messages.ts";
import { Presence } from "./presence.ts";
import { rescueDraft } from "./rescue.ts";
import { Session, type SessionHost } from "./session.ts";
import {
  mayEdit,
  type ConnectionState,
  type Cursor,
  type Participant,
  type ProviderEvents,
  type RefusalCode,
  type Role,
  type Status,
} from "./types.ts";

/** What a provider needs of the connection that made it. */
export interface ProviderHost {
  connection(): ConnectionState;
  retryNow(): void;
  stop(code: RefusalCode): void;
  suspect(line: Line): void;
  forget(): void;
}

/** What this device has of the document, and where it is kept. */
export interface Keeping {
  readonly keep: Keep;
  readonly kept: Kept;
  /** Stable id of the person who wrote the words in it. */
  readonly person: string;
}

export class Provider {
  /** The document's key. */
  readonly document: string;
  readonly #host: ProviderHost;
  readonly #tools: Tools;
  readonly #events: Emitter<ProviderEvents>;
  readonly #copy: Copy;
  readonly #presence: Presence;
  readonly #stray: Alarm;
  readonly #keeper: Keeper | null;
  #session: Session | null = null;
  #synced = false;
  #role: Role | null = null;
  #refusal: RefusalCode | null = null;
  #reason: string | null = null;
  #title = "";
  /** Stable id of the person whose words these are. */
  #person: string | null = null;
  #status: Status;
  #destroyed = false;

  constructor(document: string, host: ProviderHost, tools: Tools, keeping: Keeping | null = null) {
    this.document = document;
    this.#host = host;
    this.#tools = tools;
    this.#events = new Emitter(tools.report);
    this.#copy = new Copy(this, () => this.#written());
    this.#keeper = keeping === null ? null : this.#comeBack(keeping);
    this.#presence = new Presence(
      this.#copy.doc,
      (cursor) => this.#sendCursor(cursor),
      (people, others) => this.#events.emit("people", people, others),
      tools,
    );
    this.#stray = new Alarm(tools.clock);
    this.#status = this.#currentStatus();
  }

  /** The document to bind the editor to. Another one after `replaced`. */
  get doc(): Y.Doc {
    return this.#copy.doc;
  }

  /** In the shape of y-protocols' awareness. Another one after `replaced`. */
  get awareness(): Awareness {
    return this.#presence.awareness;
  }

  get status(): Status {
    return this.#status;
  }

  get synced(): boolean {
    return this.#synced;
  }

  /** Who is here, this participant included; of a crowd, those who write. */
  get people(): readonly Participant[] {
    return this.#presence.people;
  }

  /** How many participants are here beside `people`. */
  get others(): number {
    return this.#presence.others;
  }

  get title(): string {
    return this.#title;
  }

  /** The id of this participant; null until the first `open` was answered. */
  get you(): string | null {
    return this.#presence.you;
  }

  /** The result takes the listener off. */
  on<K extends keyof ProviderEvents>(event: K, listener: ProviderEvents[K]): () => void {
    return this.#events.on(event, listener);
  }

  off<K extends keyof ProviderEvents>(event: K, listener: ProviderEvents[K]): void {
    this.#events.off(event, listener);
  }

  /** Tries now: to reach the server, or, when the document was refused, to open it again. */
  retryNow(): void {
    if (this.#session === null) this.#host.retryNow();
    else if (this.#refusal !== null) void this.#session.open();
  }

  /**
   * Leaves the document. What is unsaved is sent first if the line is up; otherwise it is gone with this object, so a
   * page that closes a document asks `status.words` before.
   */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#keeper?.close();
    this.#copy.close();
    this.#farewell();
    this.#session?.end();
    this.#session = null;
    this.#presence.close();
    this.#stray.clear();
    this.#events.clear();
    this.#host.forget();
  }

  /** For the connection: the line is up. */
  lineUp(line: Line): void {
    if (this.#session?.line === line) return;
    this.#session?.end();
    this.#session = new Session(line, this.document, this.#copy, this.#sessionHost(), this.#tools);
    if (!this.#isShut) void this.#session.open();
    this.#refresh();
  }

  /** For the connection: the line is gone. */
  lineDown(): void {
    if (this.#session === null) return;
    this.#session.end();
    this.#session = null;
    this.#presence.lost();
    this.#refresh();
  }

  /** For the connection: a frame of this document. */
  frame(event: ServerEvent, fields: Readonly<Record<string, unknown>>): void {
    this.#session?.frame(event, fields);
  }

  /** For the connection: is this line alive? */
  probe(): void {
    if (!this.#isShut) this.#session?.probe();
  }

  /** Keeps everything on this device now: the page may be gone in a moment. */
  keepNow(): void {
    this.#keeper?.now();
  }

  /** For the connection: its state is another. */
  connectionChanged(): void {
    // Signed out, here or from somewhere else: this device keeps nothing but what its person wrote.
    const { kind } = this.#host.connection();
    if (kind === "stopped") this.#keeper?.forget();
    else this.#keeper?.reach(kind === "online");
    this.#refresh();
  }

  /** What was shut stays shut until access is given again or the person asks. */
  get #isShut(): boolean {
    return this.#refusal !== null && this.#role === null;
  }

  get #isReadOnly(): boolean {
    return this.#isShut || (this.#role !== null && !mayEdit(this.#role));
  }

  /** Goes on where an earlier page on this device ended. */
  #comeBack({ keep, kept, person }: Keeping): Keeper {
    const { copy, words } = kept;
    const epoch = copy?.epoch ?? words.at(-1)?.epoch ?? null;
    if (copy !== null) {
      this.#copy.apply(copy.state);
      this.#role = copy.role;
      this.#title = copy.title;
      this.#synced = true;
    }
    this.#copy.epoch = epoch;
    this.#person = words.length > 0 ? person : null;
    for (const one of words) {
      if (one.epoch === epoch) {
        this.#copy.apply(one.update);
        this.#copy.outbox.add(one.update);
      } else {
        // Of a lineage that this copy is not of: a draft, once somebody listens, and no part of the document.
        const draft = rescueDraft("stale_epoch", one.update, new Y.Doc());
        this.#tools.clock.later(() => this.#events.emit("rescue", draft), 0);
      }
    }
    const source = { copy: () => this.#copyToKeep(), words: () => this.#wordsToKeep() };
    return new Keeper(keep, source, words.length > 0, this.#tools.clock, this.#tools.report);
  }

  #copyToKeep(): KeptCopy | null {
    const { doc, epoch, spoilt, isWaitingForMore } = this.#copy;
    const isShut = this.#isShut || this.#host.connection().kind === "stopped";
    if (!this.#synced || this.#role === null || epoch === null || spoilt !== null || isWaitingForMore || isShut) return null;
    return { epoch, role: this.#role, title: this.#title, state: Y.encodeStateAsUpdate(doc) };
  }

  #wordsToKeep(): KeptWords | null {
    const update = this.#copy.outbox.peek();
    return update === null ? null : { epoch: this.#copy.epoch, update };
  }

  #sessionHost(): SessionHost {
    return {
      opened: (answer, fresh) => this.#opened(answer, fresh),
      isOtherPerson: (answer) => this.#person !== null && this.#person !== personOf(answer),
      spoil: (code) => this.#spoil(code),
      shut: (code) => this.#shut(code),
      demoted: () => this.#demoted(),
      people: (change) => this.#presence.change(change),
      renamed: (title) => this.#renamed(title),
      commented: (commented) => this.#events.emit("commented", commented),
      access: (access) => this.#accessChanged(access),
      signedOut: () => this.#host.stop("signed_out"),
      suspect: (line) => this.#host.suspect(line),
      moved: () => this.#refresh(),
    };
  }

  #written(): void {
    // The editor was not yet read-only. A moment later, so that one sentence is one draft.
    if (!this.#isReadOnly) this.#session?.pump();
    else if (!this.#stray.isSet) this.#stray.set(() => this.#refuseStray(), 0);
    this.#refresh();
  }

  #refuseStray(): void {
    // Access may have been given back in this moment.
    if (this.#isReadOnly && !this.#copy.outbox.isEmpty) {
      this.#spoil(this.#refusal ?? "forbidden");
      if (!this.#isShut) void this.#session?.open();
      this.#refresh();
    }
  }

  #opened(answer: OpenAnswer, fresh: Y.Doc | null): void {
    if (mayEdit(answer.role) || this.#role === null) this.#refusal = null;
    this.#reason = null;
    this.#role = answer.role;
    this.#person = personOf(answer);
    this.#synced = true;
    if (fresh !== null) this.#replace(fresh);
    this.#renamed(answer.title);
    this.#presence.opened(answer);
    this.#refresh();
  }

  #replace(fresh: Y.Doc): void {
    // Whatever was typed since the refusal is in the old document only.
    this.#rescue(this.#copy.spoilt ?? "stale_epoch");
    this.#copy.replace(fresh);
    this.#presence.replace(fresh);
    this.#events.emit("replaced");
  }

  #spoil(code: RefusalCode): void {
    this.#rescue(code);
    this.#copy.spoilt = code;
  }

  #rescue(code: RefusalCode): void {
    const unsaved = this.#copy.outbox.clear();
    if (unsaved !== null) this.#events.emit("rescue", rescueDraft(code, unsaved, this.#copy.doc));
  }

  #shut(code: RefusalCode): void {
    this.#refusal = code;
    this.#role = null;
    this.#session?.shut();
    if (!this.#copy.outbox.isEmpty) this.#spoil(code);
    // Access has not ended: this device may hold the only copy of the document that can be read.
    if (code !== "quarantined") this.#keeper?.forget();
    this.#presence.clear();
    this.#refresh();
  }

  #demoted(): void {
    this.#refusal = "forbidden";
    if (this.#role !== "commenter") this.#role = "viewer";
  }

  #accessChanged({ role, code, reason }: Access): void {
    this.#reason = reason;
    if (role === null) return this.#shut(code ?? "forbidden");
    const wasShut = this.#isShut;
    if (mayEdit(role) || wasShut) this.#refusal = null;
    this.#role = role;
    this.#presence.granted(role);
    const isRefused = !mayEdit(role) && !this.#copy.outbox.isEmpty;
    if (isRefused) this.#spoil("forbidden");
    if (isRefused || wasShut) void this.#session?.open();
    else this.#session?.pump();
    this.#refresh();
  }

  #renamed(title: string): void {
    if (title === this.#title) return;
    this.#title = title;
    this.#events.emit("renamed", title);
  }

  #sendCursor(cursor: Cursor | null): Sent {
    if (this.#session === null || !this.#session.isReady || this.#role === null) return "offline";
    const { anchor, head } = cursor ?? { anchor: null, head: null };
    return this.#session.line.hint("cursor", { document: this.document, anchor, head }) ? "sent" : "full";
  }

  #farewell(): void {
    if (this.#session === null) return;
    const { line, isReady } = this.#session;
    const { outbox, spoilt } = this.#copy;
    if (isReady && spoilt === null && mayEdit(this.#role)) {
      outbox.flush((update) => line.tell("edit", { document: this.document, update }));
    }
    line.tell("leave", { document: this.document });
  }

  #currentStatus(): Status {
    const { outbox } = this.#copy;
    const words = this.#session?.isReady ? outbox.words : outbox.isEmpty ? "saved" : "device";
    return {
      connection: this.#host.connection(),
      words,
      synced: this.#synced,
      role: this.#role,
      refusal: this.#refusal,
      reason: this.#reason,
      pause: this.#session?.pausedBy ?? null,
    };
  }

  #refresh(): void {
    this.#keeper?.changed(this.#copy.outbox.isEmpty);
    const next = this.#currentStatus();
    const keys = Object.keys(next) as (keyof Status)[];
    if (keys.every((key) => next[key] === this.#status[key])) return;
    this.#status = next;
    this.#events.emit("status", next);
  }
}
