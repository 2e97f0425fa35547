/** The panel "Contents": the headings to jump to, and how long the text is. Loaded when it is first opened. */

import type { Editor } from "@tiptap/core";
import { COVERED } from "../editor/covered.ts";
import { h, setAttribute } from "../editor/dom.ts";
import { t } from "../page/words.ts";
import { Counter, countsText } from "./counting.ts";
import { currentOf, type Heading, headingsOf } from "./outline.ts";

/** Counting and listing can wait for the typist. */
const SETTLE_MS = 300;

/** A panel that covers the text is closed by a choice; see `.side` in document.css. */
const COVERS = "(max-width: 1000px)";

/** Headings are called current a little before they reach the top. */
const LINE_PX = COVERED.top + 24;

const NOTHING = t("Headings appear here. Type # at the start of a line to make one.");

export interface Contents {
  /** Null while the panel is closed or there is no text. */
  bind(editor: Editor | null): void;
}

export function createContents(body: HTMLElement, close: () => void): Contents {
  const counter = new Counter();
  const nothing = h("p", { class: "contents-none" }, NOTHING);
  const list = h("ol", { class: "contents", "data-testid": "contents" });
  const counts = h("p", { class: "contents-counts", "data-testid": "counts" });
  const selected = h("p", { class: "contents-counts", "data-testid": "counts-selected" });
  const foot = h("div", { class: "contents-foot" }, counts, selected);
  body.replaceChildren(h("nav", { "aria-label": t("Contents") }, nothing, list), foot);

  let editor: Editor | null = null;
  let headings: readonly Heading[] = [];
  let timer = 0;
  let frame = 0;

  const jump = (heading: Heading, byKey: boolean): void => {
    if (editor === null) return;
    const dom = editor.view.nodeDOM(heading.position);
    if (!(dom instanceof HTMLElement)) return;
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (window.matchMedia(COVERS).matches) close();
    const top = window.scrollY + dom.getBoundingClientRect().top - COVERED.top;
    window.scrollTo({ top, behavior: still ? "auto" : "smooth" });
    // Whoever works without a mouse goes on reading there; a tap must not bring up the keyboard.
    if (byKey) editor.chain().setTextSelection(heading.position + 1).focus(undefined, { scrollIntoView: false }).run();
  };

  const mark = (): void => {
    frame = 0;
    if (editor === null) return;
    const { view } = editor;
    const tops = headings.map(({ position }) => {
      const dom = view.nodeDOM(position);
      return dom instanceof HTMLElement ? dom.getBoundingClientRect().top : Infinity;
    });
    const current = currentOf(tops, LINE_PX);
    buttons(list).forEach((button, at) => setAttribute(button, "aria-current", at === current ? "location" : null));
  };
  const markSoon = (): void => {
    if (frame === 0) frame = requestAnimationFrame(mark);
  };

  const draw = (): void => {
    window.clearTimeout(timer);
    if (editor === null) return;
    const { doc, selection } = editor.state;
    const next = headingsOf(doc);
    if (!sameText(headings, next)) {
      const at = buttons(list).indexOf(document.activeElement as HTMLButtonElement);
      list.replaceChildren(...next.map(entry));
      buttons(list)[at]?.focus();
    }
    headings = next;
    nothing.hidden = next.length > 0;
    const language = document.documentElement.lang || "en";
    counts.textContent = countsText(counter.count(doc), language);
    const part = selection.empty ? null : counter.count(doc, selection.from, selection.to);
    selected.textContent = part === null ? "" : t("Selected: {counts}", { counts: countsText(part, language) });
    mark();
  };
  const drawSoon = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(draw, SETTLE_MS);
  };

  const entry = ({ text, depth }: Heading, at: number): HTMLElement => {
    const attributes = { type: "button", class: "contents-entry", "data-depth": String(depth), dir: "auto" };
    const button = h("button", attributes, text);
    button.addEventListener("click", (event) => {
      const heading = headings[at];
      if (heading !== undefined) jump(heading, event.detail === 0);
    });
    return h("li", {}, button);
  };
  list.addEventListener("keydown", (event) => {
    const all = buttons(list);
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined || at < 0) return;
    event.preventDefault();
    all[Math.min(Math.max(next, 0), all.length - 1)]?.focus();
  });
  window.addEventListener("scroll", markSoon, { passive: true });

  return {
    bind(next) {
      editor?.off("transaction", drawSoon);
      editor = next;
      editor?.on("transaction", drawSoon);
      draw();
    },
  };
}

function sameText(a: readonly Heading[], b: readonly Heading[]): boolean {
  return a.length === b.length && a.every(({ text, depth }, at) => text === b[at]?.text && depth === b[at]?.depth);
}

function buttons(list: HTMLElement): HTMLButtonElement[] {
  return [...list.querySelectorAll("button")];
}
