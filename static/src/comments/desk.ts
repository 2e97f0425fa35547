/** Comments on the page: ties what the server knows to the text, the panel and the margin. */

import type { Editor } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { COVERED } from "../editor/covered.ts";
import type { Stage } from "../page/feature.ts";
import type { Panel } from "../page/panels.ts";
import { t } from "../page/words.ts";
import type { Status } from "../sync/types.ts";
import { isPlain, replacePassage } from "./accept.ts";
import { anchorsOf, encodePosition } from "./anchors.ts";
import { bindingOf } from "./binding.ts";
import type { Desk } from "./desk-type.ts";
import { commentDraftsKey, createCommentDrafts, type NewThread } from "./drafts.ts";
import { createFloating } from "./floating.ts";
import { createMargin } from "./margin.ts";
import { rangesIn, repaint } from "./marks.ts";
import { isOpen, type Range } from "./order.ts";
import { PassagePainter, Settling } from "./painter.ts";
import { createPanelView, flash } from "./panel-view.ts";
import { Passages } from "./passages.ts";
import type { CommentStore } from "./store.ts";
import { type Kind, MAX_QUOTE } from "./types.ts";

const NOTHING_SELECTED = t("Select the words that you mean first.");
const ONE_BLOCK = t("A suggestion changes plain words within one paragraph. Select fewer words, or write a comment.");

export interface CommentsDesk {
  readonly painter: PassagePainter;
  bind(editor: Editor | null): void;
  show(status: Status): void;
  begin(kind: Kind): void;
  /** The panel was opened. */
  opened(): void;
  /** Shows a thread in the panel and in the text. Returns false when there is none of that id. */
  open(id: string): boolean;
}

export function createDesk(stage: Stage, panel: Panel, store: CommentStore): CommentsDesk {
  const { config, paper, say } = stage;
  const drafts = createCommentDrafts(window.sessionStorage, commentDraftsKey(config.person.id, config.document));
  const painter = new PassagePainter();
  const settling = new Settling();
  let editor: Editor | null = null;
  let active: string | null = null;
  let passages: { readonly doc: Node; readonly text: Passages } | null = null;

  const desk: Desk = {
    store,
    drafts,
    say,
    range: (thread) => (editor === null ? null : (rangesIn(editor.view).get(thread) ?? null)),
    words: (range) => words(range),
    show: (thread) => showInText(thread),
    replace(range, { replacement }) {
      if (editor === null || !editor.isEditable) return false;
      replacePassage(editor, range, replacement ?? "");
      return true;
    },
    began(beginning) {
      drafts.beginning = beginning;
      paint();
    },
    link: (thread) => `${window.location.origin}${window.location.pathname}#comment-${thread}`,
  };
  const view = createPanelView(panel.body, desk, ({ id }) => {
    activate(id);
    paint();
    say(t("Your comment is there for everybody."));
  });
  const margin = createMargin(paper, ([first]) => first !== undefined && open(first, true));
  const floating = createFloating(paper, () => store.may.comment, (kind) => begin(kind));
  const resized = new ResizeObserver(() => drawMargin());

  const words = (range: Range): string => {
    if (editor === null) return "";
    const { doc } = editor.state;
    if (passages?.doc !== doc) passages = { doc, text: new Passages(doc) };
    return passages.text.between(range);
  };
  const drawMargin = (): void => {
    if (editor === null || editor.isDestroyed) margin.clear();
    else margin.draw(editor.view.dom, store.threads);
  };
  const drawAround = (): void => {
    if (editor === null || editor.isDestroyed) return;
    if (panel.isOpen) view.update(rangesIn(editor.view));
    drawMargin();
  };
  const paint = (): void => {
    painter.set(store.threads, drafts.beginning, active);
    if (editor === null || editor.isDestroyed) return;
    repaint(editor.view);
    if (painter.settle(editor.view)) repaint(editor.view);
    drawAround();
  };
  const activate = (id: string | null): void => {
    active = id;
    view.activate(id);
  };
  const moved = ({ transaction }: { transaction: { docChanged: boolean } }): void => {
    if (transaction.docChanged && editor !== null) settling.soon(editor.view, painter, drawAround);
  };

  const open = (id: string, focus: boolean): boolean => {
    const thread = store.named(id);
    if (thread === undefined) return false;
    active = thread.id;
    panel.open();
    paint();
    view.reveal(thread, focus);
    return true;
  };
  const showInText = (id: string): void => {
    activate(id);
    paint();
    const mark = markOf(id);
    if (mark === null) return say(t("The text this was about is gone."));
    scrollTo(mark);
    for (const part of marksOf(id)) flash(part);
  };
  const marksOf = (id: string): HTMLElement[] =>
    editor === null ? [] : [...editor.view.dom.querySelectorAll<HTMLElement>(`[data-thread="${CSS.escape(id)}"]`)];
  const markOf = (id: string): HTMLElement | null => marksOf(id)[0] ?? null;

  const begin = (kind: Kind): void => {
    if (editor === null) return;
    if (!store.may.comment) return say(t("You may read the comments, but not write any."));
    panel.open();
    // One at a time: the words of the first are not thrown away for the second.
    if (drafts.beginning === null || isUntouched(drafts.beginning)) {
      const problem = start(editor, kind);
      view.warn(problem ?? "");
      if (problem !== null) return say(problem);
    } else {
      say(t("Finish or cancel the comment that you began first."));
    }
    view.compose();
  };
  const isUntouched = ({ kind, quote }: NewThread): boolean =>
    drafts.get("new") === "" && (kind === "comment" || drafts.get("text") === quote);
  const start = (target: Editor, kind: Kind): string | null => {
    const binding = bindingOf(target.state);
    const range = selected(target);
    const anchors = range === null || binding === null ? null : anchorsOf(range, binding);
    if (range === null || anchors === null) return NOTHING_SELECTED;
    const quote = words(range);
    if (kind === "suggestion" && (!isPlain(target, range) || quote.length > MAX_QUOTE)) return ONE_BLOCK;
    drafts.set("text", kind === "suggestion" ? quote : "");
    desk.began({ kind, anchor: encodePosition(anchors.start), head: encodePosition(anchors.end), quote: cut(quote) });
    return null;
  };
  const clicked = (event: MouseEvent): void => {
    const mark = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-thread]") : null;
    // Whoever selects words within a passage has other plans.
    const id = mark?.dataset.thread;
    if (id !== undefined && window.getSelection()?.isCollapsed !== false) open(id, false);
  };

  store.listen((before) => {
    const was = before?.find(({ id }) => id === active);
    const is = store.threads.find(({ id }) => id === active);
    // What is closed leaves the text, unless somebody goes to it again.
    if (was !== undefined && isOpen(was) && (is === undefined || !isOpen(is))) activate(null);
    paint();
  });
  painter.set(store.threads, drafts.beginning, null);
  return {
    painter,
    bind(next) {
      if (next === editor) return;
      editor?.off("transaction", moved);
      editor?.view.dom.removeEventListener("click", clicked);
      resized.disconnect();
      painter.forget();
      editor = next;
      floating.bind(next);
      if (next === null) return margin.clear();
      next.on("transaction", moved);
      next.view.dom.addEventListener("click", clicked);
      resized.observe(next.view.dom);
      paint();
    },
    show(status) {
      view.warn(warning(status));
    },
    begin,
    opened: drawAround,
    open: (id) => {
      if (!open(id, true)) return false;
      const named = store.named(id)?.id;
      if (named !== undefined) showInText(named);
      return true;
    },
  };
}

