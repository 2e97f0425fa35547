/** Formulas in LaTeX. What draws them is loaded with the first one; until then, and without it, the source stands there. */

import { mergeAttributes, Node } from "@tiptap/core";
import { text } from "./attribute.ts";

/** Longer formulas are refused by everybody's taste, and KaTeX's time grows with them. */
export const LONGEST_FORMULA = 4_000;

export const InlineMath = Node.create({
  name: "inlineMath",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes: () => ({ latex: text("latex", LONGEST_FORMULA) }),
  parseHTML: () => [{ tag: 'span[data-type="inline-math"]' }],
  renderHTML: ({ node, HTMLAttributes }) => [
    "span",
    mergeAttributes(HTMLAttributes, { "data-type": "inline-math", class: "math" }),
    String(node.attrs.latex ?? ""),
  ],
  renderText: ({ node }) => `$${node.attrs.latex ?? ""}$`,
});

export const BlockMath = Node.create({
  name: "blockMath",
  group: "block",
  atom: true,
  addAttributes: () => ({ latex: text("latex", LONGEST_FORMULA) }),
  parseHTML: () => [{ tag: 'div[data-type="block-math"]' }],
  renderHTML: ({ node, HTMLAttributes }) => [
    "div",
    mergeAttributes(HTMLAttributes, { "data-type": "block-math", class: "math math-block" }),
    String(node.attrs.latex ?? ""),
  ],
  renderText: ({ node }) => `$$${node.attrs.latex ?? ""}$$`,
});
