/** When something was, in words. */

import { t } from "../page/words.ts";

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;
const WEEK_S = 7 * DAY_S;

const DAY: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric" };

/** "5 minutes ago"; older than a week it is the day. Both in milliseconds since the epoch; clocks may differ. */
export function ago(then: number, now: number, language: string): string {
  const seconds = Math.max(0, Math.round((now - then) / 1_000));
  if (seconds < MINUTE_S) return t("just now");
  if (seconds >= WEEK_S) return new Date(then).toLocaleDateString(language, DAY);
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (seconds < HOUR_S) return relative.format(-Math.floor(seconds / MINUTE_S), "minute");
  if (seconds < DAY_S) return relative.format(-Math.floor(seconds / HOUR_S), "hour");
  return relative.format(-Math.floor(seconds / DAY_S), "day");
}
