/** What stands in the text while a file is on its way: its name, how far it is, and what went wrong. */

import { h, setAttribute } from "../editor/dom.ts";
import { icon } from "../editor/icons.ts";
import { t } from "../page/words.ts";
import { sizeText } from "./sizes.ts";
import type { Upload } from "./uploads.ts";

export interface Placeholder {
  readonly element: HTMLElement;
  show(upload: Upload): void;
}

export function createPlaceholder(upload: Upload, actions: { cancel(): void; again(): void }): Placeholder {
  const { name } = upload.file;
  const bar = h("progress", { class: "upload-bar", max: "1", "aria-label": t("Upload of {name}", { name }) });
  const words = h("span", { class: "upload-words" });
  const again = h("button", { type: "button", class: "upload-button" }, t("Try again"));
  const away = h("button", { type: "button", class: "upload-button is-quiet" });
  const element = h(
    "div",
    { class: "upload", role: "group", "aria-label": name, contenteditable: "false", "data-testid": "upload" },
    icon(upload.file.type.startsWith("image/") ? "image" : "paperclip"),
    h("span", { class: "upload-text" }, h("span", { class: "upload-name" }, name), words),
    bar,
    h("span", { class: "upload-actions" }, again, away),
  );
  again.addEventListener("click", actions.again);
  away.addEventListener("click", actions.cancel);

  return {
    element,
    show({ state }) {
      const failed = state.kind === "failed";
      element.classList.toggle("is-failed", failed);
      bar.hidden = failed;
      again.hidden = !(failed && state.again);
      away.textContent = failed ? t("Remove") : t("Cancel");
      setAttribute(away, "aria-label", failed ? t("Remove {name}", { name }) : t("Cancel {name}", { name }));
      if (state.kind === "sending") bar.value = state.part;
      else bar.removeAttribute("value");
      words.textContent = failed ? `${t("Not added.")} ${state.words}` : progressText(upload);
    },
  };
}

function progressText({ state, file }: Upload): string {
  if (state.kind !== "sending") return t("Waiting");
  // The last byte is sent, and the server has yet to store it.
  if (state.part === 1) return t("Nearly there");
  const part = `${Math.floor(state.part * 100)} %`;
  return t("{part} of {size}", { part, size: sizeText(file.size) });
}
