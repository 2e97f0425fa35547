/** The row of avatars. */

import { inkOn, participantColor } from "../editor/color.ts";
import { h, PHONE } from "../editor/dom.ts";
import { icon } from "../editor/icons.ts";
import type { Participant } from "../sync/types.ts";
import { fit, othersText, peopleHere, type PersonHere } from "./people.ts";

/** More than these push the title off its line. */
const ROOM = { screen: 5, phone: 3 };

/** Whoever has not moved for so long is probably reading something else. */
const IDLE_AFTER_MS = 5 * 60_000;
const IDLE_CHECK_MS = 30_000;

export interface PeopleOptions {
  readonly list: HTMLElement;
  /** Where `2 others here` stands. */
  readonly others: HTMLElement;
  readonly you: string;
  /** A click on somebody else's avatar. */
  readonly pick: (person: string, name: string) => void;
}

export interface PeopleView {
  /** `unlisted`: how many are here beside these. */
  show(participants: readonly Participant[], unlisted: number): void;
  /** The person whose caret the page follows, or null. */
  follow(person: string | null): void;
}

export function createPeople({ list, others, you, pick }: PeopleOptions): PeopleView {
  const phone = window.matchMedia(PHONE);
  const moved = new Map<string, number>();
  let participants: readonly Participant[] = [];
  let unlisted = 0;
  let followed: string | null = null;
  let all = false;
  let drawn = "";

  const draw = (): void => {
    const people = peopleHere(participants, you);
    // Carets move ten times a second; an avatar that is replaced under the pointer cannot be clicked.
    const idle = people.map(({ id }) => isIdle(id));
    const picture = JSON.stringify([people, idle, unlisted, followed, all, phone.matches]);
    if (picture === drawn) return;
    drawn = picture;
    const focused = list.contains(document.activeElement) ? focusedPerson() : null;
    const room = all ? people.length + 1 : phone.matches ? ROOM.phone : ROOM.screen;
    const { shown, more, hidden } = fit(people, room, unlisted);
    list.replaceChildren(...shown.map((person) => h("li", {}, avatar(person))));
    if (more > 0) list.append(h("li", {}, hidden > 0 ? overflow(more) : rest(more)));
    others.textContent = othersText(people, unlisted);
    const faces = [...list.querySelectorAll<HTMLElement>("[data-person]")];
    if (focused !== null) faces.find((face) => face.dataset.person === focused)?.focus();
  };

  const isIdle = (person: string): boolean => Date.now() - (moved.get(person) ?? 0) > IDLE_AFTER_MS;

  const avatar = (person: PersonHere): HTMLElement => {
    const label = [
      person.isYou ? `${person.name} (you)` : person.name,
      person.isViewer ? ", views only" : "",
      person.isYou ? "" : ". Go to their place in the text",
    ].join("");
    const button = h(
      "button",
      {
        type: "button",
        class: "face",
        "data-person": person.id,
        title: person.name,
        "aria-label": label,
        "aria-pressed": person.isYou ? null : String(person.id === followed),
      },
      person.initials,
    );
    button.classList.toggle("is-you", person.isYou);
    button.classList.toggle("is-idle", isIdle(person.id));
    const color = participantColor(person.color);
    button.style.setProperty("--person", color);
    button.style.setProperty("--person-ink", inkOn(color));
    if (person.isViewer) button.append(h("span", { class: "face-eye" }, icon("eye")));
    if (!person.isYou) button.addEventListener("click", () => pick(person.id, person.name));
    return button;
  };

  const overflow = (more: number): HTMLElement => {
    const label = `Show ${more} more people`;
    const button = h("button", { type: "button", class: "face face-more", "aria-label": label }, `+${more}`);
    button.addEventListener("click", () => {
      all = true;
      draw();
    });
    return button;
  };

  /** Of these the page knows no more than how many they are. */
  const rest = (more: number): HTMLElement =>
    h("span", { class: "face face-more", role: "img", "aria-label": `${more} more people` }, `+${more}`);

  const focusedPerson = (): string | null =>
    document.activeElement instanceof HTMLElement ? (document.activeElement.dataset.person ?? null) : null;

  const noteMoves = (next: readonly Participant[]): void => {
    const before = new Map(participants.map(({ id, cursor }) => [id, cursor]));
    for (const { id, user, cursor } of next) {
      if (!before.has(id) || before.get(id) !== cursor) moved.set(user, Date.now());
    }
  };

  phone.addEventListener("change", draw);
  window.setInterval(draw, IDLE_CHECK_MS);

  return {
    show(next, beside) {
      noteMoves(next);
      participants = next;
      unlisted = beside;
      draw();
    },
    follow(person) {
      followed = person;
      draw();
    },
  };
}
