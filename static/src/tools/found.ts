/** The matches of a search in the text: which there are, which is the current one, and how they follow edits. */

import type { Node } from "@tiptap/pm/model";
import { type EditorState, Plugin, PluginKey, type Transaction } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { moved } from "./moved.ts";
import type { Match } from "./search.ts";

export interface Found {
  readonly matches: readonly Match[];
  /** -1 when there is none. */
  readonly current: number;
}

interface Drawn extends Found {
  readonly set: DecorationSet;
}

const KEY = new PluginKey<Drawn>("found");
const NOTHING: Drawn = { matches: [], current: -1, set: DecorationSet.empty };

export function foundPlugin(): Plugin<Drawn> {
  return new Plugin<Drawn>({
    key: KEY,
    state: {
      init: () => NOTHING,
      apply(transaction, drawn, before) {
        const found = transaction.getMeta(KEY) as Found | undefined;
        if (found !== undefined) return draw(transaction.doc, found, drawn);
        if (!transaction.docChanged || drawn.matches.length === 0) return drawn;
        return follow(drawn, transaction, before.doc);
      },
    },
    props: { decorations: (state) => KEY.getState(state)?.set ?? null },
  });
}

export function foundIn(state: EditorState): Found {
  return KEY.getState(state) ?? NOTHING;
}

/** Shows `matches` from now on; an empty list shows nothing. */
export function showFound(view: EditorView, matches: readonly Match[], current: number): void {
  view.dispatch(view.state.tr.setMeta(KEY, { matches, current }).setMeta("addToHistory", false));
}

function draw(doc: Node, { matches, current }: Found, before: Drawn): Drawn {
  // Stepping from one match to the next redraws two of them, not ten thousand.
  if (matches === before.matches) {
    const again = [before.current, current].filter((index) => matches[index] !== undefined);
    const stale = again.flatMap((index) => {
      const { from, to } = matches[index] as Match;
      return before.set.find(from, to).filter((drawn) => drawn.from === from && drawn.to === to); // Not its neighbours.
    });
    const fresh = [...new Set(again)].map((index) => decoration(matches[index] as Match, index === current));
    return { matches, current, set: before.set.remove(stale).add(doc, fresh) };
  }
  const all = matches.map((match, index) => decoration(match, index === current));
  return { matches, current, set: DecorationSet.create(doc, all) };
}

function decoration({ from, to }: Match, current: boolean): Decoration {
  return Decoration.inline(from, to, { class: current ? "found found-current" : "found" });
}

/** Until somebody searches again, a match stays with its text; one whose text changed is gone. */
function follow(drawn: Drawn, transaction: Transaction, before: Node): Drawn {
  const move = moved(transaction, before);
  const current = drawn.matches[drawn.current];
  const kept: Match[] = [];
  let index = -1;
  for (const match of drawn.matches) {
    const [from, to] = [move(match.from, 1), move(match.to, -1)];
    if (to - from !== match.to - match.from || to > transaction.doc.content.size) continue;
    if (match === current) index = kept.length;
    kept.push({ ...match, from, to });
  }
  return draw(transaction.doc, { matches: kept, current: index }, drawn);
}
