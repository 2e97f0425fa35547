/** Find and replace: the keys, and the bar that is loaded with the first of them. */

import { type Editor, Extension } from "@tiptap/core";
import type { Command } from "../editor/commands.ts";
import { isMac } from "../editor/keys.ts";
import type { Feature, MakeFeature } from "../page/feature.ts";
import { t } from "../page/words.ts";
import type { FindBar } from "./find-bar.ts";
import { foundPlugin } from "./found.ts";
import { loaded } from "./loaded.ts";

export const find: MakeFeature = ({ paper, say }): Feature => {
  let editor: Editor | null = null;
  let bar: FindBar | null = null;

  const open = async (replacing: boolean): Promise<void> => {
    const part = bar === null ? await loaded(() => import("./find-bar.ts"), say) : null;
    if (bar === null && part !== null) {
      bar = part.createFindBar(paper);
      bar.bind(editor);
    }
    bar?.open(replacing);
  };
  // Wherever the focus is: whoever looks for a word looks in the document.
  document.addEventListener("keydown", (event) => {
    if (!isFindKey(event) || editor === null || document.querySelector("dialog[open]") !== null) return;
    // Pressed again, it is the browser's own search.
    if (bar?.hasFocus === true && !event.altKey) return;
    event.preventDefault();
    void open(event.altKey);
  });

  const commands: Command[] = [
    command("find", t("Find"), "Mod-f", () => void open(false)),
    { ...command("replace", t("Find and replace"), "Mod-Alt-f", () => void open(true)), enabled: (now) => now.isEditable },
  ];
  return {
    commands: [commands],
    extensions: () => [
      Extension.create({
        name: "found",
        addProseMirrorPlugins: () => [foundPlugin()],
      }),
    ],
    bind(next) {
      editor = next;
      bar?.bind(next);
    },
  };
};

function command(name: "find" | "replace", label: string, keys: string, run: () => void): Command {
  return { name, label, icon: name, keys, shown: ["menu"], run };
}

/** By the place of the key: with Alt a Mac types another letter. */
function isFindKey(event: KeyboardEvent): boolean {
  const mod = isMac() ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  return mod && !event.shiftKey && (event.key.toLowerCase() === "f" || (event.altKey && event.code === "KeyF"));
}
