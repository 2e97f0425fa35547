/** One conversation about a passage, or one suggestion. */

import { h } from "../editor/dom.ts";
import { t } from "../page/words.ts";
import { type CommentView, createCommentView } from "./comment-view.ts";
import type { Desk } from "./desk-type.ts";
import { isOpen } from "./order.ts";
import { keepingFocus, textButton, when } from "./parts.ts";
import { accept, obstacle } from "./suggestion.ts";
import { type May, nameOf, type State, type Thread } from "./types.ts";
import { createBox } from "./writing-box.ts";

export interface ThreadView {
  readonly element: HTMLElement;
  /** `isGone`: nothing is left of the passage. */
  update(thread: Thread, isGone: boolean): void;
}

const CLOSED: Readonly<Record<State, (name: string) => string>> = {
  open: () => "",
  resolved: (name) => t("Resolved by {name}", { name }),
  accepted: (name) => t("Accepted by {name}", { name }),
  rejected: (name) => t("Rejected by {name}", { name }),
};

const NO_PLACE = t("The text that this would change is gone. Put the new words in by hand, or reject the suggestion.");

const CONTROLS = "button, a, textarea, input, form";

export function createThreadView(desk: Desk, thread: Thread): ThreadView {
  const { store, drafts } = desk;
  let isGone = false;
  let mayBefore: May | null = null;
  let drawn = "";
  let problem = "";
  /** What stands at the passage of a suggestion, while its reader is asked what to do about that. */
  let asking: string | null = null;
  let isBusy = false;
  const comments = new Map<string, CommentView>();
  const top = h("div", { class: "thread-top" });
  const list = h("ol", { class: "thread-comments" });
  const foot = h("div", { class: "thread-foot" });
  const reply = createBox({
    label: t("Reply"),
    placeholder: t("Reply…"),
    send: t("Send"),
    drafts,
    place: `reply:${thread.id}`,
    submit: async (words) => {
      const result = await store.changed(thread.id, store.api.reply(thread.id, words));
      return "problem" in result ? result.problem : null;
    },
  });
  reply.element.classList.add("is-reply");
  const element = h(
    "article",
    { class: "thread", "data-thread": thread.id, "data-kind": thread.kind, "data-testid": "thread", tabindex: "-1" },
    top,
    list,
    foot,
    reply.element,
  );

  const run = async (act: () => Promise<string | null>): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    problem = (await act()) ?? "";
    isBusy = false;
    drawFoot();
  };
  const turn = (state: State): void =>
    void run(async () => {
      asking = null;
      const result = await store.changed(thread.id, store.api.turn(thread.id, state));
      return "problem" in result ? result.problem : null;
    });
  const take = (expected: string): void =>
    void run(() => {
      asking = null;
      return accept(desk, thread, expected);
    });
  const tryToTake = (): void => {
    const found = obstacle(desk, thread);
    if (found === null) return take(thread.quote);
    if (found === "gone") problem = NO_PLACE;
    else asking = found.now;
    drawFoot();
    foot.querySelector<HTMLElement>("[data-action=anyway]")?.focus();
  };
  const copy = (button: HTMLButtonElement): void => {
    const address = desk.link(thread.id);
    const told = (): void => {
      button.textContent = t("Copied");
      desk.say(t("The link is copied."));
    };
    // Without https there is no clipboard; then the address is shown to be copied by hand.
    navigator.clipboard?.writeText(address).then(told, () => showAddress(address)) ?? showAddress(address);
  };
  const showAddress = (address: string): void => {
    const field = h("input", { class: "thread-link", readonly: true, "aria-label": t("The link to this comment") });
    field.value = address;
    foot.append(field);
    field.select();
  };

  const actions = (): HTMLElement[] => {
    const { comment: mayComment, edit: mayEdit } = store.may;
    const isAuthor = thread.by?.id === store.you;
    const buttons: HTMLElement[] = [];
    if (thread.kind === "comment" && mayComment) {
      if (isOpen(thread)) buttons.push(textButton("resolve", t("Resolve"), () => turn("resolved")));
      else buttons.push(textButton("reopen", t("Reopen"), () => turn("open")));
    }
    if (thread.kind === "suggestion" && isOpen(thread)) {
      if (mayEdit) buttons.push(textButton("accept", t("Accept"), tryToTake, "primary"));
      if (isAuthor && mayComment) buttons.push(textButton("reject", t("Withdraw"), () => turn("rejected")));
      else if (mayEdit) buttons.push(textButton("reject", t("Reject"), () => turn("rejected")));
    }
    if (thread.state === "rejected" && (mayEdit || (isAuthor && mayComment))) {
      buttons.push(textButton("reopen", t("Reopen"), () => turn("open")));
    }
    const link = textButton("link", t("Copy link"), () => copy(link));
    buttons.push(link);
    return buttons;
  };
  const question = (now: string): HTMLElement =>
    h(
      "div",
      { class: "comment-question", role: "group", "aria-label": t("The text has changed") },
      h("p", {}, t("The text has changed since this was suggested.")),
      h("p", {}, t("Then:"), " ", h("q", {}, thread.quote)),
      h("p", {}, t("Now:"), " ", h("q", {}, now)),
      h(
        "div",
        { class: "box-row" },
        textButton("anyway", t("Replace it anyway"), () => take(now), "primary"),
        textButton("leave", t("Leave it"), () => {
          asking = null;
          drawFoot();
        }),
      ),
    );
  const drawFoot = (): void =>
    keepingFocus(foot, () => {
      const parts: HTMLElement[] = [];
      if (!isOpen(thread) && thread.closed_at !== null) {
        const what = CLOSED[thread.state](nameOf(thread.closed_by));
        parts.push(h("p", { class: "thread-closed" }, what, ", ", when(thread.closed_at)));
      }
      if (asking !== null && isOpen(thread)) parts.push(question(asking));
      if (problem !== "") parts.push(h("p", { class: "comment-problem", role: "alert" }, problem));
      parts.push(h("div", { class: "thread-actions" }, ...actions()));
      foot.replaceChildren(...parts);
    });
  const drawTop = (): void => {
    const quote = thread.quote.trim();
    const gone = quote === "" ? t("What this was about is gone.") : t("The text this was about is gone:");
    const parts: HTMLElement[] = [];
    if (isGone && isOpen(thread)) parts.push(h("p", { class: "thread-gone" }, gone));
    const words = quote === "" ? t("Part of the document") : quote;
    if (thread.kind === "suggestion") {
      parts.push(change(thread));
    } else if (isGone) {
      if (quote !== "") parts.push(h("blockquote", { class: "thread-quote" }, words));
    } else {
      const button = h("button", { type: "button", class: "thread-quote", title: t("Show in the text") }, words);
      button.addEventListener("click", () => desk.show(thread.id));
      parts.push(button);
    }
    top.replaceChildren(...parts);
  };

  element.addEventListener("click", (event) => {
    const onControl = event.target instanceof Element && event.target.closest(CONTROLS) !== null;
    if (!onControl && !isGone && window.getSelection()?.isCollapsed !== false) desk.show(thread.id);
  });

  return {
    element,
    update(next, nextGone) {
      // The text is looked at much more often than anybody says something.
      if (next === thread && nextGone === isGone && store.may === mayBefore) return;
      mayBefore = store.may;
      thread = next;
      const state = JSON.stringify([{ ...next, comments: [] }, nextGone, store.may]);
      isGone = nextGone;
      if (state !== drawn) {
        drawn = state;
        element.setAttribute("aria-label", nameOfThread(next));
        element.classList.toggle("is-closed", !isOpen(next));
        drawTop();
        drawFoot();
        reply.element.hidden = !store.may.comment || !isOpen(next);
      }
      const shown = next.comments.map((comment) => {
        const view = comments.get(comment.id) ?? createCommentView(desk, next, comment);
        comments.set(comment.id, view);
        view.update(next, comment);
        return view.element;
      });
      place(list, shown);
    },
  };
}

/** Puts `children` there in this order, and moves only what must move: a field that is moved loses the focus. */
export function place(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}

function change({ quote, replacement }: Thread): HTMLElement {
  const words = replacement ?? "";
  const next = words === "" ? h("span", { class: "thread-note" }, t("Remove this")) : h("ins", {}, words);
  return h("p", { class: "thread-change", dir: "auto" }, h("del", {}, quote), " ", next);
}

function nameOfThread({ kind, quote }: Thread): string {
  const words = cut(quote);
  if (words === "") return kind === "comment" ? t("Comments") : t("Suggestion");
  return kind === "comment" ? t("Comments on “{words}”", { words }) : t("Suggestion on “{words}”", { words });
}

function cut(quote: string): string {
  const words = quote.trim().replace(/\s+/g, " ");
  return words.length > 60 ? `${words.slice(0, 57)}…` : words;
}
