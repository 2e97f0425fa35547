/** The panels beside the text, of which one is open at a time, and their buttons in the head of the page. */

import { h, setAttribute } from "../editor/dom.ts";
import { icon, type IconName } from "../editor/icons.ts";
import { t } from "./words.ts";

export interface Panel {
  /** Where its content goes. */
  readonly body: HTMLElement;
  readonly isOpen: boolean;
  open(): void;
  close(): void;
  /** Shows how many there are of what the panel lists; 0 shows nothing. */
  count(number: number): void;
}

export interface PanelOptions {
  /** For ids and tests: `comments`. */
  readonly name: string;
  readonly label: string;
  readonly icon: IconName;
  /** Called each time that it opens and closes. */
  readonly toggled?: (open: boolean) => void;
}

export interface Panels {
  add(options: PanelOptions): Panel;
}

/** `side` is the column beside the text, `tools` the row of buttons in the head. */
export function createPanels(side: HTMLElement, tools: HTMLElement): Panels {
  let current: { close: () => void } | null = null;
  side.hidden = true;
  followHead(side, tools);

  const add = ({ name, label, icon: picture, toggled }: PanelOptions): Panel => {
    const badge = h("span", { class: "panel-count", "aria-hidden": "true" });
    const button = h(
      "button",
      {
        type: "button",
        class: "icon-button panel-button",
        "aria-label": label,
        "aria-expanded": "false",
        "aria-controls": `panel-${name}`,
        "data-testid": `open-${name}`,
        title: label,
      },
      icon(picture),
      badge,
    );
    const away = h("button", { type: "button", class: "icon-button", "aria-label": t("Close") }, icon("close"));
    const body = h("div", { class: "side-body" });
    const panel = h(
      "section",
      { id: `panel-${name}`, class: "side-panel", "aria-label": label, "data-testid": `panel-${name}`, tabindex: "-1" },
      h("header", { class: "side-head" }, h("h2", {}, label), away),
      body,
    );
    panel.hidden = true;
    side.append(panel);
    tools.append(button);

    const turn = (open: boolean): void => {
      panel.hidden = !open;
      side.hidden = !open;
      setAttribute(button, "aria-expanded", String(open));
      toggled?.(open);
    };
    const handle: Panel = {
      body,
      get isOpen() {
        return !panel.hidden;
      },
      open() {
        if (!panel.hidden) return;
        current?.close();
        current = handle;
        turn(true);
      },
      close() {
        if (panel.hidden) return;
        current = null;
        turn(false);
      },
      count(number) {
        badge.textContent = number === 0 ? "" : String(number);
        setAttribute(button, "aria-label", number === 0 ? label : `${label}, ${number}`);
      },
    };
    button.addEventListener("click", (event) => {
      if (handle.isOpen) return handle.close();
      handle.open();
      // By a key, not a pointer: between this button and the panel lies the whole text.
      if (event.detail === 0) panel.focus();
    });
    const leave = (): void => {
      handle.close();
      button.focus();
    };
    away.addEventListener("click", leave);
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.stopPropagation();
      leave();
    });
    return handle;
  };

  return { add };
}

/** The column begins below the head of the page, which is higher with a toolbar in it, or a notice. */
function followHead(side: HTMLElement, tools: HTMLElement): void {
  const head = tools.closest("header");
  if (head === null) return;
  new ResizeObserver(() => side.style.setProperty("--head-height", `${head.offsetHeight}px`)).observe(head);
}
