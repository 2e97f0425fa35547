/** How a shortcut is written for a person. */

const MAC: Readonly<Record<string, string>> = { Mod: "⌘", Alt: "⌥", Shift: "⇧" };
const OTHER: Readonly<Record<string, string>> = { Mod: "Ctrl", Alt: "Alt", Shift: "Shift" };

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
