/** How large a file is, in words. */

import { language, t, tn } from "../page/words.ts";

const STEP = 1_024;

type Written = (n: string) => string;

/** From the one above bytes on. */
const UNITS: readonly Written[] = [
  (n) => t("{n} KB", { n }),
  (n) => t("{n} MB", { n }),
  (n) => t("{n} GB", { n }),
];

/** `3.4 MB`; whole numbers from 10 on, where a tenth tells nobody anything. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.5 would be rounded up to 1024 of the smaller unit.
  while (value >= STEP - 0.5 && unit < UNITS.length) {
    value /= STEP;
    unit += 1;
  }
  const shown = unit === 0 || value >= 9.95 ? Math.round(value) : Math.round(value * 10) / 10;
  const n = shown.toLocaleString(language(), { useGrouping: false });
  return UNITS[unit - 1]?.(n) ?? tn("{n} byte", "{n} bytes", shown, { n });
}
