/** What others' carets and edits need of the editor: where a position is, and which blocks are near the screen. */

import type { EditorView } from "@tiptap/pm/view";
import { ySyncPluginKey } from "@tiptap/y-tiptap";
import type * as Y from "yjs";
import { type Mapping, Places } from "./places.ts";

/** Above and below the screen, in pixels: what is scrolled into view is there already. */
const MARGIN_PX = 400;

/** Positions in the document; everything between is at most `MARGIN_PX` off the screen. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

interface SyncState {
  readonly type: Y.XmlFragment;
  readonly binding: { readonly mapping: Mapping } | null;
}

export class TextView {
  readonly view: EditorView;
  #places: Places | null = null;

  constructor(view: EditorView) {
    this.view = view;
  }

  /** The text is another. */
  changed(): void {
    this.#places = null;
  }

  get places(): Places | null {
    const sync = ySyncPluginKey.getState(this.view.state) as SyncState | undefined;
    if (sync?.binding == null) return null;
    this.#places ??= new Places(sync.type, sync.binding.mapping);
    return this.#places;
  }

  /** The blocks near the screen, found without looking at the others. Null when there are none. */
  seen(): Span | null {
    const { doc } = this.view.state;
    const starts: number[] = [];
    doc.forEach((_node, offset) => starts.push(offset));
    const box = (at: number): DOMRect | null => this.box(starts[at] ?? 0);
    const first = firstTrue(starts.length, (at) => (box(at)?.bottom ?? 0) >= -MARGIN_PX);
    const after = firstTrue(starts.length, (at) => (box(at)?.top ?? 0) > window.innerHeight + MARGIN_PX);
    if (first >= after) return null;
    return { from: starts[first] ?? 0, to: starts[after] ?? doc.content.size };
  }

  /** Of the block that begins at `position`. */
  box(position: number): DOMRect | null {
    const dom = this.view.nodeDOM(position);
    return dom instanceof HTMLElement ? dom.getBoundingClientRect() : null;
  }

  /** The lines of the text between two positions, in the window's coordinates. */
  lines({ from, to }: Span): DOMRect[] {
    const rects: DOMRect[] = [];
    this.view.state.doc.nodesBetween(from, to, (node, at) => {
      if (!node.isText) return;
      const start = this.view.domAtPos(Math.max(from, at), 1);
      const end = this.view.domAtPos(Math.min(to, at + node.nodeSize), -1);
      const range = document.createRange();
      range.setStart(start.node, start.offset);
      range.setEnd(end.node, end.offset);
      rects.push(...range.getClientRects());
    });
    return rects;
  }
}

/** The first of `count` for which `is` holds, when it holds for all that follow; `count` when for none. */
export function firstTrue(count: number, is: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
