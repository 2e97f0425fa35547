/** Markers in the margin, at the lines that somebody commented on. */

import { h, PHONE } from "../editor/dom.ts";
import { icon } from "../editor/icons.ts";
import { t, tn } from "../page/words.ts";
import { isOpen, type Marker, markers } from "./order.ts";
import { nameOf, type Thread } from "./types.ts";

/** Nearer to each other than this, in pixels, markers share one: it is about a line, or what a finger needs. */
const LINE = 26;
const FINGER = 44;

export interface Margin {
  /** Draws markers for what is marked in `text`. */
  draw(text: HTMLElement, threads: readonly Thread[]): void;
  clear(): void;
}

/** `paper` is the positioned element around the text. `open` is called with the ids of a marker. */
export function createMargin(paper: HTMLElement, open: Open): Margin {
  let drawn = "[]";
  const box = h("div", { class: "comment-margin", role: "group", "aria-label": t("Comments at the lines of the text") });
  box.hidden = true;
  paper.append(box);

  const show = (found: readonly Marker[], threads: ReadonlyMap<string, Thread>): void => {
    const state = JSON.stringify(found.map(({ top, threads: ids }) => [Math.round(top), ids]));
    if (state === drawn) return;
    drawn = state;
    paper.classList.toggle("has-comments", found.length > 0);
    box.hidden = found.length === 0;
    box.replaceChildren(...found.map((marker) => markerButton(marker, threads, open)));
  };
  return {
    draw(text, threads) {
      const opened = new Map(threads.filter(isOpen).map((thread) => [thread.id, thread]));
      const origin = paper.getBoundingClientRect().top;
      const tops = new Map<string, number>();
      for (const mark of text.querySelectorAll<HTMLElement>("[data-thread]")) {
        const id = mark.dataset.thread ?? "";
        const [line] = mark.getClientRects();
        if (line !== undefined && opened.has(id) && !tops.has(id)) tops.set(id, line.top - origin);
      }
      const height = window.matchMedia(PHONE).matches ? FINGER : LINE;
      show(markers([...tops].map(([id, top]) => ({ id, top })), height), opened);
    },
    clear: () => show([], new Map()),
  };
}

type Open = (threads: readonly string[]) => void;

function markerButton(marker: Marker, threads: ReadonlyMap<string, Thread>, open: Open): HTMLElement {
  const { length } = marker.threads;
  const people = new Set(marker.threads.map((id) => nameOf(threads.get(id)?.by ?? null)));
  const names = [...people].join(", ");
  const label = tn("{n} conversation here: {names}", "{n} conversations here: {names}", length, { names });
  const attributes = { class: "margin-marker", "aria-label": label, title: label, "data-testid": "margin-marker" };
  const number = h("span", { "aria-hidden": "true" }, String(length));
  const button = h("button", { type: "button", ...attributes }, icon("comment"), number);
  button.style.top = `${marker.top}px`;
  button.addEventListener("click", () => open(marker.threads));
  return button;
}
