/** Tells the others where the caret of this editor is. */

import { Plugin, PluginKey } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import { absolutePositionToRelativePosition, ySyncPluginKey } from "@tiptap/y-tiptap";

export interface OwnCaret {
  setLocalStateField(field: "cursor", value: unknown): void;
}

export function ownCaret(awareness: OwnCaret): Plugin {
  return new Plugin({
    key: new PluginKey("ownCaret"),
    view: (view) => {
      const tell = (): void => awareness.setLocalStateField("cursor", view.hasFocus() ? caretOf(view) : null);
      view.dom.addEventListener("focusin", tell);
      view.dom.addEventListener("focusout", tell);
      return {
        update: (_view, before) => {
          const { selection, doc } = view.state;
          if (selection.eq(before.selection) && doc === before.doc) return;
          if (view.hasFocus()) tell();
        },
        destroy: () => {
          view.dom.removeEventListener("focusin", tell);
          view.dom.removeEventListener("focusout", tell);
          awareness.setLocalStateField("cursor", null);
        },
      };
    },
  });
}

/** As Yjs' relative positions; null while the binding has no document. */
function caretOf({ state }: EditorView): { anchor: unknown; head: unknown } | null {
  const sync = ySyncPluginKey.getState(state);
  if (!sync?.binding) return null;
  const relative = (position: number): unknown =>
    absolutePositionToRelativePosition(position, sync.type, sync.binding.mapping);
  return { anchor: relative(state.selection.anchor), head: relative(state.selection.head) };
}
