/** The panel of comments: those of the document in the order of the text, the open ones or the closed ones. */

import { h } from "../editor/dom.ts";
import { t } from "../page/words.ts";
import { createComposer } from "./composer.ts";
import type { Desk } from "./desk-type.ts";
import { type Filter, isOpen, listed, type Ranges } from "./order.ts";
import { tellTheTime } from "./parts.ts";
import { createThreadView, place, type ThreadView } from "./thread-view.ts";
import type { Thread } from "./types.ts";

const FLASH_MS = 1_500;
const MINUTE_MS = 60_000;

export interface PanelView {
  update(ranges: Ranges): void;
  /** What is in the way of sending, in a sentence; empty when nothing is. */
  warn(words: string): void;
  compose(): void;
  /** Shows a thread, flashing; with `focus` the keyboard goes there as well. */
  reveal(thread: Thread, focus: boolean): void;
  activate(thread: string | null): void;
}

export function createPanelView(body: HTMLElement, desk: Desk, made: (thread: Thread) => void): PanelView {
  let filter: Filter = "open";
  let ranges: Ranges = new Map();
  const views = new Map<string, ThreadView>();
  const warning = h("p", { class: "comments-warning", role: "status" });
  const filters = { open: filterButton("open"), closed: filterButton("closed") };
  const choice = { class: "segments comments-filter", role: "group", "aria-label": t("Which comments") };
  const empty = h("p", { class: "comments-empty" });
  const list = h("div", { class: "threads" });
  const composer = createComposer(desk, made);
  body.append(
    warning,
    h("div", choice, filters.open, filters.closed),
    composer.element,
    empty,
    list,
  );
  window.setInterval(() => tellTheTime(body), MINUTE_MS);

  function filterButton(name: Filter): HTMLButtonElement {
    const button = h("button", { type: "button", class: "comments-filter-button", "data-filter": name });
    button.addEventListener("click", () => {
      filter = name;
      draw();
    });
    return button;
  }

  const draw = (): void => {
    const { threads } = desk.store;
    const shown = listed(threads, ranges, filter);
    const open = threads.filter(isOpen).length;
    // Translators: the comments that are open, and how many they are.
    filters.open.textContent = t("Open {n}", { n: open });
    filters.closed.textContent = t("Closed {n}", { n: threads.length - open });
    for (const [name, button] of Object.entries(filters)) button.setAttribute("aria-pressed", String(name === filter));
    const ids = new Set(threads.map(({ id }) => id));
    for (const id of views.keys()) if (!ids.has(id)) views.delete(id);
    const hadFocus = list.contains(document.activeElement);
    place(list, shown.map((thread) => view(thread).element));
    // What had the focus is not in this list any more, as after "Resolve".
    if (hadFocus && !list.contains(document.activeElement)) filters[filter].focus();
    empty.hidden = shown.length > 0 || desk.drafts.beginning !== null;
    empty.textContent = emptyWords(filter, desk.store.may.comment, desk.store.isLoaded);
  };
  const view = (thread: Thread): ThreadView => {
    const found = views.get(thread.id) ?? createThreadView(desk, thread);
    views.set(thread.id, found);
    found.update(thread, ranges.get(thread.id) == null);
    return found;
  };
  const activate = (id: string | null): void => {
    for (const [other, { element }] of views) element.classList.toggle("is-active", other === id);
  };

  draw();
  return {
    update(next) {
      ranges = next;
      draw();
    },
    warn(words) {
      warning.textContent = words;
    },
    compose() {
      filter = "open";
      composer.show();
      draw();
      composer.focus();
      composer.element.scrollIntoView({ block: "nearest" });
    },
    reveal(thread, focus) {
      filter = isOpen(thread) ? "open" : "closed";
      draw();
      activate(thread.id);
      const { element } = view(thread);
      if (focus) element.focus({ preventScroll: true });
      element.scrollIntoView({ block: "nearest" });
      flash(element);
    },
    activate,
  };
}

export function flash(element: HTMLElement): void {
  element.classList.add("is-flashing");
  window.setTimeout(() => element.classList.remove("is-flashing"), FLASH_MS);
}

function emptyWords(filter: Filter, mayComment: boolean, isLoaded: boolean): string {
  if (!isLoaded) return t("Comments are being fetched…");
  if (filter === "closed") return t("Nothing has been closed yet.");
  if (!mayComment) return t("There are no open comments.");
  return t("There are no open comments. Select words in the text, then choose Comment.");
}
