/**
 * When what is written gets to the device: unsaved words within a quarter of a second, and almost at once while there is
 * no server to take them; the copy when there is time.
 */

import { Alarm, type Clock } from "./clock.ts";
import type { Keep, KeptCopy, KeptWords } from "./keep.ts";

// Words that the server confirms sooner than that never touch the disk.
const WORDS_AFTER_MS = 250;
// Without a line they are only here. A page that is reloaded may be gone before what it still asks of the disk is heard.
const ALONE_AFTER_MS = 20;
const BYTES_PER_MS = 1_024;
const COPY_AFTER_MS = 5_000;
const COPY_EVERY_MS = 30_000;

/** What there is to keep. */
export interface Source {
  /** Null while the copy is nothing to come back to: not opened yet, spoilt, or taken away. */
  copy(): KeptCopy | null;
  /** Null when everything is saved. */
  words(): KeptWords | null;
}

export class Keeper {
  readonly #keep: Keep;
  readonly #source: Source;
  readonly #words: Alarm;
  readonly #copy: Alarm;
  readonly #clock: Clock;
  readonly #report: (error: unknown) => void;
  #hasWords: boolean;
  #isAlone = false;
  #bytes = 0;
  #copiedAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  /** `hasWords`: earlier pages left some. */
  constructor(keep: Keep, source: Source, hasWords: boolean, clock: Clock, report: (error: unknown) => void) {
    this.#keep = keep;
    this.#source = source;
    this.#hasWords = hasWords;
    this.#clock = clock;
    this.#words = new Alarm(clock);
    this.#copy = new Alarm(clock);
    this.#report = report;
  }

  /** Something was written, confirmed or received; `isSaved`: the server has all of it. */
  changed(isSaved: boolean): void {
    if (this.#isClosed) return;
    if (isSaved && !this.#hasWords) this.#words.clear();
    else if (!this.#words.isSet) this.#words.set(() => this.#saveWords(), this.#wordsAfter);
    if (this.#copy.isSet) return;
    const soonest = this.#copiedAt + COPY_EVERY_MS - this.#clock.now();
    this.#copy.set(() => this.now(), Math.max(COPY_AFTER_MS, soonest));
  }

  /** The server can be reached, or not: then this device is all there is, and has to have all of it. */
  reach(isReached: boolean): void {
    if (this.#isAlone === !isReached) return;
    this.#isAlone = !isReached;
    if (this.#isAlone && (this.#copy.isSet || this.#words.isSet)) this.now();
  }

  /** Keeps everything now: the page is about to be hidden. */
  now(): void {
    if (this.#isClosed) return;
    this.#copiedAt = this.#clock.now();
    this.#save(this.#source.copy());
  }

  /** The copy must not stay here; unsaved words may. */
  forget(): void {
    this.#clear();
    const words = this.#source.words();
    this.#hasWords = words !== null;
    this.#do(this.#keep.forget(words));
  }

  close(): void {
    this.now();
    this.#isClosed = true;
    this.#clear();
  }

  /** With the copy, unless there is one: without a network words alone would be nothing to come back to. */
  #saveWords(): void {
    if (this.#clock.now() - this.#copiedAt < COPY_EVERY_MS) this.#save(null);
    else this.now();
  }

  /** Milliseconds; what is long to write is written less often. */
  get #wordsAfter(): number {
    return this.#isAlone ? Math.min(ALONE_AFTER_MS + this.#bytes / BYTES_PER_MS, WORDS_AFTER_MS) : WORDS_AFTER_MS;
  }

  #save(copy: KeptCopy | null): void {
    this.#words.clear();
    if (copy !== null) this.#copy.clear();
    const words = this.#source.words();
    if (copy === null && words === null && !this.#hasWords) return;
    this.#hasWords = words !== null;
    this.#bytes = words?.update.byteLength ?? 0;
    this.#do(this.#keep.save(copy, words));
  }

  #clear(): void {
    this.#words.clear();
    this.#copy.clear();
  }

  /** A full disk is no reason to stop anybody from writing: the server is where words are saved. */
  #do(work: Promise<void>): void {
    work.catch(this.#report);
  }
}
