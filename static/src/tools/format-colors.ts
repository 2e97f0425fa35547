/** The colours of text, and of what is behind it, as commands. */

import type { Editor } from "@tiptap/core";
import type { Command } from "../editor/commands.ts";
import { COLORS, type Color } from "../editor/nodes/colors.ts";
import { t } from "../page/words.ts";
import { hasMarks } from "./format.ts";

/** Of text, and of what is behind it. */
const NAMES: Readonly<Record<Color, readonly [string, string]>> = {
  grey: [t("Grey"), t("Grey behind")],
  brown: [t("Brown"), t("Brown behind")],
  orange: [t("Orange"), t("Orange behind")],
  yellow: [t("Yellow"), t("Yellow behind")],
  green: [t("Green"), t("Green behind")],
  blue: [t("Blue"), t("Blue behind")],
  purple: [t("Purple"), t("Purple behind")],
  pink: [t("Pink"), t("Pink behind")],
  red: [t("Red"), t("Red behind")],
};

/** Their names in the document. */
type Coloring = "textColor" | "highlight";

function colored(kind: Coloring, color: Color): Command {
  const [name, behind] = NAMES[color];
  return {
    name: `${kind}-${color}`,
    label: kind === "textColor" ? name : behind,
    icon: kind,
    run: (editor) => {
      const chain = editor.chain().focus();
      (kind === "textColor" ? chain.setTextColor(color) : chain.setHighlight(color)).run();
    },
    active: (editor) => isColored(editor, kind, color),
    enabled: hasMarks,
  };
}

function noColor(kind: Coloring): Command {
  return {
    name: `${kind}-none`,
    label: t("No colour"),
    icon: "noColor",
    run: (editor) => {
      const chain = editor.chain().focus();
      (kind === "textColor" ? chain.unsetTextColor() : chain.unsetHighlight()).run();
    },
    active: (editor) => !editor.isActive(kind),
    enabled: hasMarks,
  };
}

function isColored(editor: Editor, kind: Coloring, color: Color): boolean {
  return editor.isActive(kind, { color });
}

/** One row of the menu: no colour, and then all there are. */
export function colorRow(kind: Coloring): readonly Command[] {
  return [noColor(kind), ...COLORS.map((color) => colored(kind, color))];
}
