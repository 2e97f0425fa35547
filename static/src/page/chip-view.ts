/** The chip in the page: shape, words, a way out; and the voice that tells a screen reader about changes. */

import { h, setAttribute } from "../editor/dom.ts";
import { icon } from "../editor/icons.ts";
import type { Status } from "../sync/types.ts";
import { type Chip, type ChipAction, chipFor } from "./chip.ts";
import { t } from "./words.ts";

/** Most words are saved sooner; a chip that blinks at every key says nothing. */
const SENDING_AFTER_MS = 400;

/** A state that does not last this long is not worth an announcement. */
const SETTLED_MS = 1_200;

const SECOND_MS = 1_000;

export interface ChipOptions {
  readonly chip: HTMLElement;
  /** The bar below the header for what needs more than a few words. */
  readonly notice: HTMLElement;
  /** Speaks to a screen reader when it has a moment. */
  readonly say: (words: string) => void;
  readonly signInUrl: string;
  readonly roomUrl: string;
  readonly retry: () => void;
}

export interface ChipView {
  /** `isLost`: the document holds what this page cannot show. */
  show(status: Status, isLost: boolean): void;
}

export function createChip(options: ChipOptions): ChipView {
  const { chip, notice } = options;
  const announce = createVoice(options.say);
  let status: Status | null = null;
  let isLost = false;
  let shown: Chip | null = null;
  let later = 0;
  let tick = 0;

  const draw = (next: Chip): void => {
    if (shown !== null && same(shown, next)) return;
    // The countdown redraws every second: only its words change, so that the button keeps the focus.
    if (shown?.state === next.state && shown.action === next.action) setWords(chip, next);
    else chip.replaceChildren(...chipContent(next, options));
    chip.dataset.state = next.state;
    chip.dataset.tone = next.tone;
    setAttribute(chip, "title", next.detail || null);
    drawNotice(notice, next, shown, options);
    shown = next;
    announce(next);
  };
  const drawNow = (): void => {
    window.clearTimeout(later);
    later = 0;
    if (status !== null) draw(chipFor(status, Date.now(), isLost));
  };

  return {
    show(next, nextIsLost) {
      status = next;
      isLost = nextIsLost;
      chip.dataset.words = next.words;
      window.clearInterval(tick);
      if (next.connection.kind === "waiting") tick = window.setInterval(drawNow, SECOND_MS);
      const wanted = chipFor(next, Date.now(), isLost);
      if (wanted.state === "sending" && shown?.state === "saved") {
        if (later === 0) later = window.setTimeout(drawNow, SENDING_AFTER_MS);
      } else drawNow();
    },
  };
}

function same(a: Chip, b: Chip): boolean {
  return a.state === b.state && a.text === b.text && a.detail === b.detail && a.action === b.action;
}

function chipContent(chip: Chip, options: ChipOptions): (Node | string)[] {
  const shape = icon(chip.shape);
  shape.classList.add("chip-shape");
  const content: Node[] = [shape, h("span", { class: "chip-text" }, chip.text)];
  // Signing in and leaving are offered in the notice, with the reason beside them.
  if (chip.action === "retry") content.push(actionControl("retry", options));
  return content;
}

function setWords(element: HTMLElement, chip: Chip): void {
  const text = element.querySelector(".chip-text");
  if (text !== null) text.textContent = chip.text;
}

function drawNotice(notice: HTMLElement, chip: Chip, before: Chip | null, options: ChipOptions): void {
  const needed = chip.tone === "danger";
  if (needed && before?.detail === chip.detail && !notice.hidden) return;
  notice.hidden = !needed;
  notice.replaceChildren();
  if (!needed) return;
  notice.append(h("p", {}, chip.detail));
  if (chip.action === "sign-in") notice.append(actionControl("sign-in", options));
  if (chip.action === "room") notice.append(actionControl("room", options));
  if (chip.action === "reload") notice.append(actionControl("reload", options));
}

function actionControl(action: ChipAction, options: ChipOptions): HTMLElement {
  switch (action) {
    case "retry": {
      const button = h("button", { type: "button", class: "chip-action" }, t("Try now"));
      button.addEventListener("click", options.retry);
      return button;
    }
    case "reload": {
      const button = h("button", { type: "button", class: "chip-action notice-action" }, t("Reload the page"));
      button.addEventListener("click", () => window.location.reload());
      return button;
    }
    case "sign-in":
      // In a new tab: the words that are only in this one must survive.
      return h("a", { class: "notice-action", href: options.signInUrl, target: "_blank", rel: "noopener" }, t("Sign in"));
    case "room":
      return h("a", { class: "notice-action", href: options.roomUrl }, t("Back to your documents"));
  }
}

/** Speaks when a state has settled and differs from what was said last; never about ordinary sending. */
function createVoice(say: (words: string) => void): (chip: Chip) => void {
  let said: Chip["state"] = "saved";
  let settling: Chip["state"] | null = null;
  let timer = 0;
  return (chip) => {
    if (chip.state === settling) return; // A countdown is one state, however many seconds it shows.
    window.clearTimeout(timer);
    settling = chip.state;
    // What needs the notice is read from there, which is an alert.
    if (chip.state === "sending" || chip.state === "opening" || chip.tone === "danger") return;
    timer = window.setTimeout(() => {
      if (chip.state === said) return;
      said = chip.state;
      say(chip.detail === "" ? chip.text : `${chip.text}. ${chip.detail}`);
    }, SETTLED_MS);
  };
}
