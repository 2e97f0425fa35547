/** Nothing that this page does by itself may change a document that its reader may not edit. */

import { Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { ySyncPluginKey } from "@tiptap/y-tiptap";

/**
 * ProseMirror repairs tables and lists in passing, and the binding writes every repair to Yjs. From a viewer that is an
 * edit which the server refuses, so it stops here. Changes that came from Yjs pass.
 */
export const ReadOnlyGuard = Extension.create({
  name: "readOnlyGuard",

  addProseMirrorPlugins() {
    const { editor } = this;
    return [
      new Plugin({
        key: new PluginKey("readOnlyGuard"),
        props: { attributes: () => ({ "aria-readonly": String(!editor.isEditable) }) },
        filterTransaction: (transaction) =>
          editor.isEditable || !transaction.docChanged || transaction.getMeta(ySyncPluginKey) !== undefined,
      }),
    ];
  },

  onCreate() {
    const binding: { _prosemirrorChanged: (doc: unknown) => void } | null =
      ySyncPluginKey.getState(this.editor.state)?.binding ?? null;
    if (binding === null) return;
    const write = binding._prosemirrorChanged.bind(binding);
    binding._prosemirrorChanged = (doc) => {
      if (this.editor.isEditable) write(doc);
    };
  },
});
