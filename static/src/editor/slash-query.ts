/** What somebody looks for with a slash, and what of it there is. */

/** Letters, digits and spaces: a path or a date such as `/etc/hosts` or `/-` is not a question. */
const SLASH = /^\/([\p{L}\p{N} ]{0,24})$/u;

/** What was typed after a slash that opens the line, in lower case; null when there is none. */
export function slashQuery(lineBeforeCaret: string): string | null {
  return SLASH.exec(lineBeforeCaret)?.[1]?.toLocaleLowerCase() ?? null;
}

/** The commands of which, for every word of `query`, some word of label or keywords begins with it. */
export function findCommands<Item extends { readonly label: string; readonly keywords?: string }>(
  commands: readonly Item[],
  query: string,
): Item[] {
  const wanted = folded(query).split(" ").filter((word) => word !== "");
  return commands.filter(({ label, keywords = "" }) => {
    const words = folded(`${label} ${keywords}`).split(" ");
    return wanted.every((start) => words.some((word) => word.startsWith(start)));
  });
}

/** Letters without case and marks: not every keyboard has `Ü`, and a dot makes two letters of `i` in Turkish. */
function folded(text: string): string {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replaceAll("ı", "i");
}
