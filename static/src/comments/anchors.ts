/** Passages that stay with their words: Yjs positions, made from a selection and found again after edits. */

import { absolutePositionToRelativePosition } from "@tiptap/y-tiptap";
import * as Y from "yjs";
import type { Binding } from "./binding.ts";
import type { Range } from "./order.ts";

/** `any`, as Yjs writes it: with `unknown` no type of its own fits. */
type AnyType = Y.AbstractType<any>;

/** Holds on to the first and to the last character of a passage. */
export interface Anchors {
  readonly start: Y.RelativePosition;
  readonly end: Y.RelativePosition;
}

/** Null when the binding has not seen the passage yet. */
export function anchorsOf({ from, to }: Range, { doc, type, mapping }: Binding): Anchors | null {
  try {
    const start: Y.RelativePosition = absolutePositionToRelativePosition(from, type, mapping);
    const end: Y.RelativePosition = absolutePositionToRelativePosition(to, type, mapping);
    return { start: holdingRight(start, doc), end };
  } catch {
    return null; // y-tiptap throws for a position outside of what it knows.
  }
}

/** y-tiptap's positions hold on to the character before them: words written before a passage would become its own. */
function holdingRight(position: Y.RelativePosition, doc: Y.Doc): Y.RelativePosition {
  const at = Y.createAbsolutePositionFromRelativePosition(position, doc);
  if (at === null || !(at.type instanceof Y.XmlText) || at.index >= at.type.length) return position;
  return Y.createRelativePositionFromTypeIndex(at.type, at.index, 0);
}

export function encodePosition(position: Y.RelativePosition): string {
  return btoa(String.fromCharCode(...Y.encodeRelativePosition(position)));
}

/** Null for what is no position. */
export function decodeAnchors(anchor: string | null, head: string | null): Anchors | null {
  if (anchor === null || head === null) return null;
  try {
    return { start: decodePosition(anchor), end: decodePosition(head) };
  } catch {
    return null; // The server checks positions, so this is one of a protocol that this page does not know.
  }
}

function decodePosition(encoded: string): Y.RelativePosition {
  return Y.decodeRelativePosition(Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0)));
}

/**
 * Whether both ends still hold on to characters that are there. What was deleted leaves its place behind; but when the
 * words were made anew, as by splitting and undoing, that place may be anywhere among them.
 */
export function areAlive({ start, end }: Anchors, doc: Y.Doc): boolean {
  return isAlive(start, doc) && isAlive(end, doc);
}

function isAlive({ item: id }: Y.RelativePosition, doc: Y.Doc): boolean {
  if (id === null) return true; // The edge of a block.
  if (Y.getState(doc.store, id.client) <= id.clock) return false;
  let item = Y.getItem(doc.store, id);
  while (item instanceof Y.Item && item.deleted && item.redone !== null) item = Y.getItem(doc.store, item.redone);
  return item instanceof Y.Item && !item.deleted;
}

/**
 * Where Yjs positions are in the ProseMirror document, for many positions at the price of a few: each parent is walked
 * once. (y-tiptap's own function walks for each position, and finds nothing in the first line of a document.)
 */
export class Places {
  readonly #binding: Binding;
  readonly #starts = new Map<AnyType, { readonly at: number; readonly gone: boolean } | null>();
  readonly #walked = new Set<AnyType>();

  constructor(binding: Binding) {
    this.#binding = binding;
    this.#starts.set(binding.type, { at: 0, gone: false });
  }

  /** The passage, or null when nothing is left of it. */
  range({ start, end }: Anchors): Range | null {
    const from = this.#place(start);
    const to = this.#place(end);
    if (from === null || to === null || from.gone || to.gone || from.at >= to.at) return null;
    return { from: from.at, to: to.at };
  }

  /** About where the passage was, as far as that is known. */
  near({ start }: Anchors): number | null {
    return this.#place(start)?.at ?? null;
  }

  #place(position: Y.RelativePosition): { readonly at: number; readonly gone: boolean } | null {
    const found = Y.createAbsolutePositionFromRelativePosition(position, this.#binding.doc);
    if (found === null) return null;
    const start = this.#start(found.type);
    if (start === null || start.gone || found.type instanceof Y.XmlText) {
      return start === null ? null : { ...start, at: start.at + (start.gone ? 0 : found.index) };
    }
    let at = start.at;
    let index = 0;
    for (let item = found.type._start; item !== null && index < found.index; item = item.right) {
      if (item.deleted || !(item.content instanceof Y.ContentType)) continue;
      const size = this.#size(item.content.type);
      if (size === null) return null;
      at += size;
      index += 1;
    }
    return { at, gone: false };
  }

  /** Where the content of `type` begins. */
  #start(type: AnyType): { readonly at: number; readonly gone: boolean } | null {
    const known = this.#starts.get(type);
    if (known !== undefined) return known;
    const parent = type._item?.parent;
    if (!(parent instanceof Y.AbstractType)) return null;
    if (!this.#walked.has(parent)) this.#walk(parent);
    return this.#starts.get(type) ?? null;
  }

  #walk(parent: AnyType): void {
    this.#walked.add(parent);
    const start = this.#start(parent);
    if (start === null) return;
    let { at } = start;
    for (let item = parent._start; item !== null; item = item.right) {
      if (!(item.content instanceof Y.ContentType)) continue;
      const child = item.content.type;
      const gone = start.gone || item.deleted;
      this.#starts.set(child, { at: at + (child instanceof Y.XmlText || gone ? 0 : 1), gone });
      if (gone) continue;
      const size = this.#size(child);
      if (size === null) return;
      at += size;
    }
  }

  #size(type: AnyType): number | null {
    if (type instanceof Y.XmlText) return type.length;
    const node = this.#binding.mapping.get(type);
    return node === undefined || Array.isArray(node) ? null : node.nodeSize;
  }
}
