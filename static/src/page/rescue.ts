/** Words that could not be saved, offered back: to copy, to download, to put into the document again. */

import { h } from "../editor/dom.ts";
import type { RefusalCode } from "../sync/types.ts";
import type { Draft, Drafts } from "./drafts.ts";
import { language, t } from "./words.ts";

export interface RescueOptions {
  readonly panel: HTMLElement;
  readonly drafts: Drafts;
  /** Writes the text at the end of the document. */
  readonly insert: (text: string) => void;
}

export interface Rescue {
  keep(draft: Draft): void;
  /** Whether putting the words back is offered. */
  allow(insert: boolean): void;
  /** True while there are words that were neither copied nor downloaded nor put back. */
  readonly holdsWords: boolean;
}

const WHAT_HAPPENED: Readonly<Record<RefusalCode, string>> = {
  stale_epoch: t("The document was replaced by another version while you were writing."),
  quarantined: t("The document could not be opened any more before these words were saved."),
  not_found: t("Your access was removed before these words were saved."),
  forbidden: t("Your role was changed before these words were saved: you may read, but not write."),
  too_large: t("These words were too much to save in one go, or the document has become too long."),
  bad_frame: t("A fault in the page kept these words from being saved."),
  gap: t("The page lost track of the document before these words were saved."),
  signed_out: t("You were signed out before these words were saved."),
  slow_down: t("The server took no more changes before these words were saved."),
  busy: t("The server was too busy to save these words."),
  internal: t("A fault on the server kept these words from being saved."),
};

const WHAT_BECAME =
  t("What you wrote is not in the document, and the others have not seen it. Here it is, so that nothing is lost.");

/** What happened, and what became of the words. */
export function rescueText(code: RefusalCode): string {
  return `${WHAT_HAPPENED[code]} ${WHAT_BECAME}`;
}

export function createRescue({ panel, drafts, insert }: RescueOptions): Rescue {
  const taken = new WeakSet<Draft>();
  let mayInsert = false;
  const items = h("div", { class: "rescue-items" });
  panel.append(h("h2", { class: "rescue-title" }, t("Words that were not saved")), items);

  const draw = (): void => {
    panel.hidden = drafts.all.length === 0;
    items.replaceChildren(...drafts.all.map(item));
  };

  const item = (draft: Draft): HTMLElement => {
    const label = t("The words that were not saved");
    const text = h("textarea", { class: "rescue-text", readonly: true, rows: "5", "aria-label": label });
    text.value = draft.text;
    const take = (): void => void taken.add(draft);
    const row = h("div", { class: "rescue-actions" }, copyButton(text, take), downloadButton(draft, take));
    if (mayInsert) {
      row.append(
        button(t("Add at the end of the document"), () => {
          insert(draft.text);
          drafts.remove(draft);
          draw();
        }),
      );
    }
    row.append(
      discardButton(() => {
        drafts.remove(draft);
        draw();
      }),
    );
    const when = new Date(draft.at).toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit" });
    return h("section", { class: "rescue-item" }, h("p", {}, `${when} · ${rescueText(draft.code)}`), text, row);
  };

  draw();
  return {
    keep(draft) {
      if (drafts.add(draft)) draw();
    },
    allow(next) {
      if (next === mayInsert) return;
      mayInsert = next;
      draw();
    },
    get holdsWords() {
      return drafts.all.some((draft) => !taken.has(draft));
    },
  };
}

function button(label: string, press: () => void, quiet = false): HTMLButtonElement {
  const element = h("button", { type: "button", class: quiet ? "rescue-button is-quiet" : "rescue-button" }, label);
  element.addEventListener("click", press);
  return element;
}

function copyButton(text: HTMLTextAreaElement, done: () => void): HTMLButtonElement {
  const copy = button(t("Copy"), () => void copyText());
  const copyText = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text.value);
      copy.textContent = t("Copied");
      done();
    } catch {
      // No permission, or not https: the browser's own copy still works on a selection.
      text.select();
      copy.textContent = t("Selected: now press Ctrl+C or ⌘C");
    }
  };
  return copy;
}

function downloadButton(draft: Draft, done: () => void): HTMLButtonElement {
  return button(t("Download"), () => {
    const url = URL.createObjectURL(new Blob([draft.text], { type: "text/plain;charset=utf-8" }));
    const day = new Date(draft.at).toISOString().slice(0, 10);
    h("a", { href: url, download: `unsaved-words-${day}.txt` }).click();
    // The download has its own reference once the click was handled.
    window.setTimeout(() => URL.revokeObjectURL(url), 1_000);
    done();
  });
}

/** Two steps: what is thrown away here is nowhere else. */
function discardButton(discard: () => void): HTMLElement {
  const box = h("span", { class: "rescue-discard" });
  const ask = button(t("Discard…"), () => {
    const keep = button(t("Keep"), () => box.replaceChildren(ask), true);
    box.replaceChildren(button(t("Discard for good"), discard, true), keep);
    keep.focus();
  }, true);
  box.append(ask);
  return box;
}
