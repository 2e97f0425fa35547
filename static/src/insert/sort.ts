/** The order of a table's rows by one column. */

/** Digits between a sign, and a unit on either side. */
const measure = (digits: string): RegExp =>
  new RegExp(String.raw`^[\p{Sc}\s]*([+-]?)[\p{Sc}\s]*(${digits})\s*(?:%|\p{Sc}|\p{L}{1,3})?$`, "u");

/** "1,234.50", "-3", "€ 5", "12 %": a dot, and groups of three digits. */
const NUMBER = measure(String.raw`(?:\d{1,3}(?:[,'’\u00a0\u202f ]\d{3})+|\d+)(?:\.\d+)?|\.\d+`);
/** "3,5" and "1.234,5", as it is written in much of Europe. */
const COMMA_NUMBER = measure(String.raw`\d{1,3}(?:\.\d{3})*,\d{1,2}|\d+,\d{1,2}`);

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** The number that a cell holds, or null. */
export function numberIn(text: string): number | null {
  const plain = text.trim().replace("−", "-");
  const comma = COMMA_NUMBER.exec(plain);
  if (comma !== null) return signed(comma[1], (comma[2] ?? "").replaceAll(".", "").replace(",", "."));
  const match = NUMBER.exec(plain);
  return match === null ? null : signed(match[1], (match[2] ?? "").replace(/[,'’\u00a0\u202f ]/g, ""));
}

function signed(sign: string | undefined, digits: string): number {
  return Number(digits) * (sign === "-" ? -1 : 1);
}

/** The indexes of `cells` in their order. Numbers before words, each as what they are; empty ones last either way. */
export function sortedOrder(cells: readonly string[], direction: "ascending" | "descending"): number[] {
  const rows = cells.map((cell, index) => ({ index, text: cell.trim(), number: numberIn(cell) }));
  const sign = direction === "ascending" ? 1 : -1;
  rows.sort((one, other) => {
    if ((one.text === "") !== (other.text === "")) return one.text === "" ? 1 : -1;
    if (one.number !== null && other.number !== null) return sign * (one.number - other.number);
    if (one.number !== null || other.number !== null) return sign * (one.number !== null ? -1 : 1);
    return sign * collator.compare(one.text, other.text);
  });
  return rows.map(({ index }) => index);
}
