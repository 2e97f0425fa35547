/** Where a new comment or suggestion is written, above the others. */

import { h } from "../editor/dom.ts";
import { t } from "../page/words.ts";
import type { Desk } from "./desk-type.ts";
import type { NewThread } from "./drafts.ts";
import { MAX_BODY, type Thread } from "./types.ts";
import { type Box, createBox } from "./writing-box.ts";

export interface Composer {
  readonly element: HTMLElement;
  /** Draws the box for what was begun, if anything was. */
  show(): void;
  focus(): void;
}

/** `made` is told of the thread that came of it. */
export function createComposer(desk: Desk, made: (thread: Thread) => void): Composer {
  const element = h("div", { class: "composer", "data-testid": "composer" });
  let first: HTMLTextAreaElement | null = null;
  let drawn: NewThread | null = null;

  const send = async (beginning: NewThread, body: string, replacement: string | null): Promise<string | null> => {
    const result = await desk.store.changed(null, desk.store.api.begin({ ...beginning, body, replacement }));
    if ("problem" in result) return result.problem;
    end();
    if (result.value.thread !== null) made(result.value.thread);
    return null;
  };
  const end = (): void => {
    desk.drafts.set("new", "");
    desk.drafts.set("text", "");
    desk.began(null);
    draw();
  };

  const comment = (beginning: NewThread): Box =>
    createBox({
      label: t("Comment"),
      placeholder: t("What do you want to say?"),
      send: t("Comment"),
      drafts: desk.drafts,
      place: "new",
      submit: (words) => send(beginning, words, null),
      cancel: end,
    });
  const suggestion = (beginning: NewThread): { box: Box; text: HTMLElement; field: HTMLTextAreaElement } => {
    const label = t("The text as you suggest it");
    const field = h("textarea", { class: "box-field", rows: "2", "aria-label": label, maxlength: String(MAX_BODY) });
    field.value = desk.drafts.get("text");
    field.addEventListener("input", () => desk.drafts.set("text", field.value));
    const box = createBox({
      label: t("Why"),
      placeholder: t("Why? You may leave this empty."),
      send: t("Suggest"),
      drafts: desk.drafts,
      place: "new",
      mayBeEmpty: true,
      submit: (words) => {
        // A passage is within one block, and so is what comes in its place.
        const replacement = field.value.replace(/\s*\n\s*/g, " ");
        return replacement === beginning.quote
          ? Promise.resolve(t("Change the text first."))
          : send(beginning, words, replacement);
      },
      cancel: end,
    });
    const text = h("label", { class: "composer-text" }, h("span", {}, t("Change the text to")), field);
    return { box, text, field };
  };

  const draw = (): void => {
    const { beginning } = desk.drafts;
    drawn = beginning;
    element.hidden = beginning === null;
    if (beginning === null) {
      first = null;
      element.replaceChildren();
      return;
    }
    const title = beginning.kind === "comment" ? t("New comment") : t("Suggest a change");
    const parts: HTMLElement[] = [h("h3", {}, title)];
    if (beginning.quote.trim() !== "") parts.push(h("blockquote", { class: "thread-quote" }, beginning.quote.trim()));
    if (beginning.kind === "comment") {
      const box = comment(beginning);
      first = box.field;
      parts.push(box.element);
    } else {
      const { box, text, field } = suggestion(beginning);
      first = field;
      parts.push(text, box.element);
    }
    element.replaceChildren(...parts);
  };

  draw();
  return {
    element,
    show() {
      if (drawn !== desk.drafts.beginning) draw();
    },
    focus: () => first?.focus(),
  };
}
