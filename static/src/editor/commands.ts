/** Everything that the toolbars can do. One table: buttons, their state and the help page come from it. */

import type { Editor } from "@tiptap/core";
import { yUndoPluginKey } from "@tiptap/y-tiptap";
import { changeColumnWidth, maySort, sortRows } from "../insert/tables.ts";
import { t } from "../page/words.ts";
import type { IconName } from "./icons.ts";

export interface Command {
  readonly name: string;
  readonly label: string;
  readonly icon: IconName;
  /** Where it is offered; without it in the toolbar alone. */
  readonly shown?: readonly Place[];
  /** Other words that people look for in the slash menu, in lower case: English, and those of the page's language. */
  readonly keywords?: string;
  /** As ProseMirror writes it: `Mod-Shift-x`. */
  readonly keys?: string;
  readonly run: (editor: Editor) => void;
  readonly active?: (editor: Editor) => boolean;
  readonly enabled?: (editor: Editor) => boolean;
}

/** `menu` is the document's own menu, behind the three dots. */
export type Place = "toolbar" | "slash" | "bubble" | "menu";

const TABLE_SIZE = { rows: 3, cols: 3, withHeaderRow: true };

/** The toolbar in groups. `link` and `help` open something of the page, so the page gives them. */
export function commandGroups(page: { link: () => void; help: () => void }): readonly (readonly Command[])[] {
  return [
    [
      history("undo", t("Undo my last change"), "Mod-z", "undoStack"),
      history("redo", t("Redo"), "Mod-Shift-z", "redoStack"),
    ],
    [heading(1), heading(2), heading(3)],
    [
      mark("bold", t("Bold"), "Mod-b"),
      mark("italic", t("Italic"), "Mod-i"),
      mark("underline", t("Underline"), "Mod-u"),
      mark("strike", t("Strikethrough"), "Mod-Shift-s"),
      mark("code", t("Code in the line"), "Mod-e"),
      {
        name: "link",
        label: t("Link"),
        icon: "link",
        shown: MARK,
        keys: "Mod-k",
        run: page.link,
        active: (editor) => editor.isActive("link"),
        enabled: allowsMarks,
      },
    ],
    [
      block("bulletList", t("Bulleted list"), "bulleted list", "Mod-Shift-8", (editor) => editor.chain().focus().toggleBulletList().run()),
      block("orderedList", t("Numbered list"), "numbered list", "Mod-Shift-7", (editor) =>
        editor.chain().focus().toggleOrderedList().run(),
      ),
      block("taskList", t("Task list"), "task list", "Mod-Shift-9", (editor) => editor.chain().focus().toggleTaskList().run()),
      block("blockquote", t("Quote"), "quote", "Mod-Shift-b", (editor) => editor.chain().focus().toggleBlockquote().run()),
      block("codeBlock", t("Block of code"), "block code", "Mod-Alt-c", (editor) => editor.chain().focus().toggleCodeBlock().run()),
    ],
    [
      {
        name: "table",
        label: t("Insert a table"),
        icon: "table",
        shown: BLOCK,
        keywords: "table",
        run: (editor) => editor.chain().focus().insertTable(TABLE_SIZE).run(),
        enabled: (editor) => !editor.isActive("table"),
      },
      {
        name: "horizontalRule",
        label: t("Insert a dividing line"),
        icon: "horizontalRule",
        shown: BLOCK,
        // Translators: other words that people type to find a dividing line; in lower case, apart by spaces.
        keywords: `dividing line hr ${t("rule separator divider")}`,
        run: (editor) => editor.chain().focus().setHorizontalRule().run(),
      },
      { name: "help", label: t("Keyboard shortcuts"), icon: "help", keys: "Mod-/", run: page.help },
    ],
  ];
}

/** Those of `groups` that are offered at `place`; a group that offers nothing there is left out. */
export function shownAt(place: Place, groups: readonly (readonly Command[])[]): readonly (readonly Command[])[] {
  const offered = groups.map((group) => group.filter(({ shown = ["toolbar"] }) => shown.includes(place)));
  return offered.filter((group) => group.length > 0);
}

const BLOCK = ["toolbar", "slash"] as const;
const MARK = ["toolbar", "bubble"] as const;

