/** Blocks of code: their language, their colours, Tab inside and a button that copies. */

import { Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import type { Feature, MakeFeature } from "../page/feature.ts";
import { codeColors } from "./code-colors.ts";
import { CodeView } from "./code-view.ts";
import { indentCode } from "./indent.ts";
import { loaded } from "./loaded.ts";

export const code: MakeFeature = ({ say }): Feature => ({
  extensions: () => [
    Extension.create({
      name: "codeTools",
      priority: 1_100, // Before the list's and the table's own Tab.
      addStorage: () => ({ leaving: false }),
      addKeyboardShortcuts() {
        const { editor, storage } = this as typeof this & { storage: { leaving: boolean } };
        const indent = (by: "in" | "out") => (): boolean => {
          const leaving = storage.leaving;
          storage.leaving = false;
          const transaction = leaving || !editor.isEditable ? null : indentCode(editor.state, by);
          if (transaction !== null) editor.view.dispatch(transaction.scrollIntoView());
          return transaction !== null;
        };
        return {
          Tab: indent("in"),
          "Shift-Tab": indent("out"),
          // Nobody may be caught in the block: after Escape, Tab moves on.
          Escape: () => {
            storage.leaving = editor.isActive("codeBlock");
            return false;
          },
        };
      },
      addProseMirrorPlugins: () => [
        codeColors(async () => (await loaded(() => import("./highlighting.ts"), say))?.highlight ?? null),
        codeViews(say),
      ],
    }),
  ],
});

function codeViews(say: (words: string) => void): Plugin {
  const views = new Set<CodeView>();
  return new Plugin({
    key: new PluginKey("codeViews"),
    view: () => ({
      update: (view) => {
        for (const one of views) if (view.dom.contains(one.dom)) one.allow();
      },
    }),
    props: {
      nodeViews: {
        codeBlock: (node, view, place) => {
          const made = new CodeView(node, view, place, say);
          views.add(made);
          return Object.assign(made, { destroy: () => views.delete(made) });
        },
      },
    },
  });
}
