/** From sockets to persons: who is here, once each. */

import { t, tn } from "../page/words.ts";
import { mayEdit, type Participant, type Role } from "../sync/types.ts";
import type { Activity } from "./activity.ts";

export interface PersonHere {
  readonly id: string;
  readonly name: string;
  readonly initials: string;
  readonly color: string;
  readonly isYou: boolean;
  /** The largest of all tabs of this person. */
  readonly role: Role;
  /** No tab of this person may write. */
  readonly isViewer: boolean;
}

/** From the smallest. */
const ROLES: readonly Role[] = ["viewer", "commenter", "editor", "owner"];

/** One entry per person however many tabs are open; you first, then in the order of arrival. */
export function peopleHere(participants: readonly Participant[], you: string): PersonHere[] {
  const persons = new Map<string, PersonHere>();
  for (const { user, name, color, role } of participants) {
    const known = persons.get(user);
    const largest = known === undefined || ROLES.indexOf(role) > ROLES.indexOf(known.role) ? role : known.role;
    persons.set(user, {
      id: user,
      name,
      initials: initials(name),
      color,
      isYou: user === you,
      role: largest,
      isViewer: !mayEdit(largest),
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
  return tn("{n} other here", "{n} others here", others);
}

const ROLE_TEXTS: Readonly<Record<Role, string>> = {
  owner: t("Owner"),
  editor: t("Can edit"),
  commenter: t("Can comment"),
  viewer: t("Can view"),
};

const ACTIVITY_TEXTS: Readonly<Record<Activity, string>> = {
  writing: t("writing"),
  here: "",
  idle: t("idle"),
  away: t("away"),
};

/** `Can edit, idle`. */
export function aboutText({ role, isViewer }: PersonHere, activity: Activity): string {
  return [ROLE_TEXTS[role], activityText(isViewer, activity)].filter((word) => word !== "").join(", ");
}

/** Of whoever reads nothing can be told: reading moves no caret. */
export function activityText(isViewer: boolean, activity: Activity): string {
  return isViewer ? "" : ACTIVITY_TEXTS[activity];
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