export const TABLE_COMMANDS: readonly (readonly Command[])[] = [
  [
    tablePart("columnBefore", t("Add a column before"), "addColumnBefore"),
    tablePart("columnAfter", t("Add a column after"), "addColumnAfter"),
    tablePart("columnDelete", t("Remove this column"), "deleteColumn"),
    columnWidth("columnWider", t("Make this column wider"), "wider"),
    columnWidth("columnNarrower", t("Make this column narrower"), "narrower"),
  ],
  [
    tablePart("rowBefore", t("Add a row above"), "addRowBefore"),
    tablePart("rowAfter", t("Add a row below"), "addRowAfter"),
    tablePart("rowDelete", t("Remove this row"), "deleteRow"),
  ],
  [
    possible(tablePart("mergeCells", t("Merge the selected cells"), "mergeCells"), "mergeCells"),
    possible(tablePart("splitCell", t("Split this cell"), "splitCell"), "splitCell"),
    tablePart("headerRow", t("Header row on or off"), "toggleHeaderRow"),
    tablePart("headerColumn", t("Header column on or off"), "toggleHeaderColumn"),
  ],
  [
    sorting("sortUp", t("Sort by this column, smallest first"), "ascending"),
    sorting("sortDown", t("Sort by this column, largest first"), "descending"),
  ],
  [tablePart("tableDelete", t("Remove the table"), "deleteTable")],
];

type TableAction =
  | "addColumnBefore"
  | "addColumnAfter"
  | "deleteColumn"
  | "addRowBefore"
  | "addRowAfter"
  | "deleteRow"
  | "mergeCells"
  | "splitCell"
  | "toggleHeaderRow"
  | "toggleHeaderColumn"
  | "deleteTable";

function tablePart(name: IconName, label: string, action: TableAction): Command {
  return { name, label, icon: name, run: (editor) => editor.chain().focus()[action]().run() };
}

function possible(command: Command, action: TableAction): Command {
  return { ...command, enabled: (editor) => editor.can()[action]() };
}

function sorting(name: "sortUp" | "sortDown", label: string, direction: "ascending" | "descending"): Command {
  return { name, label, icon: name, run: (editor) => sortRows(editor, direction), enabled: maySort };
}

function columnWidth(name: "columnWider" | "columnNarrower", label: string, direction: "wider" | "narrower"): Command {
  return { name, label, icon: name, run: (editor) => changeColumnWidth(editor, direction) };
}

function history(name: "undo" | "redo", label: string, keys: string, stack: "undoStack" | "redoStack"): Command {
  return {
    name,
    label,
    keys,
    icon: name,
    run: (editor) => editor.chain().focus()[name]().run(),
    enabled: (editor) => (yUndoPluginKey.getState(editor.state)?.undoManager[stack].length ?? 0) > 0,
  };
}

function heading(level: 1 | 2 | 3): Command {
  return {
    name: `heading${level}`,
    label: t("Heading {n}", { n: level }),
    icon: `heading${level}`,
    shown: BLOCK,
    // Translators: other words that people type to find a heading; in lower case, apart by spaces.
    keywords: `heading title ${t("title")}`,
    keys: `Mod-Alt-${level}`,
    run: (editor) => editor.chain().focus().toggleHeading({ level }).run(),
    active: (editor) => editor.isActive("heading", { level }),
  };
}

function mark(name: "bold" | "italic" | "underline" | "strike" | "code", label: string, keys: string): Command {
  return {
    name,
    label,
    keys,
    icon: name,
    shown: MARK,
    run: (editor) => editor.chain().focus().toggleMark(name).run(),
    active: (editor) => editor.isActive(name),
    enabled: allowsMarks,
  };
}

function block(
  name: "bulletList" | "orderedList" | "taskList" | "blockquote" | "codeBlock",
  label: string,
  keywords: string,
  keys: string,
  run: (editor: Editor) => boolean,
): Command {
  return { name, label, keywords, keys, icon: name, shown: BLOCK, run, active: (editor) => editor.isActive(name) };
}

/** Inside a block of code there is no bold and no link. */
function allowsMarks(editor: Editor): boolean {
  return !editor.isActive("codeBlock");
}
