/** Everybody in the document by name, with what they may do and are doing. */

import { h } from "../editor/dom.ts";
import { t, tn } from "../page/words.ts";
import type { Activity } from "./activity.ts";
import { dress } from "./faces.ts";
import { aboutText, type PersonHere } from "./people.ts";

export interface PeopleList {
  readonly people: readonly PersonHere[];
  /** How many are here beside these. */
  readonly unlisted: number;
  readonly followed: string | null;
  readonly activity: (person: string) => Activity;
  readonly choose: (person: string, name: string) => void;
}

const heard = new WeakSet<HTMLElement>();

/** Draws the list anew; the focus stays with its person. */
export function drawPeopleList(list: HTMLElement, { people, unlisted, followed, activity, choose }: PeopleList): void {
  const focused = buttons(list).find((button) => button === document.activeElement)?.dataset.person;
  const items = people.map((person) => {
    const doing = activity(person.id);
    const picture = h("span", { class: "face", "aria-hidden": "true" }, person.initials);
    dress(picture, person, doing);
    const about = aboutText(person, person.isYou ? "here" : doing);
    const words = h(
      "span",
      { class: "people-words" },
      h("bdi", { class: "people-name" }, person.isYou ? t("{name} (you)", { name: person.name }) : person.name),
      h("span", { class: "people-about" }, person.id === followed ? `${about}, ${t("followed")}` : about),
    );
    if (person.isYou) return h("li", {}, h("span", { class: "people-item" }, picture, words));
    const attributes = { type: "button", class: "menu__item people-item", "data-person": person.id };
    const item = h("button", attributes, picture, words);
    item.addEventListener("click", () => choose(person.id, person.name));
    return h("li", {}, item);
  });
  const rest = tn("and {n} other", "and {n} others", unlisted);
  if (unlisted > 0) items.push(h("li", { class: "people-rest" }, rest));
  list.replaceChildren(h("ul", { "aria-label": t("People in this document") }, ...items));
  if (focused !== undefined) buttons(list).find((button) => button.dataset.person === focused)?.focus();
  if (!heard.has(list)) list.addEventListener("keydown", (event) => move(list, event));
  heard.add(list);
}

function move(list: HTMLElement, event: KeyboardEvent): void {
  const all = buttons(list);
  const at = all.indexOf(document.activeElement as HTMLButtonElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (next === undefined || all.length === 0) return;
  event.preventDefault();
  all[(next + all.length) % all.length]?.focus();
}

function buttons(list: HTMLElement): HTMLButtonElement[] {
  return [...list.querySelectorAll("button")];
}
