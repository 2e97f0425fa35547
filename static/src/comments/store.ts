/** The comments of one document as this page knows them: asked for when they changed, the newest answer wins. */

import type { CommentsApi, Done, Result } from "./api.ts";
import type { Answer, May, Thread } from "./types.ts";

/** Says what changed: null the first time, and when nobody knows. */
type Listener = (before: readonly Thread[] | null) => void;

/** The server was not reached, had a fault, or was asked too often. */
const RETRIED: ReadonlySet<string> = new Set(["offline", "internal", "slow_down"]);
const RETRY_MS = 5_000;

const NOTHING: May = { comment: false, edit: false, own: false };

export class CommentStore {
  readonly api: CommentsApi;
  #threads: readonly Thread[] = [];
  #version = -1;
  #may = NOTHING;
  #you = "";
  #asking: Promise<void> | null = null;
  #again = false;
  #listeners: Listener[] = [];

  constructor(api: CommentsApi) {
    this.api = api;
  }

  get threads(): readonly Thread[] {
    return this.#threads;
  }

  /** False until the server has answered once. */
  get isLoaded(): boolean {
    return this.#version >= 0;
  }

  get may(): May {
    return this.#may;
  }

  /** The key of the person at this page. */
  get you(): string {
    return this.#you;
  }

  thread(id: string): Thread | undefined {
    return this.#threads.find((thread) => thread.id === id);
  }

  /** The thread with that id, or with a comment that has it: what a link may name. */
  named(id: string): Thread | undefined {
    return this.thread(id) ?? this.#threads.find(({ comments }) => comments.some((comment) => comment.id === id));
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** For `commented`: asks again unless this page knows that version. */
  heard(version: number): void {
    if (version > this.#version) void this.refresh();
  }

  /** Asks for everything. While one question is on its way, one more follows it and no third. */
  refresh(): Promise<void> {
    if (this.#asking !== null) {
      this.#again = true;
      return this.#asking;
    }
    this.#asking = this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** Takes over what a change was answered with, and hands it on. */
  async changed(id: string | null, asked: Promise<Result<Done>>): Promise<Result<Done>> {
    const result = await asked;
    if ("problem" in result) {
      // Somebody was faster, or it is gone: the page shows how things stand.
      if (result.code === "conflict" || result.code === "not_found" || result.code === "forbidden") void this.refresh();
      return result;
    }
    const { version, thread } = result.value;
    const isNext = version <= this.#version + 1;
    const before = this.#threads;
    const others = before.filter((one) => one.id !== id && one.id !== thread?.id);
    const place = before.findIndex((one) => one.id === thread?.id);
    if (thread === null) this.#threads = others;
    else if (place < 0) this.#threads = [...others, thread];
    else this.#threads = before.map((one) => (one.id === thread.id ? thread : one));
    if (isNext) this.#version = Math.max(version, this.#version);
    this.#tell(before);
    // Others changed something in between, and were not heard yet.
    if (!isNext) void this.refresh();
    return result;
  }

  async #ask(): Promise<void> {
    do {
      this.#again = false;
      const result = await this.api.all();
      if ("value" in result) this.#take(result.value);
      // Nobody says twice that something changed. Signed out or not allowed, there is nothing to wait for.
      else if (RETRIED.has(result.code)) setTimeout(() => void this.refresh(), RETRY_MS);
    } while (this.#again);
  }

  #take({ version, you, may, threads }: Answer): void {
    if (version < this.#version) return;
    const before = this.isLoaded ? this.#threads : null;
    this.#version = version;
    this.#you = you;
    this.#may = may;
    this.#threads = threads;
    this.#tell(before);
  }

  #tell(before: readonly Thread[] | null): void {
    for (const listener of this.#listeners) listener(before);
  }
}
