/** Where positions that move with the text are in it now. */

import type { Node } from "@tiptap/pm/model";
import * as Y from "yjs";

/** As y-tiptap's binding keeps it: what each Yjs type is in the editor. */
export type Mapping = ReadonlyMap<Y.AbstractType<unknown>, Node | readonly Node[]>;

/** In ProseMirror's positions. */
export interface Place {
  /** Before the outermost block around it. */
  readonly block: number;
  readonly at: number;
}

type Parent = Y.XmlFragment | Y.XmlElement;
type Child = Y.XmlElement | Y.XmlText;

/**
 * y-tiptap's own function walks the whole document for every position. Here the blocks are counted once, so that fifty
 * positions cost little more than one. Good until the text changes.
 */
export class Places {
  readonly #fragment: Y.XmlFragment;
  readonly #mapping: Mapping;
  readonly #starts: ReadonlyMap<unknown, number>;

  constructor(fragment: Y.XmlFragment, mapping: Mapping) {
    this.#fragment = fragment;
    this.#mapping = mapping;
    this.#starts = this.#count();
  }

  /** Null when it is nowhere, or in something that the editor does not show. */
  of(position: Y.RelativePosition): Place | null {
    const { doc } = this.#fragment;
    const found = doc === null ? null : Y.createAbsolutePositionFromRelativePosition(position, doc);
    if (found === null) return null;
    const inside = this.#inside(found.type as unknown as Parent | Y.XmlText, found.index);
    if (inside === null) return null;
    if (found.type === (this.#fragment as unknown)) return { block: this.#blockAt(found.index), at: inside };
    return this.#climb(found.type as unknown as Child, inside);
  }

  /** From a position inside `type` to one in the document. */
  #climb(type: Child, inside: number): Place | null {
    let node = type;
    let at = inside;
    for (;;) {
      if (node._item === null || node._item.deleted) return null;
      if (!(node instanceof Y.XmlText)) at += 1; // Its opening.
      const parent = node.parent as Parent | null;
      if (parent === this.#fragment) {
        const start = this.#starts.get(node);
        return start === undefined ? null : { block: start, at: start + at };
      }
      if (parent === null || parent instanceof Y.XmlText) return null;
      for (let before = firstOf(parent); before !== node; before = nextOf(before)) {
        const size = before === null ? null : this.#size(before);
        if (before === null || size === null) return null;
        at += size;
      }
      node = parent as Y.XmlElement;
    }
  }

  /** How far into `type` its child number `index` begins; in text, that character. */
  #inside(type: Parent | Y.XmlText, index: number): number | null {
    if (type instanceof Y.XmlText) return index;
    if (type._item?.deleted) return null;
    let at = 0;
    let child = firstOf(type);
    for (let left = index; left > 0 && child !== null; left -= 1) {
      const size = this.#size(child);
      if (size === null) return null;
      at += size;
      child = nextOf(child);
    }
    return at;
  }

  #blockAt(index: number): number {
    const starts = [...this.#starts.values()];
    return starts[Math.min(index, starts.length - 1)] ?? 0;
  }

  #size(child: Child): number | null {
    if (child instanceof Y.XmlText) return child.length;
    const node = this.#mapping.get(child as unknown as Y.AbstractType<unknown>);
    return node === undefined || Array.isArray(node) ? null : (node as Node).nodeSize;
  }

  #count(): Map<unknown, number> {
    const starts = new Map<unknown, number>();
    let at = 0;
    for (let child = firstOf(this.#fragment); child !== null; child = nextOf(child)) {
      starts.set(child, at);
      at += this.#size(child) ?? 0;
    }
    return starts;
  }
}

function firstOf(parent: Parent): Child | null {
  return (parent.firstChild ?? null) as Child | null;
}

function nextOf(child: Child | null): Child | null {
  return (child?.nextSibling ?? null) as Child | null;
}
