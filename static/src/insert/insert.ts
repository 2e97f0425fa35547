/** Getting things into the text: by paste, by the slash menu, by signs, and the blocks that need more than writing. */

import { type Editor, Extension } from "@tiptap/core";
import { NodeSelection, Plugin, PluginKey } from "@tiptap/pm/state";
import type { Command } from "../editor/commands.ts";
import { TONES } from "../editor/nodes/callout.ts";
import type { Feature, MakeFeature } from "../page/feature.ts";
import { t } from "../page/words.ts";
import { CalloutView, TONE_ICONS, TONE_NAMES } from "./callout-view.ts";
import { DetailsKeys, insertDetails } from "./details.ts";
import { DocumentLinkView } from "./document-link-view.ts";
import { insertMath, math } from "./math-view.ts";
import { Pasting } from "./pasting.ts";
import { createServer } from "./server.ts";
import { suggestions } from "./suggest.ts";
import { ColumnWidths } from "./tables.ts";
import { createTitles, type Titles } from "./titles.ts";

export const insert: MakeFeature = ({ config, paper }): Feature => {
  const server = createServer(config.document);
  const titles = createTitles(server.titled);
  return {
    commands: [COMMANDS],
    extensions: () => [Pasting, ColumnWidths, DetailsKeys, math(paper), suggestions(paper, server), blockViews(titles)],
  };
};

const COMMANDS: readonly Command[] = [
  {
    name: "heading4",
    label: t("Heading {n}", { n: 4 }),
    icon: "heading4",
    shown: ["slash"],
    // Translators: other words that people type to find a heading; in lower case, apart by spaces.
    keywords: `heading title ${t("title")}`,
    run: (editor) => editor.chain().focus().toggleHeading({ level: 4 }).run(),
  },
  ...TONES.map(
    (tone): Command => ({
      name: `callout-${tone}`,
      label: TONE_NAMES[tone],
      icon: TONE_ICONS[tone],
      shown: ["slash"],
      // Translators: other words that people type to find a note that stands out; in lower case, apart by spaces.
      keywords: `${tone} callout box hint ${t("info attention")}`,
      run: (editor) => editor.chain().focus().toggleCallout(tone).run(),
    }),
  ),
  {
    name: "details",
    label: t("Folded text"),
    icon: "details",
    shown: ["slash"],
    // Translators: other words that people type to find text that can be folded; in lower case, apart by spaces.
    keywords: `folded details toggle ${t("collapse expand hide")}`,
    run: insertDetails,
    enabled: (editor) => !editor.isActive("table"),
  },
  {
    name: "blockMath",
    label: t("Formula"),
    icon: "formula",
    shown: ["slash"],
    // Translators: other words that people type to find a formula; in lower case, apart by spaces.
    keywords: `formula latex ${t("math equation")}`,
    run: (editor) => insertMath(editor, "blockMath"),
  },
  {
    name: "inlineMath",
    label: t("Formula in the line"),
    icon: "formula",
    shown: ["slash"],
    keywords: `formula inline latex ${t("math equation")}`,
    run: (editor) => insertMath(editor, "inlineMath"),
  },
  typed("mention", t("Name a person"), "@", "name person mention people"),
  typed("documentLink", t("Link a document"), "[[", "link document mention page"),
];

/** Writes the sign that people could have typed; its menu opens by itself. */
function typed(name: "mention" | "documentLink", label: string, sign: string, keywords: string): Command {
  const run = (editor: Editor): void => void editor.chain().focus().insertContent(sign).run();
  return { name, label, icon: name === "mention" ? "mention" : "document", shown: ["slash"], keywords, run };
}

function blockViews(titles: Titles) {
  return Extension.create({
    name: "blockViews",
    addProseMirrorPlugins: () => [
      new Plugin({
        key: new PluginKey("blockViews"),
        props: {
          nodeViews: {
            callout: (node, view, position) => new CalloutView(node, view, position),
            documentLink: (node) => new DocumentLinkView(node, titles),
          },
          handleKeyDown(view, event) {
            const { selection } = view.state;
            if (event.key !== "Enter" || !(selection instanceof NodeSelection)) return false;
            if (selection.node.type.name !== "documentLink") return false;
            (view.nodeDOM(selection.from) as HTMLElement | null)?.click();
            return true;
          },
        },
      }),
    ],
  });
}
