/** From sockets to persons: who is here, once each. */

import { mayEdit, type Participant } from "../sync/types.ts";

export interface PersonHere {
  readonly id: string;
  readonly name: string;
  readonly initials: string;
  readonly color: string;
  readonly isYou: boolean;
  /** No tab of this person may write. */
  readonly isViewer: boolean;
}

/** One entry per person however many tabs are open; you first, then in the order of arrival. */
export function peopleHere(participants: readonly Participant[], you: string): PersonHere[] {
  const persons = new Map<string, PersonHere>();
  for (const { user, name, color, role } of participants) {
    const known = persons.get(user);
    persons.set(user, {
      id: user,
      name,
      initials: initials(name),
      color,
      isYou: user === you,
      isViewer: !mayEdit(role) && (known?.isViewer ?? true),
    });
  }
  return [...persons.values()].sort((a, b) => Number(b.isYou) - Number(a.isYou));
}

/** The first letters of the first and the last word: `Ada King Lovelace` is `AL`. */
export function initials(name: string): string {
  const words = name.trim().split(/[\s._@-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : undefined].map(firstLetter).join("");
  return letters === "" ? "?" : letters.toLocaleUpperCase();
}

function firstLetter(word: string | undefined): string {
  return word?.match(/[\p{L}\p{N}]/u)?.[0] ?? "";
}

/** `2 others here`, in words; empty when nobody else is. `unlisted`: how many are here beside `people`. */
export function othersText(people: readonly PersonHere[], unlisted: number): string {
  const others = people.filter(({ isYou }) => !isYou).length + unlisted;
  if (others === 0) return "";
  return others === 1 ? "1 other here" : `${others} others here`;
}

export interface Fitting<Item> {
  readonly shown: readonly Item[];
  /** Everybody else, in numbers. */
  readonly more: number;
  /** How many of those can be shown when there is room. */
  readonly hidden: number;
}

/** What fits: `room` avatars, or one fewer and the number of the rest, the `unlisted` among them. */
export function fit<Item>(items: readonly Item[], room: number, unlisted: number): Fitting<Item> {
  const shown = unlisted === 0 && items.length <= room ? items : items.slice(0, room - 1);
  const hidden = items.length - shown.length;
  return { shown, more: hidden + unlisted, hidden };
}
