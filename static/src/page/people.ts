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

/** `2 others here`, in words; empty when nobody else is. */
export function othersText(people: readonly PersonHere[]): string {
  const others = people.filter(({ isYou }) => !isYou).length;
  if (others === 0) return "";
  return others === 1 ? "1 other here" : `${others} others here`;
}

/** What fits: `room` avatars, or one fewer and the number of the rest. */
export function fit<Item>(items: readonly Item[], room: number): { shown: readonly Item[]; more: number } {
  if (items.length <= room) return { shown: items, more: 0 };
  return { shown: items.slice(0, room - 1), more: items.length - room + 1 };
}
