/** One comment: who, when, the words, reactions, and what its reader may do with it. */

import { h, setAttribute } from "../editor/dom.ts";
import { t } from "../page/words.ts";
import type { Desk } from "./desk-type.ts";
import { bodyOf, face, iconButton, keepingFocus, textButton, when } from "./parts.ts";
import { type Comment, EMOJI, nameOf, type Thread } from "./types.ts";
import { createBox } from "./writing-box.ts";

export interface CommentView {
  readonly element: HTMLElement;
  update(thread: Thread, comment: Comment): void;
}

const LAST_WORDS = t("Delete this for good? Nothing else is left of this conversation.");

type Mode = "read" | "edit" | "delete" | "react";

export function createCommentView(desk: Desk, thread: Thread, comment: Comment): CommentView {
  const { store, drafts } = desk;
  const place = `edit:${comment.id}`;
  let mode: Mode = drafts.get(place) === "" ? "read" : "edit";
  let drawn = "";
  let problem = "";
  const element = h("li", { class: "comment", "data-comment": comment.id, "data-testid": "comment" });

  const turn = (next: Mode): void => {
    mode = next;
    draw();
  };
  /** Asks the server; what went wrong stands below the comment. */
  const ask = async (...asked: Parameters<typeof store.changed>): Promise<string | null> => {
    const result = await store.changed(...asked);
    problem = "problem" in result ? result.problem : "";
    draw();
    return "problem" in result ? result.problem : null;
  };
  const react = (emoji: string, on: boolean): void => {
    mode = "read";
    void ask(thread.id, store.api.react(thread.id, comment.id, emoji, on));
  };

  const tools = (): HTMLElement => {
    const { comment: mayComment, own } = store.may;
    const isMine = comment.by?.id === store.you;
    const row = h("div", { class: "comment-tools" });
    if (!mayComment || comment.deleted) return row;
    const picker = iconButton("react", t("React"), "smile", () => turn(mode === "react" ? "read" : "react"));
    setAttribute(picker, "aria-expanded", String(mode === "react"));
    row.append(picker);
    if (isMine) row.append(iconButton("edit", t("Edit this comment"), "pencil", () => edit()));
    if (isMine || own) row.append(iconButton("delete", t("Delete this comment"), "tableDelete", () => turn("delete")));
    return row;
  };
  const edit = (): void => {
    turn("edit");
    element.querySelector("textarea")?.focus();
  };
  const box = (): HTMLElement =>
    createBox({
      label: t("Change this comment"),
      send: t("Save"),
      drafts,
      place,
      words: comment.body,
      mayBeEmpty: thread.kind === "suggestion" && thread.comments[0]?.id === comment.id,
      cancel: () => {
        turn("read");
        element.querySelector<HTMLElement>("[data-action=edit]")?.focus();
      },
      submit: async (words) => {
        const result = await store.changed(thread.id, store.api.edit(thread.id, comment.id, words));
        if ("problem" in result) return result.problem;
        turn("read");
        return null;
      },
    }).element;
  const question = (): HTMLElement => {
    const isLast = thread.comments.filter(({ deleted }) => !deleted).length === 1;
    const words = isLast ? LAST_WORDS : t("Delete these words for good?");
    const remove = (): void => {
      mode = "read";
      void ask(thread.id, store.api.remove(thread.id, comment.id));
    };
    const buttons = [textButton("really", t("Delete"), remove, "danger"), textButton("keep", t("Keep"), () => turn("read"))];
    const attributes = { class: "comment-question", role: "group", "aria-label": words };
    return h("div", attributes, h("p", {}, words), h("div", { class: "box-row" }, ...buttons));
  };
  const chips = (): HTMLElement | null => {
    const mayReact = store.may.comment;
    if (comment.reactions.length === 0) return null;
    const buttons = comment.reactions.map(({ emoji, people, mine }) => {
      const label = `${nameOfEmoji(emoji)}: ${people.join(", ")}`;
      const attributes = { class: "reaction", "aria-label": label, "aria-pressed": String(mine), title: label };
      const number = h("span", {}, String(people.length));
      const chip = h("button", { type: "button", ...attributes, "data-action": emoji }, emoji, number);
      if (mayReact) chip.addEventListener("click", () => react(emoji, !mine));
      chip.disabled = !mayReact;
      return chip;
    });
    return h("div", { class: "reactions", role: "group", "aria-label": t("Reactions") }, ...buttons);
  };
  const choice = (): HTMLElement => {
    const buttons = EMOJI.map(([emoji, name]) => {
      const button = h("button", { type: "button", class: "reaction", "aria-label": name, title: name }, emoji);
      button.addEventListener("click", () => react(emoji, true));
      return button;
    });
    return h("div", { class: "reactions", role: "group", "aria-label": t("Choose a reaction") }, ...buttons);
  };
  const edited = (): string | null => (comment.edited_at === null ? null : ` · ${t("edited")}`);
  const head = (): HTMLElement =>
    h(
      "div",
      { class: "comment-head" },
      face(comment.by),
      h("span", { class: "comment-who" }, h("strong", {}, nameOf(comment.by)), " ", when(comment.at), edited()),
      tools(),
    );

  const draw = (): void => {
    const parts: (HTMLElement | null)[] = [head()];
    if (mode === "edit" && !comment.deleted) parts.push(box());
    else if (comment.deleted) parts.push(h("p", { class: "comment-gone" }, t("These words were deleted.")));
    else if (comment.body !== "") parts.push(bodyOf(comment.body));
    if (mode === "react") parts.push(choice());
    if (mode === "delete" && !comment.deleted) parts.push(question());
    parts.push(chips());
    if (problem !== "") parts.push(h("p", { class: "comment-problem", role: "alert" }, problem));
    keepingFocus(element, () => element.replaceChildren(...parts.filter((part) => part !== null)));
  };

  return {
    element,
    update(nextThread, next) {
      const state = JSON.stringify([next, store.may, nextThread.comments.length]);
      thread = nextThread;
      comment = next;
      if (state === drawn) return;
      drawn = state;
      // Whoever is changing their words goes on with that; what is behind it is drawn afterwards.
      if (mode === "edit" && !next.deleted && element.childElementCount > 0) return;
      draw();
    },
  };
}

function nameOfEmoji(emoji: string): string {
  return EMOJI.find(([one]) => one === emoji)?.[1] ?? emoji;
}