/** What is in the way of sending. */
function warning({ connection, refusal, role, synced }: Status): string {
  if (refusal === "signed_out" || (connection.kind === "stopped" && connection.code === "signed_out")) {
    return t("You are signed out. What you write here stays. Sign in again in another tab, then send it.");
  }
  if (refusal !== null || (synced && role === null)) return t("This document is not available to you any more.");
  return connection.kind === "online" || connection.kind === "connecting"
    ? ""
    : t("There is no connection. What you write here stays. Send it when the connection is back.");
}

/** The selection without the ends of lines around it; without one the word at the caret, or the last one before it. */
function selected({ state }: Editor): Range | null {
  const { selection, doc } = state;
  let { from, to } = selection;
  if (selection.empty) {
    const { $from } = selection;
    if (!$from.parent.isTextblock) return null;
    const line = $from.parent.textBetween(0, $from.parent.content.size, null, " ");
    const at = $from.parentOffset;
    const words = [...line.matchAll(/[\p{L}\p{N}_'’-]+/gu)].filter((word) => word.index <= at);
    const word = words.at(-1);
    if (word === undefined) return null;
    from = $from.start() + word.index;
    to = from + word[0].length;
  } else {
    const start = doc.resolve(from);
    // From the end of a line to the next one: it begins with the next.
    if (start.parent.isTextblock && start.parentOffset === start.parent.content.size && start.pos + 2 < to) from += 2;
    const end = doc.resolve(to);
    if (end.parent.isTextblock && end.parentOffset === 0 && end.pos - 2 > from) to -= 2;
  }
  return from < to ? { from, to } : null;
}

/** A quote that fits, without half of a character at its end. */
function cut(quote: string): string {
  return quote.slice(0, MAX_QUOTE).replace(/[\ud800-\udbff]$/, "");
}

/** To where it can be seen: on a narrow screen the panel covers the lower part. */
function scrollTo(mark: HTMLElement): void {
  const isNarrow = window.matchMedia("(max-width: 1000px)").matches;
  const wanted = isNarrow ? COVERED.top : Math.max(COVERED.top, window.innerHeight * 0.35);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  window.scrollBy({ top: mark.getBoundingClientRect().top - wanted, behavior: calm ? "auto" : "smooth" });
}
