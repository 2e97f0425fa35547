/**
 * Edits of others in the time that they deserve.
 *
 * y-tiptap 3.0.9 forgets every node that it has made at each edit of somebody else (`_typeChanged` clears the whole
 * mapping), makes all of them again and replaces the whole document by them. In 50,000 words that is 30 ms an edit, and
 * decorations everywhere go with the text that they were on. Here the mapping loses what the edit touched, which that
 * function deletes by itself, and the transaction replaces the blocks that differ.
 *
 * `tests/editor/binding.test.ts` compares the result with the document made afresh, over random histories; and it fails
 * once y-tiptap no longer clears, so that this file can go.
 */

import { Extension } from "@tiptap/core";
import { Fragment, type Node, Slice } from "@tiptap/pm/model";
import { Plugin, PluginKey, type EditorState, type Transaction } from "@tiptap/pm/state";
import { ySyncPluginKey } from "@tiptap/y-tiptap";
import type * as Y from "yjs";

type Observer = (events: Y.YEvent<Y.XmlFragment>[], transaction: Y.Transaction) => void;

/** What is used of y-tiptap's ProsemirrorBinding. */
interface Binding {
  readonly type: Y.XmlFragment;
  readonly mapping: Map<unknown, unknown>;
  readonly prosemirrorView: { readonly state: EditorState } | null;
  _observeFunction: Observer;
  readonly _tr: Transaction;
}

export const SmallRemoteEdits = Extension.create({
  name: "smallRemoteEdits",
  priority: 1, // Its view is made after that of the binding, which observes from then on.
  addProseMirrorPlugins: () => [
    new Plugin({
      key: new PluginKey("smallRemoteEdits"),
      view: ({ state }) => {
        const binding = (ySyncPluginKey.getState(state) as { binding: Binding | null } | undefined)?.binding;
        if (binding) makeSmall(binding);
        return {};
      },
    }),
  ],
});

/** For a binding that observes already. */
export function makeSmall(binding: Binding): void {
  const { mapping, type, _observeFunction: observe } = binding;
  let isRemote = false;
  const clear = mapping.clear.bind(mapping);
  mapping.clear = () => {
    if (!isRemote) clear();
  };
  Object.defineProperty(binding, "_tr", {
    get: (): Transaction | undefined => {
      const transaction = binding.prosemirrorView?.state.tr.setMeta("addToHistory", false);
      return transaction !== undefined && isRemote ? replacingLittle(transaction) : transaction;
    },
  });
  type.unobserveDeep(observe);
  binding._observeFunction = (events, transaction) => {
    isRemote = true;
    try {
      observe(events, transaction);
    } finally {
      isRemote = false;
    }
  };
  type.observeDeep(binding._observeFunction);
}

/** The same transaction; when it is told to replace the whole document, it replaces the blocks that are not the same. */
function replacingLittle(transaction: Transaction): Transaction {
  const replace = transaction.replace.bind(transaction);
  transaction.replace = (from, to, slice = Slice.empty) => {
    const { content } = transaction.doc;
    if (from !== 0 || to !== content.size) return replace(from, to, slice);
    const next = slice.content;
    let first = 0;
    while (isSame(content, first, next, first)) first += 1;
    let last = 0;
    const most = Math.min(content.childCount, next.childCount) - first;
    while (last < most && isSame(content, content.childCount - 1 - last, next, next.childCount - 1 - last)) last += 1;
    const blocks = children(next).slice(first, next.childCount - last);
    const kept = children(content);
    const start = size(kept.slice(0, first));
    const end = content.size - size(kept.slice(content.childCount - last));
    return start === end && blocks.length === 0 ? transaction : replace(start, end, new Slice(Fragment.from(blocks), 0, 0));
  };
  return transaction;
}

function isSame(left: Fragment, at: number, right: Fragment, there: number): boolean {
  return at < left.childCount && there < right.childCount && left.child(at) === right.child(there);
}

function children(fragment: Fragment): readonly Node[] {
  return fragment.content;
}

function size(nodes: readonly Node[]): number {
  return nodes.reduce((sum, { nodeSize }) => sum + nodeSize, 0);
}
