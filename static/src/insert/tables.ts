/** Tables: columns that can be drawn wider, and rows sorted by a column. */

import { type Editor, Extension } from "@tiptap/core";
import { Fragment, type Node } from "@tiptap/pm/model";
import { columnResizing, isInTable, selectedRect, type TableMap } from "@tiptap/pm/tables";
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

/** How much the commands move the edge of a column, in pixels. */
const STEP = 32;

/** Makes the column of the caret wider or narrower, as the mouse does at its edge: in every cell of the column. */
export function changeColumnWidth(editor: Editor, direction: "wider" | "narrower"): void {
  if (!isInTable(editor.state)) return;
  const { map, table, tableStart, left } = selectedRect(editor.state);
  const wanted = Math.max(NARROWEST, columnWidth(editor, map, table, tableStart, left) + (direction === "wider" ? STEP : -STEP));
  const { tr } = editor.state;
  for (const position of new Set(map.cellsInRect({ left, right: left + 1, top: 0, bottom: map.height }))) {
    const cell = table.nodeAt(position);
    if (cell === null) continue;
    const widths = ((cell.attrs.colwidth as number[] | null) ?? new Array<number>(cell.attrs.colspan as number).fill(0)).slice();
    widths[left - map.colCount(position)] = wanted;
    tr.setNodeAttribute(tableStart + position, "colwidth", widths);
  }
  if (tr.docChanged) editor.view.dispatch(tr);
  editor.commands.focus(undefined, { scrollIntoView: false });
}

/** As it is set, or as it is drawn where nobody has set it. */
function columnWidth(editor: Editor, map: TableMap, table: Node, tableStart: number, column: number): number {
  const cells = map.cellsInRect({ left: column, right: column + 1, top: 0, bottom: map.height });
  for (const position of cells) {
    const widths = table.nodeAt(position)?.attrs.colwidth as number[] | null | undefined;
    const width = widths?.[column - map.colCount(position)];
    if (width) return width;
  }
  const alone = cells.find((position) => table.nodeAt(position)?.attrs.colspan === 1);
  const drawn = alone === undefined ? null : editor.view.nodeDOM(tableStart + alone);
  return drawn instanceof HTMLElement ? Math.round(drawn.offsetWidth) : NARROWEST;
}

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
