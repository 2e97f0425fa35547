/** Folded text: opened by a click or a key, by readers as well. Opening is nobody's edit. */

import { type Editor, Extension } from "@tiptap/core";
import type { ResolvedPos } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";

export const DetailsKeys = Extension.create({
  name: "detailsKeys",
  addKeyboardShortcuts: () => ({
    "Mod-Enter": ({ editor }) => {
      const toggle = toggleAround(editor);
      toggle?.click();
      return toggle !== null;
    },
  }),
  addProseMirrorPlugins() {
    return [
      new Plugin({
        key: new PluginKey("detailsKeys"),
        props: {
          handleDOMEvents: {
            // TipTap moves the focus into the text; whoever pressed the button by a key wants to go on from there.
            click(_view, event) {
              const button = event.target instanceof Element ? event.target.closest("button") : null;
              const isToggle = button?.parentElement?.matches('[data-type="details"]') === true;
              if (!isToggle || !event.isTrusted || event.detail > 0) return false;
              requestAnimationFrame(() => requestAnimationFrame(() => button.focus({ preventScroll: true })));
              return false;
            },
          },
        },
      }),
    ];
  },
});

/** Makes the selected blocks the folded part of a new one, which is left open. */
export function insertDetails(editor: Editor): void {
  if (!editor.chain().focus().setDetails().run()) return;
  const details = detailsAround(editor);
  if (details?.classList.contains("is-open") === false) toggleAround(editor)?.click();
}

function toggleAround(editor: Editor): HTMLButtonElement | null {
  return detailsAround(editor)?.querySelector<HTMLButtonElement>(":scope > button") ?? null;
}

function detailsAround(editor: Editor): HTMLElement | null {
  const { $from } = editor.state.selection;
  const depth = depthOfDetails($from);
  return depth === null ? null : (editor.view.nodeDOM($from.before(depth)) as HTMLElement | null);
}

function depthOfDetails($from: ResolvedPos): number | null {
  for (let depth = $from.depth; depth > 0; depth -= 1) if ($from.node(depth).type.name === "details") return depth;
  return null;
}
