/** How a shortcut is written for a person. */

import { t } from "../page/words.ts";

const NAMED = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  // Translators: a key, as it is printed on keyboards.
  Enter: t("Enter"),
  // Translators: a key, as it is printed on keyboards.
  Escape: t("Escape"),
};
const MAC: Readonly<Record<string, string>> = { Mod: "⌘", Alt: "⌥", Shift: "⇧", ...NAMED };
const OTHER: Readonly<Record<string, string>> = {
  // Translators: a key, as it is printed on keyboards.
  Mod: t("Ctrl"),
  Alt: "Alt",
  // Translators: a key, as it is printed on keyboards.
  Shift: t("Shift"),
  ...NAMED,
};

export function isMac(platform: string = navigator.platform): boolean {
  return /Mac|iPhone|iPad/.test(platform);
}

/** The keys of `Mod-Shift-x` one by one, as they are printed on the keyboard. */
export function keyNames(keys: string, mac: boolean = isMac()): string[] {
  const names = mac ? MAC : OTHER;
  return keys.split("-").map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

/** `Ctrl+Shift+X` or `⌘⇧X`. */
export function keyText(keys: string, mac: boolean = isMac()): string {
  return keyNames(keys, mac).join(mac ? "" : "+");
}
