/** What a document may consist of. Node and mark names are a format: the server reads and writes them. */

import type { Extensions } from "@tiptap/core";
import { TaskItem, TaskList } from "@tiptap/extension-list";
import { Table, TableHeader, TableRow } from "@tiptap/extension-table";
import { Link } from "@tiptap/extension-link";
import { Placeholder, Selection } from "@tiptap/extensions";
import StarterKit from "@tiptap/starter-kit";
import { Details, DetailsContent, DetailsSummary } from "@tiptap/extension-details";
import Subscript from "@tiptap/extension-subscript";
import Superscript from "@tiptap/extension-superscript";
import TextAlign from "@tiptap/extension-text-align";
import { t } from "../page/words.ts";
import { completeHref, safeHref } from "./links.ts";
import { Callout } from "./nodes/callout.ts";
import { SafeTableCell } from "./nodes/cells.ts";
import { Highlight, TextColor } from "./nodes/colors.ts";
import { FileNode, Image } from "./nodes/files.ts";
import { BlockMath, InlineMath } from "./nodes/math.ts";
import { DocumentLink, Mention } from "./nodes/mentions.ts";

/**
 * A link keeps nothing but its address. `target`, `rel` and `class` would come from whoever wrote the
 * document; they are the page's to say.
 */
const SafeLink = Link.extend({
  inclusive: false, // What is typed after a link is not part of it.
  addAttributes() {
    return { href: { default: null } };
  },
  parseHTML() {
    return [{ tag: "a[href]", getAttrs: (node) => (safeHref(node.getAttribute("href")) === null ? false : null) }];
  },
  renderHTML({ HTMLAttributes }) {
    const href = safeHref(HTMLAttributes.href);
    if (href === null) return ["a", { class: "link-refused" }, 0];
    return ["a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, 0];
  },
}).configure({
  openOnClick: false, // A click puts the caret there; the popover offers to open it.
  defaultProtocol: "https",
  isAllowedUri: (url) => completeHref(url) !== null,
});

const ALIGNMENTS: readonly unknown[] = ["left", "center", "right", "justify"];

/** TipTap writes whatever a document says into the style of the block, which could then be anything. */
const SafeTextAlign = TextAlign.extend({
  addGlobalAttributes() {
    const known = (value: unknown): unknown => (ALIGNMENTS.includes(value) ? value : null);
    return [
      {
        types: ["heading", "paragraph"],
        attributes: {
          textAlign: {
            default: null,
            parseHTML: (element) => known(element.style.textAlign),
            renderHTML: ({ textAlign }) => (known(textAlign) === null ? {} : { style: `text-align: ${textAlign}` }),
          },
        },
      },
    ];
  },
}).configure({ types: ["heading", "paragraph"] });

/** Tables carry no `style`: another writer's CSS has no business on this page. */
const PlainTable = Table.extend({
  addAttributes() {
    return {};
  },
}).configure({ resizable: false, cellMinWidth: 96 });

export function documentExtensions(placeholder: (editable: boolean) => string): Extensions {
  return [
    StarterKit.configure({
      // Undo is Collaboration's: one's own steps, never those of others.
      undoRedo: false,
      // It would write into the document of everyone who merely opens it.
      trailingNode: false,
      link: false,
      heading: { levels: [1, 2, 3, 4] },
      dropcursor: { class: "drop-cursor", color: false },
    }),
    SafeLink,
    Subscript,
    Superscript,
    Highlight,
    TextColor,
    SafeTextAlign,
    Callout,
    // `persist` would make opening and closing one an edit of the document, for everybody.
    Details.configure({ persist: false, HTMLAttributes: { class: "details" } }),
    DetailsSummary,
    DetailsContent,
    Image,
    FileNode,
    Mention,
    DocumentLink,
    InlineMath,
    BlockMath,
    TaskList,
    TaskItem.configure({
      nested: true,
      a11y: { checkboxLabel: (node) => t("Done: {task}", { task: node.firstChild?.textContent || t("empty task") }) },
    }),
    PlainTable,
    TableRow,
    TableHeader,
    SafeTableCell,
    Placeholder.configure({
      showOnlyWhenEditable: false,
      placeholder: ({ editor }) => placeholder(editor.isEditable),
    }),
    // Shows what a link will go on while the caret is in the popover.
    Selection.configure({ className: "kept-selection" }),
  ];
}
