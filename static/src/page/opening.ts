/** The page before the text is there: grey lines, and words when it takes long. */

import { h } from "../editor/dom.ts";
import type { Status } from "../sync/types.ts";
import { tooManyPeople, tooManyTabs } from "./chip.ts";
import { t } from "./words.ts";

/** Below this, words would only flash. */
const WORDS_AFTER_MS = 2_000;

export interface Opening {
  show(waits: boolean, status: Status): void;
}

/** `place` holds the skeleton, `surface` is the text that takes its place. */
export function createOpening(place: HTMLElement, surface: HTMLElement): Opening {
  const words = h("p", { class: "opening-words", role: "status" });
  const since = Date.now();
  let latest: Status | null = null;
  place.append(words);

  const draw = (): void => {
    words.textContent = latest === null || Date.now() - since < WORDS_AFTER_MS ? "" : openingWords(latest);
  };
  window.setTimeout(draw, WORDS_AFTER_MS);

  return {
    show(waits, status) {
      latest = status;
      // Nothing will come any more: lines that promise text would be a lie.
      place.hidden = !waits || status.refusal !== null;
      surface.hidden = waits;
      draw();
    },
  };
}

function openingWords({ connection, pause }: Status): string {
  if (connection.kind === "waiting" && connection.reason === "tabs") return tooManyTabs();
  if (pause === "crowd") return tooManyPeople();
  switch (connection.kind) {
    case "offline":
      return t("There is no network. The document opens as soon as the connection is back.");
    case "waiting":
      return t("The server cannot be reached right now. The document opens as soon as it answers.");
    default:
      return t("Opening the document takes longer than usual. It is still on its way.");
  }
}
