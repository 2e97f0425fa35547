/**
 * Where in the text each upload will stand. The places are this page's own: the others see a picture when it is there.
 *
 * Whatever somebody else writes replaces the whole ProseMirror document, so positions are kept across it as Yjs keeps
 * them: relative to the text around.
 */

import { Fragment, type Node as PmNode, type ResolvedPos } from "@tiptap/pm/model";
import { type EditorState, Plugin, PluginKey, type Transaction } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import {
  absolutePositionToRelativePosition,
  type ProsemirrorBinding,
  relativePositionToAbsolutePosition,
  ySyncPluginKey,
} from "@tiptap/y-tiptap";
import type * as Y from "yjs";

type Places = ReadonlyMap<string, number>;

type Change = { readonly add: readonly string[]; readonly at: number } | { readonly remove: string };

const key = new PluginKey<Places>("uploads");

/** `elementOf` gives what is shown at a place. */
export function placesPlugin(elementOf: (id: string) => HTMLElement | null): Plugin<Places> {
  /** As of the last moment at which ProseMirror and Yjs had the same text. */
  let anchors = new Map<string, Y.RelativePosition>();
  return new Plugin<Places>({
    key,
    state: {
      init: () => new Map(),
      apply(transaction, before, old) {
        let places = before.size > 0 && transaction.docChanged ? moved(before, anchors, transaction, old) : before;
        const change = transaction.getMeta(key) as Change | undefined;
        if (change !== undefined) places = changed(places, change);
        return places;
      },
    },
    props: {
      decorations: (state) => drawn(state, elementOf),
    },
    view(view) {
      const binding = bindingOf(view.state);
      const keep = (): void => {
        const places = key.getState(view.state);
        if (places !== undefined && places.size > 0) anchors = anchorsOf(places, bindingOf(view.state));
      };
      binding?.doc.on("beforeAllTransactions", keep);
      return { destroy: () => binding?.doc.off("beforeAllTransactions", keep) };
    },
  });
}

function bindingOf(state: EditorState): ProsemirrorBinding | null {
  return (ySyncPluginKey.getState(state) as { binding: ProsemirrorBinding | null } | undefined)?.binding ?? null;
}

function anchorsOf(places: Places, binding: ProsemirrorBinding | null): Map<string, Y.RelativePosition> {
  if (binding === null) return new Map();
  return new Map(
    [...places].map(([id, place]) => [id, absolutePositionToRelativePosition(place, binding.type, binding.mapping)]),
  );
}

function moved(
  places: Places,
  anchors: ReadonlyMap<string, Y.RelativePosition>,
  transaction: Transaction,
  old: EditorState,
): Places {
  const fromOthers = (transaction.getMeta(ySyncPluginKey) as { isChangeOrigin?: boolean } | undefined)?.isChangeOrigin;
  const binding = fromOthers === true ? bindingOf(old) : null;
  return new Map(
    [...places].map(([id, place]) => {
      const anchor = anchors.get(id);
      const found =
        binding !== null && anchor !== undefined
          ? relativePositionToAbsolutePosition(binding.doc, binding.type, anchor, binding.mapping)
          : null;
      return [id, found ?? transaction.mapping.map(place, -1)];
    }),
  );
}

function changed(places: Places, change: Change): Places {
  const next = new Map(places);
  if ("remove" in change) next.delete(change.remove);
  else for (const id of change.add) next.set(id, change.at);
  return next;
}

function drawn(state: EditorState, elementOf: (id: string) => HTMLElement | null): DecorationSet | null {
  const places = key.getState(state);
  if (places === undefined || places.size === 0) return null;
  const widgets = [...places].flatMap(([id, place]) => {
    const element = elementOf(id);
    if (element === null) return [];
    const at = state.doc.resolve(Math.min(place, state.doc.content.size));
    const position = at.parent.isTextblock ? at.after() : at.pos;
    return [Decoration.widget(position, element, { key: id, side: -1, stopEvent: () => true, ignoreSelection: true })];
  });
  return DecorationSet.create(state.doc, widgets);
}

/** Marks a place for each of `ids`, one after the other: behind the block in which the position `place` is. */
export function addPlaces(transaction: Transaction, ids: readonly string[], place: number): Transaction {
  const $place = transaction.doc.resolve(Math.min(place, transaction.doc.content.size));
  const at = $place.parent.isTextblock ? $place.end() : $place.pos;
  return transaction.setMeta(key, { add: ids, at } satisfies Change).setMeta("addToHistory", false);
}

export function removePlace(view: EditorView, id: string): void {
  if (key.getState(view.state)?.has(id) === true) {
    view.dispatch(view.state.tr.setMeta(key, { remove: id } satisfies Change).setMeta("addToHistory", false));
  }
}

/** Puts `node` where the upload `id` stood; the uploads of `after` come behind it. */
export function fillPlace(view: EditorView, id: string, node: PmNode, after: readonly string[]): void {
  const { state } = view;
  const places = key.getState(state);
  const transaction = state.tr.setMeta(key, { remove: id } satisfies Change);
  const end = insertBlock(transaction, places?.get(id) ?? state.doc.content.size, node);
  view.dispatch(transaction);
  const waiting = after.filter((one) => key.getState(view.state)?.has(one) === true);
  if (waiting.length > 0) view.dispatch(addPlaces(view.state.tr, waiting, end));
}

/** Inserts a block in place of an empty paragraph, or else behind the block at `at`. Returns where it ends. */
export function insertBlock(transaction: Transaction, at: number, node: PmNode): number {
  const { doc } = transaction;
  const $at = doc.resolve(Math.min(at, doc.content.size));
  const outer = $at.depth > 0 ? $at.node(-1) : null;
  const index = $at.depth > 0 ? $at.index(-1) : 0;
  const empty = $at.parent.type.name === "paragraph" && $at.parent.content.size === 0;
  // Whoever goes on writing needs a line to do it on.
  const isLast = (outer === doc && index === doc.childCount - 1) || $at.pos === doc.content.size;
  const paragraph = doc.type.schema.nodes.paragraph;
  const content = isLast && paragraph !== undefined ? Fragment.from([node, paragraph.create()]) : Fragment.from(node);
  if (empty && outer !== null && outer.canReplaceWith(index, index + 1, node.type)) {
    transaction.replaceWith($at.before(), $at.after(), content);
    return $at.before() + node.nodeSize;
  }
  const point = pointBehind($at, node);
  transaction.insert(point, content);
  return point + node.nodeSize;
}

/** The nearest place behind `$at`, outside of the block that it is in, where `node` may be. */
function pointBehind($at: ResolvedPos, node: PmNode): number {
  if (!$at.parent.isTextblock) {
    const index = $at.index();
    if ($at.parent.canReplaceWith(index, index, node.type)) return $at.pos;
  }
  for (let depth = $at.depth; depth > 0; depth -= 1) {
    const index = $at.indexAfter(depth - 1);
    if ($at.node(depth - 1).canReplaceWith(index, index, node.type)) return $at.after(depth);
  }
  return $at.doc.content.size;
}
