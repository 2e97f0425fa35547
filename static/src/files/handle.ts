/** The handle that makes a picture wider and narrower: with the pointer, and with the arrow keys. */

import { h, setAttribute } from "../editor/dom.ts";
import { t } from "../page/words.ts";
import { fit, LEAST, MOST, widthAfterDrag, widthAfterKey } from "./resize.ts";

export interface HandleOptions {
  /** What changes its width, inside of `figure`, which is as wide as the paper. */
  readonly frame: HTMLElement;
  readonly figure: HTMLElement;
  readonly isCentred: () => boolean;
  readonly isOnTheRight: () => boolean;
  /** In percent; null: as wide as it is. */
  readonly width: () => number | null;
  readonly commit: (width: number) => void;
}

export interface Handle {
  readonly element: HTMLElement;
  readonly isDragging: boolean;
  show(editable: boolean): void;
  destroy(): void;
}

export function createHandle({ frame, figure, isCentred, isOnTheRight, width, commit }: HandleOptions): Handle {
  const element = h("span", {
    class: "image-handle",
    role: "slider",
    "aria-label": t("Width of the image"),
    "aria-valuemin": String(LEAST),
    "aria-valuemax": String(MOST),
    "data-testid": "image-handle",
  });
  let drag: { readonly from: number; readonly width: number; readonly paper: number; now: number | null } | null = null;

  const present = (): number => fit(width() ?? (frame.offsetWidth / Math.max(1, figure.clientWidth)) * 100);
  const tell = (percent: number): void => {
    setAttribute(element, "aria-valuenow", String(percent));
    setAttribute(element, "aria-valuetext", t("{n} percent", { n: percent }));
  };
  const end = (): void => {
    const chosen = drag?.now ?? null;
    drag = null;
    figure.classList.remove("is-resizing");
    if (chosen !== null) commit(chosen);
  };

  element.addEventListener("focus", () => tell(present()));
  element.addEventListener("keydown", (event) => {
    const next = widthAfterKey(event.key, present(), event.shiftKey);
    if (next === null) return;
    event.preventDefault();
    commit(next);
    tell(next);
  });
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    // Neither the text nor the node gets the press.
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    element.focus({ preventScroll: true });
    drag = { from: event.clientX, width: frame.offsetWidth, paper: figure.clientWidth, now: null };
    figure.classList.add("is-resizing");
  });
  element.addEventListener("pointermove", (event) => {
    if (drag === null) return;
    const by = (event.clientX - drag.from) * (isOnTheRight() ? -1 : 1);
    drag.now = widthAfterDrag({ width: drag.width, paper: drag.paper, by, centred: isCentred() });
    frame.style.width = `${drag.now}%`;
    tell(drag.now);
  });
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
  element.addEventListener("dragstart", (event) => event.preventDefault());

  return {
    element,
    get isDragging() {
      return drag !== null;
    },
    show(editable) {
      element.hidden = !editable;
      if (drag === null) tell(width() ?? MOST);
    },
    destroy() {
      drag = null;
    },
  };
}
