/** Searches away from the page: an expression that runs away can be stopped only by ending the worker. */

import { type Block, compile, type Match, type Query, search } from "./search.ts";

export interface SearchJob {
  readonly blocks: readonly Block[];
  readonly query: Query;
}

self.addEventListener("message", ({ data }: MessageEvent<SearchJob>) => {
  const matches: Match[] = search(data.blocks, compile(data.query));
  self.postMessage(matches);
});
