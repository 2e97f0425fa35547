/** What can be done with a picture that is selected. Loaded with the first one. */

import { h, onPress, setAttribute } from "../editor/dom.ts";
import { icon, type IconName } from "../editor/icons.ts";
import { ALIGNMENTS } from "../editor/nodes/files.ts";
import { t } from "../page/words.ts";
import { rove } from "./rove.ts";
import { type Held, oneLine } from "./node-view.ts";

export interface ImageBar {
  readonly element: HTMLElement;
  /** The node or the rights have changed. */
  show(): void;
}

const PLACES: Record<(typeof ALIGNMENTS)[number], { label: string; icon: IconName }> = {
  left: { label: t("Place on the left"), icon: "imageLeft" },
  center: { label: t("Place in the middle"), icon: "imageCenter" },
  right: { label: t("Place on the right"), icon: "imageRight" },
};

export function createImageBar(held: Held, replace: () => void): ImageBar {
  const places = ALIGNMENTS.map((align) => {
    const element = button(PLACES[align].label, PLACES[align].icon, () => held.set("align", align));
    return { align, element };
  });
  const input = h("textarea", {
    class: "image-alt-input",
    rows: "2",
    maxlength: "1000",
    "aria-label": t("Description of the image"),
    placeholder: t("What the image shows"),
  });
  const alt = h(
    "div",
    { class: "image-alt", "data-testid": "image-alt" },
    h("p", { class: "image-alt-help" }, t("For people who cannot see the image.")),
    input,
  );
  alt.hidden = true;
  const describe = button(t("Describe the image"), "describe", () => {
    alt.hidden = !alt.hidden;
    setAttribute(describe, "aria-expanded", String(!alt.hidden));
    if (!alt.hidden) input.focus();
  });
  setAttribute(describe, "aria-expanded", "false");
  const bar = h(
    "div",
    { class: "toolbar image-tools", role: "toolbar", "aria-label": t("Image") },
    h("div", { class: "toolbar-group", role: "group" }, ...places.map(({ element }) => element)),
    h(
      "div",
      { class: "toolbar-group", role: "group" },
      describe,
      button(t("Replace the image"), "replace", replace),
      button(t("Remove the image"), "tableDelete", () => held.remove()),
    ),
  );
  rove(bar);
  const element = h("div", { class: "image-bar", "data-testid": "image-bar" }, bar, alt);
  element.hidden = true;

  input.addEventListener("input", () => held.set("alt", oneLine(input.value)));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    alt.hidden = true;
    setAttribute(describe, "aria-expanded", "false");
    describe.focus();
  });

  return {
    element,
    show() {
      const { align, alt: described } = held.node.attrs as { align: string | null; alt: string | null };
      for (const place of places) {
        setAttribute(place.element, "aria-pressed", String((align ?? "left") === place.align));
      }
      if (document.activeElement !== input) input.value = described ?? "";
    },
  };
}

function button(label: string, picture: IconName, press: () => void): HTMLButtonElement {
  const attributes = { type: "button", class: "toolbar-button", "aria-label": label, title: label, tabindex: "-1" };
  const element = h("button", attributes, icon(picture));
  onPress(element, press);
  return element;
}
