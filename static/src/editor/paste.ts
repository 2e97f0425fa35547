/** Where pasted HTML is cleaned. What cleans it is large, so it comes after the page: see insert/pasting.ts. */

type Cleaner = (html: string) => string;

let cleaner: Cleaner | null = null;

export function setCleaner(next: Cleaner): void {
  cleaner = next;
}

/**
 * For ProseMirror's `transformPastedHTML`. Before the cleaner is there, the schema alone decides what stays: nothing
 * that is not safe, but not everything that a word processor meant.
 */
export function cleanPastedHtml(html: string): string {
  return cleaner === null ? html : cleaner(html);
}
