/** `Last edited by Bob, 2 minutes ago`. */

import { t } from "../page/words.ts";

export interface LastEdit {
  /** Null for the person who reads this. */
  readonly name: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const MINUTE_MS = 60_000;

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 365 * 24 * 60],
  ["month", 30 * 24 * 60],
  ["day", 24 * 60],
  ["hour", 60],
  ["minute", 1],
];

export function lastEditText({ name, at }: LastEdit, now: number, language: string): string {
  const when = agoText(now - at, language);
  return name === null ? t("Last edited by you, {when}", { when }) : t("Last edited by {name}, {when}", { name, when });
}

/** `ms` ago, in the largest unit that fits. A clock that is behind the server's makes it now, never the future. */
export function agoText(ms: number, language: string): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  for (const [unit, size] of STEPS) {
    if (minutes >= size) {
      return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-Math.floor(minutes / size), unit);
    }
  }
  return t("just now");
}
