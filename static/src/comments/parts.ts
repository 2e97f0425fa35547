/** Small pieces that the views of comments share. */

import { inkOn, participantColor } from "../editor/color.ts";
import { h } from "../editor/dom.ts";
import { icon, type IconName } from "../editor/icons.ts";
import { language } from "../page/words.ts";
import { ago } from "./ago.ts";
import { pieces } from "./body.ts";
import { nameOf, type Person } from "./types.ts";

/** `id` finds the button again after it was drawn anew. */
export function textButton(id: string, label: string, press: () => void, look = "quiet"): HTMLButtonElement {
  const style = `button button--${look} button--small`;
  const button = h("button", { type: "button", class: style, "data-action": id }, label);
  button.addEventListener("click", press);
  return button;
}

export function iconButton(id: string, label: string, picture: IconName, press: () => void): HTMLButtonElement {
  const button = h(
    "button",
    { type: "button", class: "icon-button comment-tool", "data-action": id, "aria-label": label, title: label },
    icon(picture),
  );
  button.addEventListener("click", press);
  return button;
}

export function face(person: Person | null): HTMLElement {
  const color = participantColor(person?.color);
  const [initial = ""] = nameOf(person);
  const element = h("span", { class: "comment-face", "aria-hidden": "true" }, initial.toUpperCase());
  element.style.setProperty("--person", color);
  element.style.setProperty("--person-ink", inkOn(color));
  return element;
}

/** "5 minutes ago"; `tellTheTime` keeps it true. */
export function when(at: string): HTMLTimeElement {
  const title = new Date(at).toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" });
  return h("time", { datetime: at, title }, words(at));
}

export function tellTheTime(root: ParentNode): void {
  for (const time of root.querySelectorAll("time")) time.textContent = words(time.dateTime);
}

export function bodyOf(text: string): HTMLElement {
  const link = { target: "_blank", rel: "noopener noreferrer nofollow" };
  const children = pieces(text).map((piece) =>
    piece.href === null ? piece.text : h("a", { href: piece.href, ...link }, piece.text),
  );
  return h("div", { class: "comment-body", dir: "auto" }, ...children);
}

/** Draws `root` anew and puts the focus on the button that had it, if it is there again. */
export function keepingFocus(root: HTMLElement, draw: () => void): void {
  const focused = document.activeElement;
  const action = focused instanceof HTMLElement && root.contains(focused) ? focused.dataset.action : undefined;
  draw();
  if (action === undefined) return;
  [...root.querySelectorAll<HTMLElement>("[data-action]")].find((button) => button.dataset.action === action)?.focus();
}

function words(at: string): string {
  return ago(Date.parse(at), Date.now(), language());
}
