/**
 * Cells of tables, whose spans come from whoever wrote the document. ProseMirror makes a list with a place for every
 * column that a cell says it spans, and the page of every reader would stand still over one that says ten million.
 */

import { TableCell } from "@tiptap/extension-table";
import type { Attrs, NodeType } from "@tiptap/pm/model";

/** Columns or rows of one cell. Nobody merges more by hand, and a spreadsheet that is pasted rarely does. */
const MOST = 100;

/** The attributes of a cell, each as it may be. */
export function safeSpans(attributes: Attrs): Attrs {
  const colspan = span(attributes.colspan);
  const widths: unknown = attributes.colwidth;
  const known = Array.isArray(widths) && widths.length === colspan && widths.every((one) => Number.isFinite(one));
  return { ...attributes, colspan, rowspan: span(attributes.rowspan), colwidth: known ? widths : null };
}

function span(value: unknown): number {
  return Number.isInteger(value) ? Math.min(Math.max(value as number, 1), MOST) : 1;
}

/** What is private of a node type in prosemirror-model: all nodes of the type get their attributes through it. */
interface Computing {
  computeAttrs(attributes: Attrs | null): Attrs;
}

export function guardSpans(type: NodeType): void {
  const computing = type as unknown as Computing;
  const compute = computing.computeAttrs.bind(type);
  computing.computeAttrs = (attributes) => compute(attributes && safeSpans(attributes));
}

/** Attributes can be looked at when they are rendered, and the list is made before. So: where nodes are made. */
export const SafeTableCell = TableCell.extend({
  onBeforeCreate({ editor }) {
    for (const name of ["tableCell", "tableHeader"]) {
      const type = editor.schema.nodes[name];
      if (type !== undefined) guardSpans(type);
    }
  },
});
