/** The handle at the left of the block under the pointer: it is dragged to move the block, and clicked for its menu. */

import type { Editor } from "@tiptap/core";
import type { Transaction } from "@tiptap/pm/state";
import { COVERED } from "../editor/covered.ts";
import { h } from "../editor/dom.ts";
import { icon } from "../editor/icons.ts";
import { t } from "../page/words.ts";
import { moveTo } from "./arrange.ts";
import { blockAt, isItem, mayMove, type Span } from "./blocks.ts";
import { moved } from "./moved.ts";

const SIZE = 24;

/** Less is a click of an unsteady hand. In pixels. */
const DRAG = 5;

/** Near the edge of the window the page scrolls: how near, and how much a frame. In pixels. */
const EDGE = 40;
const SCROLL = 10;

/** Where the pointer is, in the window. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface BlockHandle {
  readonly span: Span | null;
  /** Points at `span` as if the pointer were there; null hides the handle. */
  point(span: Span | null): DOMRect | null;
  /** The pointer is at `x`, `y` in the window. */
  hover(at: Point): void;
  /** Shows which block is meant, or does not any more. */
  mark(on: boolean): void;
  bind(editor: Editor | null): void;
}

/** `open` shows the menu beside the handle, `busy` says that it is open. */
export function createBlockHandle(paper: HTMLElement, open: (rect: DOMRect) => void, busy: () => boolean): BlockHandle {
  let editor: Editor | null = null;
  let span: Span | null = null;
  let pointer: Point | null = null;
  let pressed: Point | null = null;
  let target: number | null = null;
  let dragging = false;
  /** The click that ends this press is not one for the menu. */
  let spent = false;
  let frame = 0;

  const label = t("Move this block, or click for more");
  const handle = h(
    "button",
    {
      type: "button",
      class: "block-handle",
      tabindex: "-1",
      "aria-label": label,
      "aria-haspopup": "menu",
      title: label,
    },
    icon("grip"),
  );
  const shade = h("div", { class: "block-shade", "aria-hidden": "true" });
  const line = h("div", { class: "block-line", "aria-hidden": "true" });
  for (const part of [shade, line, handle]) {
    part.hidden = true;
    paper.append(part);
  }

  const rectOf = (block: Span): DOMRect | null => {
    const dom = editor?.view.nodeDOM(block.from);
    return dom instanceof HTMLElement ? dom.getBoundingClientRect() : null;
  };
  const cover = (element: HTMLElement, rect: DOMRect): void => {
    const origin = paper.getBoundingClientRect();
    element.style.left = `${rect.left - origin.left}px`;
    element.style.top = `${rect.top - origin.top}px`;
    element.style.width = `${rect.width}px`;
    element.style.height = `${rect.height}px`;
  };
  const point = (block: Span | null): DOMRect | null => {
    span = block;
    const dom = block === null ? null : editor?.view.nodeDOM(block.from);
    handle.hidden = !(dom instanceof HTMLElement) || editor?.isEditable !== true;
    if (!(dom instanceof HTMLElement)) return null;
    const rect = dom.getBoundingClientRect();
    const height = Math.min(rect.height, Number.parseFloat(getComputedStyle(dom).lineHeight) || SIZE);
    handle.style.top = `${rect.top - paper.getBoundingClientRect().top + (height - SIZE) / 2}px`;
    return handle.checkVisibility() ? handle.getBoundingClientRect() : rect;
  };
  const mark = (on: boolean): void => {
    const rect = on && span !== null ? rectOf(span) : null;
    shade.hidden = rect === null;
    if (rect !== null) cover(shade, rect);
  };
  const under = ({ x, y }: Point): number | null => {
    if (editor === null) return null;
    const { view } = editor;
    const text = view.dom.getBoundingClientRect();
    // Beside the text the pointer means the line that it is level with.
    const found = view.posAtCoords({ left: Math.min(Math.max(x, text.left + SIZE), text.right - SIZE), top: y });
    if (found === null) return null;
    return found.inside >= 0 && view.state.doc.nodeAt(found.inside)?.isAtom === true ? found.inside : found.pos;
  };

  const follow = (): void => {
    if (editor === null || !editor.isEditable || pointer === null || busy()) return;
    const pos = under(pointer);
    point(pos === null ? null : blockAt(editor.state.doc, pos));
  };
  /** Above or below the block under the pointer, whichever is nearer and may hold what is dragged. */
  const aim = (at: Point): void => {
    const pos = under(at);
    target = null;
    line.hidden = true;
    if (editor === null || span === null || pos === null) return;
    const { doc } = editor.state;
    const inner = blockAt(doc, pos);
    const $inner = inner === null ? null : doc.resolve(inner.from);
    const top = $inner === null || $inner.depth === 0 ? inner : { from: $inner.before(1), to: $inner.after(1) };
    for (const block of isItem(doc.nodeAt(span.from)) ? [inner, top] : [top]) {
      const rect = block === null ? null : rectOf(block);
      if (block === null || rect === null) continue;
      const above = at.y < rect.top + rect.height / 2;
      const edge = above ? block.from : block.to;
      if (!mayMove(doc, span, edge)) continue;
      target = edge;
      line.hidden = false;
      cover(line, new DOMRect(rect.left, (above ? rect.top : rect.bottom) - 1, rect.width, 2));
      return;
    }
  };
  const drag = (): void => {
    frame = 0;
    if (!dragging || pointer === null) return;
    if (pointer.y < COVERED.top + EDGE) window.scrollBy({ top: -SCROLL, behavior: "instant" });
    else if (pointer.y > window.innerHeight - EDGE) window.scrollBy({ top: SCROLL, behavior: "instant" });
    mark(true);
    aim(pointer);
    frame = requestAnimationFrame(drag);
  };
  const soon = (): void => {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (dragging) drag();
      else follow();
    });
  };
  const stop = (): void => {
    dragging = false;
    pressed = null;
    target = null;
    line.hidden = true;
    handle.classList.remove("is-dragged");
    mark(false);
  };

  paper.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    pointer = { x: event.clientX, y: event.clientY };
    if (pressed !== null && !dragging && Math.hypot(pointer.x - pressed.x, pointer.y - pressed.y) > DRAG) {
      dragging = true;
      spent = true;
      handle.classList.add("is-dragged");
    }
    soon();
  });
  paper.addEventListener("pointerleave", () => {
    pointer = null;
    if (!dragging && !busy()) point(null);
  });
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault(); // The text keeps the focus.
    handle.setPointerCapture(event.pointerId);
    pressed = { x: event.clientX, y: event.clientY };
    spent = busy(); // This press closes the menu.
  });
  handle.addEventListener("mousedown", (event) => event.preventDefault());
  handle.addEventListener("pointerup", () => {
    const [block, to] = [span, target];
    stop();
    if (editor?.isEditable === true && block !== null && to !== null) {
      moveTo(editor, block, to);
      editor.view.focus();
    }
  });
  handle.addEventListener("pointercancel", stop);
  // Not with `pointerup`: with that the browser closes whatever popup is open then.
  handle.addEventListener("click", () => {
    if (!spent) open(handle.getBoundingClientRect());
    spent = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && dragging) {
      event.preventDefault();
      stop();
    } else if (!dragging && !busy()) point(null); // Whoever writes is not moving blocks.
  });
  const shift = ({ transaction }: { transaction: Transaction }): void => {
    if (!transaction.docChanged || span === null) return;
    const to = moved(transaction, transaction.before);
    const next = { from: to(span.from, 1), to: to(span.to, -1) };
    const { doc } = transaction;
    const whole = next.to > next.from && next.to <= doc.content.size && doc.nodeAt(next.from) !== null;
    span = whole ? next : null;
    if (span === null) {
      stop();
      point(null);
    } else soon();
  };

  return {
    get span() {
      return span;
    },
    point,
    mark,
    hover(at) {
      pointer = at;
      soon();
    },
    bind(next) {
      stop();
      editor?.off("transaction", shift);
      editor = next;
      editor?.on("transaction", shift);
      point(null);
    },
  };
}
