/** The text of a document, block by block, so that an offset in the text is an offset in the document. */

import type { Node } from "@tiptap/pm/model";
import { type Block, OBJECT } from "./search.ts";

export function blocksOf(doc: Node): Block[] {
  const blocks: Block[] = [];
  doc.descendants((node, pos) => {
    if (!node.isTextblock) return true;
    const text = node.textBetween(0, node.content.size, undefined, (leaf) =>
      (leaf.type.name === "hardBreak" ? "\n" : OBJECT).repeat(leaf.nodeSize),
    );
    if (text !== "") blocks.push({ at: pos + 1, text });
    return false;
  });
  return blocks;
}
