/** The bar of find and replace. Only what is asked here is here; searching and replacing stand beside it. */

import type { Editor } from "@tiptap/core";
import { h, setAttribute } from "../editor/dom.ts";
import { icon, type IconName } from "../editor/icons.ts";
import { keyText } from "../editor/keys.ts";
import { language, t } from "../page/words.ts";
import { asOneStep } from "./arrange.ts";
import { foundIn, showFound } from "./found.ts";
import { replaceMatches } from "./replace.ts";
import { reveal, selectMatch } from "./reveal.ts";
import { BadExpression, type Match, MOST_MATCHES, nearest, type Query } from "./search.ts";
import { createSearcher, TookTooLong } from "./searcher.ts";
import { blocksOf } from "./text-of.ts";

/** Others type several letters a second; the matches follow their edits meanwhile. */
const SETTLE_MS = 250;

/** A longer selection is hardly what somebody looks for. */
const LONGEST_SELECTION = 200;

export interface FindBar {
  readonly hasFocus: boolean;
  open(replacing: boolean): void;
  bind(editor: Editor | null): void;
}

/** Stands before the positioned `paper`, so that Tab leads from it into the text. */
export function createFindBar(paper: HTMLElement): FindBar {
  let editor: Editor | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Where the search began: the next match from here is the current one. */
  let start = 0;
  let asked = 0;
  const searcher = createSearcher(
    () => new Worker(new URL("./search-worker.ts", import.meta.url), { type: "module", name: "search" }),
  );

  const words = field(t("Find"), "find-words");
  const other = field(t("Replace with"), "find-other");
  const count = h("span", { class: "find-count", role: "status", "data-testid": "find-count" });
  const problem = h("p", { id: "find-problem", class: "find-problem", role: "alert" });
  const matchCase = choice(t("Match case"), "Aa");
  const wholeWord = choice(t("Whole words"), "“ab”");
  const expression = choice(t("Regular expression"), ".*");
  const previous = iconButton(t("Previous match"), "Shift-Enter", "up");
  const next = iconButton(t("Next match"), "Enter", "down");
  const close = iconButton(t("Close"), "Escape", "close");
  const one = h("button", { type: "button", class: "find-button" }, t("Replace"));
  const all = h("button", { type: "button", class: "find-button" }, t("Replace all"));
  const replaceRow = h("div", { class: "find-row" }, other, one, all);
  const bar = h(
    "search",
    { class: "find-bar", "aria-label": t("Find in this document"), "data-testid": "find-bar" },
    h("div", { class: "find-row" }, words, count, previous, next, close),
    replaceRow,
    h("div", { class: "find-row find-choices" }, matchCase, wholeWord, expression),
    problem,
  );
  words.setAttribute("aria-describedby", problem.id);
  bar.hidden = true;
  paper.before(bar);

  const query = (): Query => ({
    words: words.value,
    matchCase: isOn(matchCase),
    wholeWord: isOn(wholeWord),
    expression: isOn(expression),
  });
  const complain = (message: string): void => {
    problem.textContent = message;
    setAttribute(words, "aria-invalid", message === "" ? null : "true");
  };

  /** Null when the answer is no longer wanted, or there is none. */
  const look = async (now: Editor): Promise<readonly Match[] | null> => {
    const turn = ++asked;
    const { doc } = now.state;
    try {
      const matches = await searcher.find(blocksOf(doc), query());
      if (turn !== asked || now !== editor) return null;
      complain("");
      if (now.state.doc !== doc) return look(now);
      return matches;
    } catch (error) {
      if (!(error instanceof BadExpression || error instanceof TookTooLong)) throw error;
      if (turn !== asked) return null;
      complain(error.message);
      return [];
    }
  };
  const run = async (scroll: boolean): Promise<void> => {
    clearTimeout(timer);
    if (editor === null || bar.hidden) return;
    const matches = await look(editor);
    if (matches === null || editor === null || bar.hidden) return;
    const before = foundIn(editor.state);
    // Whoever stands on a match stays on it when the text around it changes.
    if (!scroll) start = before.matches[before.current]?.from ?? start;
    show(matches, nearest(matches, start), scroll);
  };
  const show = (matches: readonly Match[], current: number, scroll: boolean): void => {
    if (editor === null) return;
    showFound(editor.view, matches, current);
    const number = matches.length === MOST_MATCHES ? `${MOST_MATCHES.toLocaleString(language())}+` : String(matches.length);
    if (words.value === "" || problem.textContent !== "") count.textContent = "";
    else count.textContent = current < 0 ? t("No matches") : t("{n} of {all}", { n: current + 1, all: number });
    for (const button of [previous, next, one, all]) setAttribute(button, "aria-disabled", String(current < 0));
    if (scroll && current >= 0) reveal(editor.view, bar);
  };
  const step = (by: 1 | -1): void => {
    if (editor === null) return;
    const { matches, current } = foundIn(editor.state);
    if (matches.length === 0) return;
    const to = (current + by + matches.length) % matches.length;
    start = matches[to]?.from ?? start;
    show(matches, to, true);
  };
  const replace = (now: Editor, matches: readonly Match[]): void => {
    asOneStep(now, () => now.view.dispatch(replaceMatches(now.state, matches, other.value, isOn(expression))));
  };
  const replaceOne = (): void => {
    if (editor === null || !editor.isEditable) return;
    const { matches, current } = foundIn(editor.state);
    const match = matches[current];
    if (match === undefined) return;
    const before = editor.state.doc.content.size;
    replace(editor, [match]);
    start = match.to + editor.state.doc.content.size - before;
    void run(true);
  };
  const replaceAll = async (): Promise<void> => {
    if (editor === null || !editor.isEditable) return;
    const matches = await look(editor);
    if (matches === null || !editor.isEditable || matches.length === 0) return;
    replace(editor, matches);
    await run(false);
    count.textContent = t("Replaced {n}", { n: matches.length.toLocaleString(language()) });
  };
  const leave = (): void => {
    if (bar.hidden) return;
    bar.hidden = true;
    clearTimeout(timer);
    asked++;
    searcher.close();
    if (editor === null) return;
    const { matches, current } = foundIn(editor.state);
    showFound(editor.view, [], -1);
    selectMatch(editor, matches[current]);
  };
  const changed = (): void => {
    if (bar.hidden) return;
    clearTimeout(timer);
    timer = setTimeout(() => void run(false), SETTLE_MS);
  };

  words.addEventListener("input", () => void run(true));
  for (const button of [matchCase, wholeWord, expression]) {
    button.addEventListener("click", () => {
      setAttribute(button, "aria-pressed", String(!isOn(button)));
      void run(true);
    });
  }
  previous.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  close.addEventListener("click", leave);
  one.addEventListener("click", replaceOne);
  all.addEventListener("click", () => void replaceAll());
  bar.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" && event.target === words) step(event.shiftKey ? -1 : 1);
    else if (event.key === "Enter" && event.target === other) replaceOne();
    else return;
    event.preventDefault();
  });

  return {
    get hasFocus() {
      return bar.contains(document.activeElement);
    },
    open(replacing) {
      if (editor === null) return;
      const { from, to, $from, $to } = editor.state.selection;
      const short = $from.sameParent($to) && to - from <= LONGEST_SELECTION;
      const selected = short ? editor.state.doc.textBetween(from, to) : "";
      if (selected !== "" && bar.hidden && !isOn(expression)) words.value = selected;
      if (bar.hidden) start = from;
      bar.hidden = false;
      replaceRow.hidden = !editor.isEditable || (!replacing && replaceRow.hidden);
      words.focus();
      words.select();
      void run(true);
    },
    bind(next) {
      editor?.off("update", changed);
      if (next !== editor) asked++;
      editor = next;
      editor?.on("update", changed);
      if (editor === null || !editor.isEditable) replaceRow.hidden = true;
      if (editor !== null) void run(false);
    },
  };
}

function field(label: string, id: string): HTMLInputElement {
  return h("input", {
    id,
    type: "text",
    class: "find-field",
    "aria-label": label,
    placeholder: label,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  });
}

function choice(label: string, sign: string): HTMLButtonElement {
  const sample = h("span", { class: "find-sign", "aria-hidden": "true" }, sign);
  return h("button", { type: "button", class: "find-choice", "aria-pressed": "false" }, sample, label);
}

function isOn(button: HTMLButtonElement): boolean {
  return button.getAttribute("aria-pressed") === "true";
}

function iconButton(label: string, keys: string, name: IconName): HTMLButtonElement {
  const title = `${label} (${keyText(keys)})`;
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title }, icon(name));
}
