/** Text that a spreadsheet gives: columns between tabs, a row a line, cells with line breaks in quotes. */

const MOST_CELLS = 20_000;

/** The cells in rows, all of one length; null when the text is no table. */
export function tabular(text: string): string[][] | null {
  if (!text.includes("\t")) return null;
  const rows = rowsOf(text.replace(/\r\n?/g, "\n").replace(/\n+$/, ""));
  const width = rows[0]?.length ?? 0;
  if (rows.length < 2 || width < 2 || rows.length * width > MOST_CELLS) return null;
  // Indented code has tabs at the start of lines, and not as many in each.
  const isTable = rows.every((row) => row.length === width) && rows.some((row) => row[0] !== "");
  return isTable ? rows : null;
}

function rowsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  // A cell in quotes ends at the quote that a tab, a line break or the end follows; a doubled quote is one.
  const cell = /(?:"((?:[^"]|"")*)"(?=[\t\n]|$)|([^\t\n]*))([\t\n]|$)/gy;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    rows.at(-1)?.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? "").trim());
    if (match[3] === "") break;
    if (match[3] === "\n") rows.push([]);
  }
  return rows;
}
