/**
 * Blocks as a person sees them, which can be moved, copied and removed: an item of a list, or else a child of the
 * document. Nothing here knows the page.
 */

import { Fragment, type Node, type ResolvedPos } from "@tiptap/pm/model";
import { type EditorState, NodeSelection, Selection, TextSelection, type Transaction } from "@tiptap/pm/state";

/** Neighbours in one parent, from before the first to behind the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const ITEMS = new Set(["listItem", "taskItem"]);

/** The block at `pos`; null when there is none, as in an empty document. */
export function blockAt(doc: Node, pos: number): Span | null {
  const $pos = doc.resolve(pos);
  for (let depth = $pos.depth; depth > 0; depth--) {
    if (isItem($pos.node(depth))) return { from: $pos.before(depth), to: $pos.after(depth) };
  }
  if ($pos.depth > 0) return { from: $pos.before(1), to: $pos.after(1) };
  if ($pos.nodeAfter !== null) return { from: pos, to: pos + $pos.nodeAfter.nodeSize };
  if ($pos.nodeBefore !== null) return { from: pos - $pos.nodeBefore.nodeSize, to: pos };
  return null;
}

/** The blocks that the selection touches, all in one parent. */
export function selectedBlocks({ doc, selection }: EditorState): Span | null {
  const first = blockAt(doc, selection.from);
  // What is selected up to the very start of a block does not touch it.
  const last = blockAt(doc, Math.max(selection.from, selection.empty ? selection.to : selection.to - 1));
  if (first === null || last === null) return null;
  const $first = doc.resolve(first.from);
  const $last = doc.resolve(last.from);
  if ($first.sameParent($last)) return { from: first.from, to: last.to };
  return around($first, doc.resolve(last.to));
}

function around($from: ResolvedPos, $to: ResolvedPos): Span | null {
  const depth = $from.sharedDepth($to.pos);
  const node = $from.node(depth);
  // Between two items of one list, at whatever depth, these are items; else they are children of the document.
  const level = isList(node) ? depth : 0;
  return {
    from: $from.depth === level ? $from.pos : $from.before(level + 1),
    to: $to.depth === level ? $to.pos : $to.after(level + 1),
  };
}

function isList(node: Node): boolean {
  return isItem(node.firstChild);
}

/** Where `span` goes one step up or down; null at the end of the way. */
export function neighbour(doc: Node, span: Span, by: "up" | "down"): number | null {
  const $edge = doc.resolve(by === "up" ? span.from : span.to);
  const beside = by === "up" ? $edge.nodeBefore : $edge.nodeAfter;
  if (beside !== null) return $edge.pos + (by === "up" ? -beside.nodeSize : beside.nodeSize);
  // An item at the end of its list goes on past the block beyond the list.
  if ($edge.depth !== 1) return null;
  const outside = by === "up" ? $edge.before(1) : $edge.after(1);
  const $outside = doc.resolve(outside);
  const beyond = by === "up" ? $outside.nodeBefore : $outside.nodeAfter;
  return beyond === null ? null : outside + (by === "up" ? -beyond.nodeSize : beyond.nodeSize);
}

/** Whether `span` has a place at `target`, and another one than now. */
export function mayMove(doc: Node, span: Span, target: number): boolean {
  return (target < span.from || target > span.to) && movable(doc, span, target) !== null;
}

/** Items of lists go among items, and other blocks do not. */
export function isItem(node: Node | null): boolean {
  return node !== null && ITEMS.has(node.type.name);
}

/** What stands at `target` after a move: the nodes, or items in a list of their own when no list is there. */
function movable(doc: Node, span: Span, target: number): Fragment | null {
  const $from = doc.resolve(span.from);
  const $target = doc.resolve(target);
  const index = $target.index();
  const content = copied(doc, span);
  if ($target.parent.canReplace(index, index, content)) return content;
  const list = Fragment.from($from.parent.type.create($from.parent.attrs, content));
  return isList($from.parent) && $target.parent.canReplace(index, index, list) ? list : null;
}

/**
 * Moves `span` to `target` in two transactions: the copy first, then the end of the original. The binding compares
 * documents; in one step it may take a move for a change of what stands between, and write over the words of others.
 * Returns false, and does nothing, when `span` has no place there.
 */
export function moveBlocks(
  state: EditorState,
  span: Span,
  target: number,
  dispatch: (transaction: Transaction) => EditorState,
): boolean {
  if (target >= span.from && target <= span.to) return false;
  const content = movable(state.doc, span, target);
  if (content === null) return false;
  const { anchor, head } = state.selection;
  const wrapped = content.size - (span.to - span.from); // The opening and the closing of a new list.
  const inserting = state.tr.insert(target, content);
  const original = { from: inserting.mapping.map(span.from, 1), to: inserting.mapping.map(span.to, -1) };
  const between = dispatch(inserting);
  const removing = between.tr;
  removeSpan(removing, original);
  const landed = removing.mapping.map(target, -1) + wrapped / 2;
  const keep = (pos: number): number => landed + Math.min(Math.max(pos - span.from, 0), span.to - span.from);
  select(removing, keep(anchor), keep(head), state.selection instanceof NodeSelection);
  dispatch(removing.scrollIntoView());
  return true;
}

function select(transaction: Transaction, anchor: number, head: number, node: boolean): void {
  const { doc } = transaction;
  if (node && doc.resolve(Math.min(anchor, head)).nodeAfter !== null) {
    transaction.setSelection(NodeSelection.create(doc, Math.min(anchor, head)));
  } else {
    transaction.setSelection(TextSelection.between(doc.resolve(anchor), doc.resolve(head)));
  }
}

/** Removes `span` and the lists that would be left empty; a document keeps one line. */
export function removeSpan(transaction: Transaction, span: Span): void {
  let { from, to } = span;
  for (let $from = transaction.doc.resolve(from); $from.depth > 0; $from = transaction.doc.resolve(from)) {
    if ($from.start() !== from || $from.end() !== to) break;
    if (!isList($from.parent) && !isItem($from.parent)) break;
    [from, to] = [$from.before(), $from.after()];
  }
  const paragraph = transaction.doc.type.schema.nodes.paragraph;
  const all = from === 0 && to === transaction.doc.content.size;
  if (all && paragraph !== undefined) transaction.replaceWith(from, to, paragraph.create());
  else transaction.delete(from, to);
}

/** A copy behind `span`, with the selection in it. */
export function duplicate(state: EditorState, span: Span): Transaction {
  const { doc, selection, tr } = state;
  const by = span.to - span.from;
  tr.insert(span.to, copied(doc, span));
  const keep = (pos: number): number => Math.min(Math.max(pos, span.from), span.to) + by;
  select(tr, keep(selection.anchor), keep(selection.head), selection instanceof NodeSelection);
  return tr.scrollIntoView();
}

/** Without `span`, and the caret at where it was. */
export function remove(state: EditorState, span: Span): Transaction {
  const { tr } = state;
  removeSpan(tr, span);
  const at = Math.min(tr.mapping.map(span.from), tr.doc.content.size);
  return tr.setSelection(Selection.near(tr.doc.resolve(at), 1)).scrollIntoView();
}

/** Copies of the nodes: to the binding, one and the same node in two places would be a node that moved already. */
function copied(doc: Node, { from, to }: Span): Fragment {
  const $from = doc.resolve(from);
  const content = $from.parent.content.cut($from.parentOffset, $from.parentOffset + to - from);
  return Fragment.from(content.content.map((node) => node.copy(node.content)));
}
