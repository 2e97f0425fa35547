/** Where the passages of threads are, and how they look in the text. */

import type { Node } from "@tiptap/pm/model";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { participantColor } from "../editor/color.ts";
import { h } from "../editor/dom.ts";
import { type Anchors, anchorsOf, areAlive, decodeAnchors, Places } from "./anchors.ts";
import { type Binding, bindingOf } from "./binding.ts";
import { type Painted, type Painter, rangesIn, repaint } from "./marks.ts";
import { isOpen, type Range } from "./order.ts";
import { Passages } from "./passages.ts";
import type { NewThread } from "./drafts.ts";
import type { Thread } from "./types.ts";

/** The passage of the comment that is being written. */
export const DRAFT = "draft";

interface Held {
  /** As the server has it: another text means other anchors. */
  readonly sent: string;
  anchors: Anchors | null;
  /** Where it was seen last. */
  last: number | null;
}

export class PassagePainter implements Painter {
  #threads: readonly Thread[] = [];
  #draft: NewThread | null = null;
  #active: string | null = null;
  readonly #held = new Map<string, Held>();

  /** What is drawn from the next painting on. `active` is drawn even when it is closed. */
  set(threads: readonly Thread[], draft: NewThread | null, active: string | null): void {
    this.#threads = threads;
    this.#draft = draft;
    this.#active = active;
    const ids = new Set([DRAFT, ...threads.map(({ id }) => id)]);
    for (const id of this.#held.keys()) if (!ids.has(id)) this.#held.delete(id);
  }

  /** Another document has other positions. */
  forget(): void {
    this.#held.clear();
  }

  paint(doc: Node, binding: Binding): Painted {
    const places = new Places(binding);
    const ranges = new Map<string, Range | null>();
    const decorations: Decoration[] = [];
    const locate = (id: string, anchor: string | null, head: string | null): Range | null => {
      const held = this.#hold(id, anchor, head);
      const found = held.anchors === null ? null : places.range(held.anchors);
      const range = found !== null && found.to <= doc.content.size ? found : null;
      if (range !== null) held.last = range.from;
      ranges.set(id, range);
      return range;
    };
    for (const thread of this.#threads) {
      const range = locate(thread.id, thread.anchor, thread.head);
      if (range === null || (!isOpen(thread) && thread.id !== this.#active)) continue;
      decorations.push(...drawn(thread, range, thread.id === this.#active));
    }
    if (this.#draft !== null) {
      const range = locate(DRAFT, this.#draft.anchor, this.#draft.head);
      const look = { class: "comment-mark is-active" };
      if (range !== null) decorations.push(Decoration.inline(range.from, range.to, look));
    }
    return { set: DecorationSet.create(doc, decorations), ranges };
  }

  /**
   * Holds on again to passages whose characters were made anew, as by splitting a paragraph or turning it into a list:
   * by where they went in this editor, or by their words. Returns whether anything is to be painted again.
   */
  settle(view: EditorView): boolean {
    const binding = bindingOf(view.state);
    if (binding === null) return false;
    const places = new Places(binding);
    const seen = rangesIn(view);
    let passages: Passages | null = null;
    let isChanged = false;
    for (const { id, anchor, head, quote } of this.#threads) {
      const held = this.#hold(id, anchor, head);
      const exact = held.anchors === null ? null : places.range(held.anchors);
      if (exact !== null && held.anchors !== null && areAlive(held.anchors, binding.doc)) continue;
      passages ??= new Passages(view.state.doc);
      const here = seen.get(id) ?? null;
      const near = held.last ?? (held.anchors === null ? null : places.near(held.anchors));
      const isHere = here !== null && passages.between(here) === quote;
      const range = isHere ? here : (passages.find(quote, near) ?? here);
      const anchors = range === null ? null : anchorsOf(range, binding);
      if (anchors === null) continue;
      held.anchors = anchors;
      isChanged = true;
    }
    return isChanged;
  }

  #hold(id: string, anchor: string | null, head: string | null): Held {
    const sent = `${anchor} ${head}`;
    const known = this.#held.get(id);
    if (known !== undefined && known.sent === sent) return known;
    const held: Held = { sent, anchors: decodeAnchors(anchor, head), last: null };
    this.#held.set(id, held);
    return held;
  }
}

/** Looks at the passages once in `SETTLE_MS` while the text changes, not at every change. */
const SETTLE_MS = 400;

export class Settling {
  #timer: number | undefined;

  soon(view: EditorView, painter: PassagePainter, done: () => void): void {
    if (this.#timer !== undefined) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined;
      if (view.isDestroyed) return;
      if (painter.settle(view)) repaint(view);
      done();
    }, SETTLE_MS);
  }
}

function drawn(thread: Thread, { from, to }: Range, isActive: boolean): Decoration[] {
  const active = isActive ? " is-active" : "";
  if (thread.kind === "comment") {
    return [Decoration.inline(from, to, { class: `comment-mark${active}`, "data-thread": thread.id })];
  }
  const color = participantColor(thread.by?.color);
  // ProseMirror puts `style` into `style.cssText`, which the CSP allows.
  const old = { class: `suggestion-old${active}`, "data-thread": thread.id, style: `--person: ${color}` };
  const words = thread.replacement ?? "";
  const make = (): HTMLElement => {
    const element = h("ins", { class: `suggestion-new${active}`, "data-thread": thread.id }, words);
    element.style.setProperty("--person", color);
    return element;
  };
  const key = `${thread.id} ${isActive} ${color} ${words}`;
  const next = Decoration.widget(to, make, { key, side: 1, marks: [], ignoreSelection: true });
  return words === "" ? [Decoration.inline(from, to, old)] : [Decoration.inline(from, to, old), next];
}
