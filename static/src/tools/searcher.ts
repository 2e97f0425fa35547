/** Runs searches: words in the page, expressions in a worker that is ended when one takes too long. */

import { t } from "../page/words.ts";
import { type Block, compile, type Match, type Query, search } from "./search.ts";
import type { SearchJob } from "./search-worker.ts";

/** Long enough for an honest expression in a very long document, short enough to wait for. */
const PATIENCE_MS = 1_500;

/** The expression took longer than anybody waits. */
export class TookTooLong extends Error {
  constructor() {
    super(t("This expression takes too long. Try a simpler one."));
  }
}

export type SearchWorker = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;

export interface Searcher {
  /** Rejects with BadExpression or TookTooLong. A newer search ends an older one, which then never answers. */
  find(blocks: readonly Block[], query: Query): Promise<readonly Match[]>;
  close(): void;
}

/** Matches of words, found at once. Throws BadExpression. */
export function findNow(blocks: readonly Block[], query: Query): readonly Match[] {
  return query.words === "" ? [] : search(blocks, compile(query));
}

export function createSearcher(makeWorker: () => SearchWorker, patienceMs = PATIENCE_MS): Searcher {
  let worker: SearchWorker | null = null;
  let busy = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const end = (): void => {
    clearTimeout(timer);
    worker?.terminate();
    worker = null;
    busy = false;
  };
  const ask = (job: SearchJob): Promise<readonly Match[]> =>
    new Promise((resolve, reject) => {
      if (busy) end();
      worker ??= makeWorker();
      busy = true;
      timer = setTimeout(() => {
        end();
        reject(new TookTooLong());
      }, patienceMs);
      worker.onmessage = ({ data }: MessageEvent<readonly Match[]>) => {
        clearTimeout(timer);
        busy = false;
        resolve(data);
      };
      worker.onerror = () => {
        end();
        reject(new TookTooLong());
      };
      worker.postMessage(job);
    });

  return {
    async find(blocks, query) {
      if (!query.expression || query.words === "") return findNow(blocks, query);
      compile(query); // Says at once what is wrong with it.
      return ask({ blocks, query });
    },
    close: end,
  };
}
