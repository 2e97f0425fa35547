/** Text that can be read on a participant's colour. */

const HEX = /^#[0-9a-f]{6}$/i;

/** A participant without a proper colour is grey rather than invisible. */
const FALLBACK = "#6b7280";

export const LIGHT_INK = "#ffffff";
export const DARK_INK = "#1f2328";

export function participantColor(color: unknown): string {
  return typeof color === "string" && HEX.test(color) ? color.toLowerCase() : FALLBACK;
}

/** The one of two inks that contrasts more with `background` (`#rrggbb`). */
export function inkOn(background: string): string {
  const ground = luminance(background);
  return contrast(ground, luminance(LIGHT_INK)) >= contrast(ground, luminance(DARK_INK)) ? LIGHT_INK : DARK_INK;
}

/** Contrast ratio of two relative luminances, 1 to 21 (WCAG 2.2, "contrast ratio"). */
function contrast(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Relative luminance, 0 to 1 (WCAG 2.2, "relative luminance"). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
