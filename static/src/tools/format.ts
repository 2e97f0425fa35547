/** How text looks beyond bold and italic: raised and lowered, and where it stands in its line. */

import { type Editor, Extension } from "@tiptap/core";
import type { Command } from "../editor/commands.ts";
import type { IconName } from "../editor/icons.ts";
import { t } from "../page/words.ts";

const ALIGNMENTS = ["left", "center", "right", "justify"] as const;

type Alignment = (typeof ALIGNMENTS)[number];

const ALIGN: Readonly<Record<Alignment, readonly [string, IconName, string]>> = {
  left: [t("Align left"), "alignLeft", "Mod-Shift-l"],
  center: [t("Align in the middle"), "alignCenter", "Mod-Shift-e"],
  right: [t("Align right"), "alignRight", "Mod-Shift-r"],
  justify: [t("Align on both sides"), "alignJustify", "Mod-Shift-j"],
};

export const SCRIPTS: readonly Command[] = [
  script("superscript", t("Raised, as in m²"), "Mod-."),
  script("subscript", t("Lowered, as in H₂O"), "Mod-,"),
];

export const ALIGNED: readonly Command[] = ALIGNMENTS.map(align);

const MARK: Command = {
  name: "highlight",
  label: t("Mark with yellow"),
  icon: "highlight",
  keys: "Mod-Shift-h",
  run: (editor) => {
    if (editor.isActive("highlight", { color: "yellow" })) editor.commands.unsetHighlight();
    else editor.commands.setHighlight("yellow");
  },
};

/** In the keyboard help, and nowhere else: the menu has them. */
export const FORMAT_KEYS: readonly Command[] = [...SCRIPTS, ...ALIGNED, MARK].map((one) => ({ ...one, shown: [] }));

/** The keys that no extension of TipTap has already. */
export const FormatKeys = Extension.create({
  name: "formatKeys",
  addKeyboardShortcuts() {
    const { editor } = this;
    return {
      "Mod-Shift-h": () => {
        if (!editor.isEditable || !hasMarks(editor)) return false;
        MARK.run(editor);
        return true;
      },
    };
  },
});

function script(name: "subscript" | "superscript", label: string, keys: string): Command {
  const other = name === "subscript" ? "superscript" : "subscript";
  return {
    name,
    label,
    keys,
    icon: name,
    run: (editor) => editor.chain().focus().unsetMark(other).toggleMark(name).run(),
    active: (editor) => editor.isActive(name),
    enabled: hasMarks,
  };
}

function align(alignment: Alignment): Command {
  const [label, icon, keys] = ALIGN[alignment];
  return {
    name: icon,
    label,
    icon,
    keys,
    run: (editor) => editor.chain().focus().toggleTextAlign(alignment).run(),
    active: (editor) => editor.isActive({ textAlign: alignment }),
    enabled: (editor) => editor.isActive("paragraph") || editor.isActive("heading"),
  };
}

/** Inside a block of code nothing is raised, lowered or coloured. */
export function hasMarks(editor: Editor): boolean {
  return !editor.isActive("codeBlock");
}
