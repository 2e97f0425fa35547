/** What colours code. Loaded with the first block whose language is known. */

import { common, createLowlight } from "lowlight";
import type { Span } from "./code-colors.ts";

const lowlight = createLowlight(common);

type Tree = ReturnType<typeof lowlight.highlight>["children"][number];

/** Where which classes go, by offsets in `code`. */
export function highlight(language: string, code: string): Span[] {
  const spans: Span[] = [];
  let at = 0;
  const walk = (nodes: readonly Tree[], classes: readonly string[]): void => {
    for (const node of nodes) {
      if (node.type === "element") {
        const own = node.properties.className;
        walk(node.children, Array.isArray(own) ? [...classes, ...own.map(String)] : classes);
      } else if (node.type === "text") {
        if (classes.length > 0) spans.push({ from: at, to: at + node.value.length, classes: classes.join(" ") });
        at += node.value.length;
      }
    }
  };
  walk(lowlight.highlight(language, code).children, []);
  return spans;
}
