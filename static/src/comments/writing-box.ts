/** Where a comment is written. What could not be sent stays, with words that say why. */

import { h, setAttribute } from "../editor/dom.ts";
import { t } from "../page/words.ts";
import type { CommentDrafts } from "./drafts.ts";
import { MAX_BODY } from "./types.ts";

export interface BoxOptions {
  readonly label: string;
  readonly placeholder?: string;
  /** What the button says. */
  readonly send: string;
  readonly drafts: CommentDrafts;
  /** Where the words are kept until they are sent. */
  readonly place: string;
  /** Sends the words; the answer says what went wrong, or is null. */
  readonly submit: (words: string) => Promise<string | null>;
  readonly cancel?: () => void;
  /** Whether nothing may be sent as well. */
  readonly mayBeEmpty?: boolean;
  /** What stands there when nothing was kept. */
  readonly words?: string;
}

export interface Box {
  readonly element: HTMLFormElement;
  readonly field: HTMLTextAreaElement;
}

export function createBox(options: BoxOptions): Box {
  const { label, drafts, place, submit, cancel, mayBeEmpty = false } = options;
  let sending = false;
  const field = h("textarea", {
    class: "box-field",
    rows: "1",
    maxlength: String(MAX_BODY),
    "aria-label": label,
    placeholder: options.placeholder ?? label,
  });
  field.value = drafts.get(place) || (options.words ?? "");
  const send = h("button", { type: "submit", class: "button button--primary button--small" }, options.send);
  const leave = h("button", { type: "button", class: "button button--quiet button--small" }, t("Cancel"));
  const problem = h("p", { class: "comment-problem", role: "alert" });
  const row = h("div", { class: "box-row" }, send, cancel === undefined ? null : leave);
  const element = h("form", { class: "box", novalidate: true }, field, problem, row);

  const show = (): void => {
    element.classList.toggle("is-empty", field.value.trim() === "");
    setAttribute(send, "aria-disabled", sending || (field.value.trim() === "" && !mayBeEmpty) ? "true" : null);
  };
  const complain = (words: string): void => {
    problem.textContent = words;
    send.textContent = words === "" ? options.send : t("Try again");
  };
  const go = async (): Promise<void> => {
    const words = field.value.trim();
    if (sending || (words === "" && !mayBeEmpty)) return;
    sending = true;
    complain("");
    show();
    const failed = await submit(words);
    sending = false;
    if (failed !== null) complain(failed);
    // What was typed while it was on its way is not sent yet.
    else if (field.value.trim() === words) {
      drafts.set(place, "");
      field.value = "";
    }
    show();
  };

  field.addEventListener("input", () => {
    drafts.set(place, field.value);
    show();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void go();
  });
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    void go();
  });
  leave.addEventListener("click", () => {
    drafts.set(place, "");
    field.value = "";
    complain("");
    show();
    cancel?.();
  });
  show();
  return { element, field };
}
