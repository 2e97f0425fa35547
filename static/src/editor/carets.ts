/** Other people's carets and selections. Styles go through CSSOM alone: the CSP refuses style attributes. */

import { Extension } from "@tiptap/core";
import { CollaborationCaret } from "@tiptap/extension-collaboration-caret";
import type { DecorationAttrs } from "@tiptap/pm/view";
import { inkOn, participantColor } from "./color.ts";

/** Long enough to read a name, short enough not to cover the line that is being read. */
const LABEL_MS = 3_000;

/** At most, in pixels; see `.caret::after` in editor.css. */
const LABEL_WIDTH = 192;

interface CaretUser {
  readonly id?: unknown;
  readonly name?: unknown;
  readonly color?: unknown;
}

interface Awareness {
  readonly states: Map<number, { user?: CaretUser } | null | undefined>;
  on(event: "change", listener: (change: AwarenessChange) => void): void;
  off(event: "change", listener: (change: AwarenessChange) => void): void;
}

interface AwarenessChange {
  readonly added: readonly number[];
  readonly updated: readonly number[];
}

/** The extensions that draw carets from `awareness` and announce ours as `person`. */
export function carets(awareness: unknown, person: { id: string; name: string; color: string }) {
  return [
    CollaborationCaret.configure({ provider: { awareness }, user: person, render, selectionRender }),
    labels(awareness as Awareness),
  ];
}

/** Scrolls to the caret of a person. Returns false when it is nowhere in the text. */
export function scrollToCaret(editor: HTMLElement, person: string, motion: ScrollBehavior): boolean {
  const caret = caretsOf(editor, person)[0];
  if (caret === undefined) return false;
  caret.scrollIntoView({ block: "center", behavior: motion });
  showLabel(caret);
  return true;
}

export function caretsOf(editor: HTMLElement, person: string): HTMLElement[] {
  return [...editor.querySelectorAll<HTMLElement>(".caret")].filter((caret) => caret.dataset.user === person);
}

function render(user: CaretUser): HTMLElement {
  const caret = document.createElement("span");
  const color = participantColor(user.color);
  caret.className = "caret";
  // The name is drawn from the attribute: as text it would be part of the document for search and copy.
  caret.dataset.name = typeof user.name === "string" ? user.name : "";
  caret.dataset.user = typeof user.id === "string" ? user.id : "";
  caret.style.setProperty("--person", color);
  caret.style.setProperty("--person-ink", inkOn(color));
  showLabel(caret);
  return caret;
}

function selectionRender(user: CaretUser): DecorationAttrs {
  // ProseMirror puts this into `style.cssText`, not into the attribute.
  return { class: "remote-selection", style: `--person: ${participantColor(user.color)}` };
}

const hiding = new WeakMap<HTMLElement, number>();

function showLabel(caret: HTMLElement): void {
  // The caret gets its place after it was made.
  requestAnimationFrame(() => {
    caret.classList.toggle("is-at-edge", caret.getBoundingClientRect().left + LABEL_WIDTH > window.innerWidth);
  });
  caret.classList.add("is-named");
  window.clearTimeout(hiding.get(caret));
  hiding.set(caret, window.setTimeout(() => caret.classList.remove("is-named"), LABEL_MS));
}

/** Shows the name again whenever its caret moves. */
function labels(awareness: Awareness) {
  return Extension.create<Record<string, never>, { stop: () => void }>({
    name: "caretLabels",
    addStorage: () => ({ stop: () => undefined }),
    onCreate() {
      const show = ({ added, updated }: AwarenessChange): void => {
        for (const client of [...added, ...updated]) {
          const id = awareness.states.get(client)?.user?.id;
          if (typeof id === "string") caretsOf(this.editor.view.dom, id).forEach(showLabel);
        }
      };
      awareness.on("change", show);
      this.storage.stop = () => awareness.off("change", show);
    },
    onDestroy() {
      this.storage.stop();
    },
  });
}
