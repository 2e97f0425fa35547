/** Every block is written in the direction of its own first letter; code always from left to right. */

import { Extension } from "@tiptap/core";

/**
 * Not TipTap's `textDirection`, which writes a `dir` into the document of everyone. Here the attribute is always null,
 * so nothing is stored, and what somebody else stored under this name is not looked at.
 */
export const Direction = Extension.create({
  name: "direction",
  addGlobalAttributes: () => [
    direction(["paragraph", "heading", "detailsSummary"], "auto"),
    direction(["codeBlock"], "ltr"),
  ],
});

function direction(types: string[], dir: "auto" | "ltr") {
  return { types, attributes: { dir: { default: null, parseHTML: () => null, renderHTML: () => ({ dir }) } } };
}
