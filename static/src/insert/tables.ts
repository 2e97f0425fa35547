/** Tables: columns that can be drawn wider, and rows sorted by a column. */

import { type Editor, Extension } from "@tiptap/core";
import { Fragment, type Node } from "@tiptap/pm/model";
import { columnResizing, isInTable, selectedRect } from "@tiptap/pm/tables";
import { sortedOrder } from "./sort.ts";

/** In pixels: the same as `cellMinWidth` in schema.ts, for the drawing of the table keeps to that. */
const NARROWEST = 96;

/**
 * TipTap's own option decides when the editor is made who may resize; here the role can change while it is open, and
 * ProseMirror's plugin looks at that with each movement. The drawing of the table stays TipTap's.
 */
export const ColumnWidths = Extension.create({
  name: "columnWidths",
  // Before the selecting of cells, which is about the same movements of the mouse.
  priority: 200,
  addProseMirrorPlugins: () => [
    columnResizing({ cellMinWidth: NARROWEST, defaultCellMinWidth: NARROWEST, View: null }),
  ],
});

/** Cells that span rows or columns belong to no one row. */
export function maySort(editor: Editor): boolean {
  if (!isInTable(editor.state)) return false;
  const { table } = selectedRect(editor.state);
  const rows = bodyOf(table);
  return rows.length > 1 && rows.every((row) => all(row, ({ attrs }) => attrs.colspan === 1 && attrs.rowspan === 1));
}

/** Sorts the rows below the header by the column of the caret. */
export function sortRows(editor: Editor, direction: "ascending" | "descending"): void {
  if (!maySort(editor)) return;
  const { table, tableStart, left } = selectedRect(editor.state);
  const rows = bodyOf(table);
  const order = sortedOrder(rows.map((row) => row.child(Math.min(left, row.childCount - 1)).textContent), direction);
  if (order.every((from, to) => from === to)) return;
  const sorted = order.flatMap((index) => rows[index] ?? []);
  const end = tableStart + table.content.size;
  const start = end - rows.reduce((size, row) => size + row.nodeSize, 0);
  editor.view.dispatch(editor.state.tr.replaceWith(start, end, Fragment.from(sorted)));
  editor.commands.focus(undefined, { scrollIntoView: false });
}

/** The rows after those that are headers from end to end. */
function bodyOf(table: Node): Node[] {
  const rows = Array.from({ length: table.childCount }, (_, index) => table.child(index));
  const first = rows.findIndex((row) => !all(row, ({ type }) => type.name === "tableHeader"));
  return first < 0 ? [] : rows.slice(first);
}

function all(row: Node, holds: (cell: Node) => boolean): boolean {
  return Array.from({ length: row.childCount }, (_, index) => row.child(index)).every(holds);
}
