/**
 * Other people's carets and selections, drawn over the text and not in it: a caret that moves changes nothing that the
 * editor, the spelling checker or an input method looks at. Only what is near the screen is drawn, once a frame.
 */

import { Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import type * as Y from "yjs";
import { participantColor } from "../editor/color.ts";
import { COVERED } from "../editor/covered.ts";
import { h } from "../editor/dom.ts";
import { CaretMark, type Drawn } from "./caret-mark.ts";
import { ownCaret } from "./own-caret.ts";
import type { Place } from "./places.ts";
import { type Box, rows } from "./rows.ts";
import { type Span, TextView } from "./text-view.ts";

/** A selection of more lines than a screen has is drawn up to here. */
const MOST_ROWS = 120;

/** This near to a caret the pointer asks for its name, in pixels. */
const NEAR_PX = 6;

export interface CaretState {
  readonly user?: { readonly id?: unknown; readonly name?: unknown; readonly color?: unknown };
  readonly cursor?: { readonly anchor: Y.RelativePosition; readonly head: Y.RelativePosition } | null;
}

type Listener = (changes: unknown, origin: "local" | "remote") => void;

export interface CaretSource {
  readonly clientID: number;
  readonly states: ReadonlyMap<number, CaretState>;
  on(event: "change", listener: Listener): void;
  off(event: "change", listener: Listener): void;
  setLocalStateField(field: "cursor", value: unknown): void;
}

export interface Carets {
  readonly extension: Extension;
  readonly text: TextView | null;
  /** Where flashes stand, too. */
  readonly layer: HTMLElement;
  /** Scrolls to the caret of a person. Returns false when it is nowhere in the text. */
  goTo(person: string, motion: ScrollBehavior): boolean;
  /** Whether a reader sees the caret of a person now; null when it is nowhere in the text. */
  isInView(person: string): boolean | null;
}

/** `paper` is the positioned element around the text. */
export function createCarets(awareness: CaretSource, paper: HTMLElement): Carets {
  const layer = h("div", { class: "carets", "aria-hidden": "true" });
  const marks = new Map<number, CaretMark>();
  let text: TextView | null = null;
  let frame = 0;

  const others = (): [number, CaretState][] =>
    [...awareness.states].filter(([client, { cursor }]) => client !== awareness.clientID && cursor != null);

  const draw = (): void => {
    frame = 0;
    if (text === null) return;
    const crowd = others();
    // Everything is measured before anything is moved: each line would be laid out again otherwise.
    const drawn = crowd.length === 0 ? new Map<number, Drawn>() : measure(text, crowd, layer.getBoundingClientRect());
    for (const [client, mark] of marks) {
      if (drawn.has(client)) continue;
      mark.remove();
      marks.delete(client);
    }
    for (const [client, look] of drawn) {
      let mark = marks.get(client);
      if (mark === undefined) marks.set(client, (mark = new CaretMark(layer)));
      mark.show(look);
    }
  };
  const drawSoon = (): void => {
    if (frame === 0 && (marks.size > 0 || others().length > 0)) frame = requestAnimationFrame(draw);
  };

  const start = (view: EditorView): (() => void) => {
    text = new TextView(view);
    paper.append(layer);
    const stop = new AbortController();
    const { signal } = stop;
    // Whatever moves the text: lines that wrap elsewhere, pictures that arrive, things that open.
    const size = new ResizeObserver(drawSoon);
    size.observe(view.dom);
    window.addEventListener("resize", drawSoon, { signal });
    window.addEventListener("scroll", drawSoon, { signal, passive: true, capture: true });
    view.dom.addEventListener("pointermove", (event) => nameNear(event, marks, layer), { signal, passive: true });
    const moved: Listener = (_changes, origin) => {
      if (origin === "remote") drawSoon();
    };
    awareness.on("change", moved);
    return () => {
      stop.abort();
      size.disconnect();
      awareness.off("change", moved);
      cancelAnimationFrame(frame);
      frame = 0;
      for (const mark of marks.values()) mark.remove();
      marks.clear();
      layer.remove();
      text = null;
    };
  };

  const placeOf = (person: string): Place | null => {
    const places = text?.places ?? null;
    if (places === null) return null;
    for (const [, { user, cursor }] of others()) {
      if (user?.id !== person || cursor == null) continue;
      const place = places.of(cursor.head);
      if (place !== null) return place;
    }
    return null;
  };

  return {
    layer,
    get text() {
      return text;
    },
    extension: Extension.create({
      name: "carets",
      addProseMirrorPlugins: () => [
        ownCaret(awareness),
        new Plugin({
          key: new PluginKey("othersCarets"),
          view: (view) => {
            const stop = start(view);
            return {
              update: (_view, before) => {
                if (view.state.doc === before.doc) return;
                text?.changed();
                drawSoon();
              },
              destroy: stop,
            };
          },
        }),
      ],
    }),
    goTo(person, motion) {
      const place = placeOf(person);
      if (text === null || place === null) return false;
      const { top } = text.view.coordsAtPos(within(text.view, place.at));
      const middle = (COVERED.top + window.innerHeight - COVERED.bottom) / 2;
      window.scrollTo({ top: window.scrollY + top - middle, behavior: motion });
      for (const mark of marks.values()) if (mark.person === person) mark.name();
      return true;
    },
    isInView(person) {
      const place = placeOf(person);
      if (text === null || place === null) return null;
      const { top, bottom } = text.view.coordsAtPos(within(text.view, place.at));
      return top >= COVERED.top && bottom <= window.innerHeight - COVERED.bottom;
    },
  };
}

/** Where each of the crowd is drawn, if at all. `origin` is the layer's own place. */
function measure(text: TextView, crowd: readonly [number, CaretState][], origin: Box): Map<number, Drawn> {
  const drawn = new Map<number, Drawn>();
  const { places } = text;
  const seen = places === null ? null : text.seen();
  if (places === null || seen === null) return drawn;
  const shift = (box: Box): Box => ({
    left: box.left - origin.left,
    top: box.top - origin.top,
    right: box.right - origin.left,
    bottom: box.bottom - origin.top,
  });
  for (const [client, { user, cursor }] of crowd) {
    const head = cursor == null ? null : places.of(cursor.head);
    const anchor = cursor == null ? null : places.of(cursor.anchor);
    if (head === null || anchor === null) continue;
    const span = { from: Math.min(head.at, anchor.at), to: Math.max(head.at, anchor.at) };
    const isNear = head.at >= seen.from && head.at <= seen.to;
    const selected = selection(text, span, seen).map(shift);
    if (!isNear && selected.length === 0) continue;
    const at = isNear ? text.view.coordsAtPos(within(text.view, head.at)) : null;
    drawn.set(client, {
      person: typeof user?.id === "string" ? user.id : "",
      name: typeof user?.name === "string" ? user.name : "",
      color: participantColor(user?.color),
      caret: at === null || at.bottom <= at.top ? null : shift(at),
      isAtEdge: at !== null && at.left + CaretMark.widest > window.innerWidth,
      rows: selected,
      cursor,
    });
  }
  return drawn;
}

function selection(text: TextView, span: Span, seen: Span): Box[] {
  const from = Math.max(span.from, seen.from);
  const to = Math.min(span.to, seen.to);
  return from >= to ? [] : rows(text.lines({ from, to: within(text.view, to) }), MOST_ROWS);
}

/** Yjs may be a step ahead of the editor. */
function within(view: EditorView, position: number): number {
  return Math.min(position, view.state.doc.content.size);
}

function nameNear(event: PointerEvent, marks: ReadonlyMap<number, CaretMark>, layer: HTMLElement): void {
  if (marks.size === 0) return;
  const origin = layer.getBoundingClientRect();
  const x = event.clientX - origin.left;
  const y = event.clientY - origin.top;
  for (const mark of marks.values()) {
    const { caret } = mark;
    if (caret === null || y < caret.top || y > caret.bottom) continue;
    if (Math.abs(x - caret.left) <= NEAR_PX) mark.name();
  }
}
