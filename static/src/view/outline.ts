/** The headings of a document. */

import type { Node } from "@tiptap/pm/model";

export interface Heading {
  /** 1 to 4. */
  readonly level: number;
  /** How far it is indented, from 0: no deeper than one step below the heading that it stands under. */
  readonly depth: number;
  readonly text: string;
  /** Before it, in the document. */
  readonly position: number;
}

/** Headings without words are left out: nobody can choose them. */
export function headingsOf(doc: Node): Heading[] {
  const found: Heading[] = [];
  const above: number[] = [];
  doc.descendants((node, position) => {
    if (node.type.name === "heading") {
      const text = node.textContent.trim();
      const level = Number(node.attrs.level);
      if (text === "") return false;
      while (above.length > 0 && (above[above.length - 1] ?? 0) >= level) above.pop();
      found.push({ level, depth: above.length, text, position });
      above.push(level);
    }
    return !node.isTextblock;
  });
  return found;
}

/** The last heading that is not below the line of reading; the first when all are. -1 without headings. */
export function currentOf(tops: readonly number[], line: number): number {
  let current = tops.length === 0 ? -1 : 0;
  tops.forEach((top, at) => {
    if (top <= line) current = at;
  });
  return current;
}
