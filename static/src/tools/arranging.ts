/** Blocks on the page: the keys that move and copy them, and what is loaded for the pointer and the menu. */

import { type Editor, Extension } from "@tiptap/core";
import type { Command } from "../editor/commands.ts";
import type { Feature, MakeFeature } from "../page/feature.ts";
import { t } from "../page/words.ts";
import { copy, move } from "./arrange.ts";
import type { BlockDesk } from "./block-desk.ts";
import { loaded } from "./loaded.ts";

/** Offered in the menu of formats, in the keyboard help and by their keys. */
const COMMANDS: readonly Command[] = [
  key("moveUp", t("Move the block up"), "up", "Alt-Shift-ArrowUp", (editor) => void move(editor, "up")),
  key("moveDown", t("Move the block down"), "down", "Alt-Shift-ArrowDown", (editor) => void move(editor, "down")),
  key("duplicate", t("Duplicate the block"), "copy", "Mod-Shift-d", (editor) => copy(editor)),
];

export const arranging: MakeFeature = ({ paper, say }): Feature => {
  let editor: Editor | null = null;
  let desk: BlockDesk | null = null;

  const load = async (complain: (words: string) => void): Promise<BlockDesk | null> => {
    const part = desk === null ? await loaded(() => import("./block-desk.ts"), complain) : null;
    if (desk === null && part !== null) {
      desk = part.createBlockDesk(paper);
      desk.bind(editor);
    }
    return desk;
  };
  const hover = async ({ pointerType, clientX: x, clientY: y }: PointerEvent): Promise<void> => {
    if (pointerType === "touch" || editor?.isEditable !== true) return;
    paper.removeEventListener("pointermove", onHover);
    (await load(() => undefined))?.hover({ x, y }); // Nobody asked for anything yet: a failure is not worth a word.
  };
  const onHover = (event: PointerEvent): void => void hover(event);
  paper.addEventListener("pointermove", onHover);
  const open = async (now: Editor): Promise<void> => (await load(say))?.open(now);
  const commands = [...COMMANDS, key("blockMenu", t("More for this block"), "dots", "Mod-Alt-b", (now) => void open(now))];

  return {
    commands: [commands],
    extensions: () => [
      Extension.create({
        name: "arranging",
        addKeyboardShortcuts() {
          const now = this.editor;
          const pressed = (run: (editor: Editor) => void) => (): boolean => {
            if (now.isEditable) run(now);
            return now.isEditable;
          };
          return Object.fromEntries(commands.map(({ keys = "", run }) => [keys, pressed(run)]));
        },
      }),
    ],
    bind(next) {
      editor = next;
      desk?.bind(next);
    },
  };
};

function key(name: string, label: string, icon: Command["icon"], keys: string, run: (editor: Editor) => void): Command {
  return { name, label, icon, keys, run, shown: [] };
}
