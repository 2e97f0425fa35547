/** A small window over the page that goes away by itself: a click elsewhere or Escape closes it. */

import { h, required } from "../editor/dom.ts";

/** To what it belongs to, and to the edge of the window, in pixels. */
const GAP = 6;

export interface Popup {
  readonly element: HTMLElement;
  readonly isOpen: boolean;
  /** Below `rect`, or above it where there is no room. The focus goes to the first thing in it. */
  open(rect: DOMRect): void;
  close(): void;
}

export function createPopup(name: string, label: string, closed: () => void): Popup {
  const element = h("div", { class: `menu popup ${name}`, popover: "auto", "aria-label": label, "data-testid": name });
  required("#main").append(element); // Screen readers go from landmark to landmark.
  element.addEventListener("toggle", (event) => {
    if (event.newState === "closed") closed();
  });
  return {
    element,
    get isOpen() {
      return element.matches(":popover-open");
    },
    open(rect) {
      element.showPopover();
      const { offsetWidth: width, offsetHeight: height } = element;
      const below = rect.bottom + GAP;
      const above = rect.top - GAP - height;
      const fits = below + height <= window.innerHeight - GAP || above < GAP;
      element.style.inset = "auto";
      element.style.left = `${clamp(rect.left, window.innerWidth - width)}px`;
      element.style.top = `${clamp(fits ? below : above, window.innerHeight - height)}px`;
      element.querySelector<HTMLElement>("button:not([tabindex='-1'], :disabled)")?.focus();
    },
    close() {
      element.hidePopover();
    },
  };
}

function clamp(value: number, most: number): number {
  return Math.max(GAP, Math.min(value, most - GAP));
}
