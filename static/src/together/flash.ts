/** A short light where somebody else wrote, drawn over the text: nothing in it changes for that. */

import { participantColor } from "../editor/color.ts";
import { h } from "../editor/dom.ts";
import { put } from "./caret-mark.ts";
import { ends, gather, type Written } from "./edits.ts";
import { rows } from "./rows.ts";
import type { Span, TextView } from "./text-view.ts";

const FLASH_MS = 1_100;

/** Of an edit, and at one time: a paste must not light the whole page. */
const MOST_ROWS = 12;
const MOST_ALIVE = 60;

export interface Flashes {
  show(written: readonly Written[]): void;
}

export interface FlashOptions {
  readonly layer: HTMLElement;
  /** The editor of now. */
  readonly text: () => TextView | null;
  /** The colour of whoever writes as this client; null: no light. */
  readonly color: (client: number) => string | null;
}

export function createFlashes({ layer, text, color }: FlashOptions): Flashes {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let waiting: Written[] = [];
  let frame = 0;
  let alive = 0;

  const light = (span: Span, view: TextView, paint: string): void => {
    const { left, top } = layer.getBoundingClientRect();
    for (const row of rows(view.lines(span), MOST_ROWS)) {
      if (alive >= MOST_ALIVE) return;
      alive += 1;
      const spot = h("span", { class: "flash" });
      spot.style.setProperty("--person", participantColor(paint));
      put(spot, { left: row.left - left, top: row.top - top, right: row.right - left, bottom: row.bottom - top });
      layer.append(spot);
      const fading = spot.animate([{ opacity: 0.4 }, { opacity: 0.3, offset: 0.3 }, { opacity: 0 }], FLASH_MS);
      fading.addEventListener("finish", () => {
        spot.remove();
        alive -= 1;
      });
    }
  };

  const draw = (): void => {
    frame = 0;
    const pieces = waiting;
    waiting = [];
    const view = text();
    const seen = view?.seen() ?? null;
    if (view === null || seen === null) return;
    for (const piece of pieces) {
      const paint = color(piece.client);
      const span = paint === null ? null : spanOf(piece, view, seen);
      if (paint !== null && span !== null) light(span, view, paint);
    }
  };

  return {
    show(written) {
      if (still.matches || document.visibilityState === "hidden" || written.length === 0) return;
      gather(waiting, written);
      if (frame === 0) frame = requestAnimationFrame(draw);
    },
  };
}

/** The part of it near the screen, or null. */
function spanOf(piece: Written, { places, view }: TextView, seen: Span): Span | null {
  const { start, end } = ends(piece);
  const first = places?.of(start) ?? null;
  const last = places?.of(end) ?? null;
  if (first === null || last === null) return null;
  const from = Math.max(Math.min(first.at, last.at), seen.from);
  const to = Math.min(Math.max(first.at, last.at), seen.to, view.state.doc.content.size);
  return from < to ? { from, to } : null;
}
