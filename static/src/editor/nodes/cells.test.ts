import { getSchema } from "@tiptap/core";
import { Document } from "@tiptap/extension-document";
import { Paragraph } from "@tiptap/extension-paragraph";
import { Table, TableHeader, TableRow } from "@tiptap/extension-table";
import { Text } from "@tiptap/extension-text";
import { TableMap } from "@tiptap/pm/tables";
import { expect, test } from "vitest";
import { guardSpans, SafeTableCell, safeSpans } from "./cells.ts";

test.each([1, 2, 100])("a cell spans %s columns", (colspan) => {
  expect(safeSpans({ colspan, rowspan: 3, colwidth: null })).toEqual({ colspan, rowspan: 3, colwidth: null });
});

test.each([0, -1, 101, 1e9, 1e308, Number.NaN, "7", null, undefined, 1.5, [5], {}])("%s columns are none", (colspan) => {
  const most = typeof colspan === "number" && colspan > 100 ? 100 : 1;
  expect(safeSpans({ colspan, rowspan: colspan, colwidth: [80] })).toEqual({
    colspan: most,
    rowspan: most,
    colwidth: most === 1 ? [80] : null,
  });
});

test("widths are numbers, one for each column", () => {
  const width = (colwidth: unknown): unknown => safeSpans({ colspan: 2, rowspan: 1, colwidth }).colwidth;
  expect(width([80, 0])).toEqual([80, 0]);
  for (const wrong of [[80], [80, 90, 100], [80, "90"], [80, Number.POSITIVE_INFINITY], "80,90", 80]) {
    expect(width(wrong)).toBeNull();
  }
});

test("a table that says that it is endless is made small before anything is made of it", () => {
  const schema = getSchema([Document, Paragraph, Text, Table, TableRow, SafeTableCell, TableHeader]);
  for (const name of ["tableCell", "tableHeader"]) guardSpans(schema.nodes[name]!);
  const { table, tableRow, tableCell, tableHeader, paragraph } = schema.nodes;
  const row = tableRow!.create(null, [
    tableHeader!.create({ colspan: 1e9, rowspan: 1 }, paragraph!.create()),
    tableCell!.create({ colspan: 1, rowspan: 1e9 }, paragraph!.create()),
  ]);
  const { width } = TableMap.get(table!.create(null, [row]));
  expect(width).toBe(101);
  // As it comes from storage, and as it is copied.
  expect(schema.nodeFromJSON({ type: "tableCell", attrs: { colspan: 1e9 }, content: [{ type: "paragraph" }] }).attrs.colspan).toBe(100);
});
