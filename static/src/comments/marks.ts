/** The passages of comments in the text. Where they are is computed by a part that is loaded when there are any. */

import { Extension } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import type { Mappable } from "@tiptap/pm/transform";
import { DecorationSet, type EditorView } from "@tiptap/pm/view";
import { ySyncPluginKey } from "@tiptap/y-tiptap";
import { type Binding, bindingOf } from "./binding.ts";
import type { Range, Ranges } from "./order.ts";

export interface Painted {
  readonly set: DecorationSet;
  readonly ranges: Ranges;
}

export interface Painter {
  paint(doc: Node, binding: Binding): Painted;
}

const NOTHING: Painted = { set: DecorationSet.empty, ranges: new Map() };

const key = new PluginKey<Painted>("commentMarks");

/** `pressed`: Mod-Alt-m. */
export function commentMarks(painter: () => Painter | null, pressed: () => void) {
  return Extension.create({
    name: "commentMarks",
    addProseMirrorPlugins: () => [
      new Plugin<Painted>({
        key,
        state: {
          init: () => NOTHING,
          apply(transaction, painted, state) {
            const artist = painter();
            const binding = bindingOf(state);
            if (artist === null || binding === null) return NOTHING;
            // What others change replaces the whole document, so nothing can be mapped through it.
            if (transaction.getMeta(key) === true || transaction.getMeta(ySyncPluginKey)?.isChangeOrigin === true) {
              return artist.paint(transaction.doc, binding);
            }
            if (!transaction.docChanged) return painted;
            const { mapping } = transaction;
            const ranges = new Map([...painted.ranges].map(([id, range]) => [id, range && mapped(range, mapping)]));
            return { set: painted.set.map(mapping, transaction.doc), ranges };
          },
        },
        props: {
          decorations: (state) => key.getState(state)?.set,
          // Not a shortcut of the editor: those do nothing for a reader, who may comment all the same.
          handleDOMEvents: {
            keydown(_view, event) {
              if (!isShortcut(event)) return false;
              event.preventDefault();
              pressed();
              return true;
            },
          },
        },
      }),
    ],
  });
}

/** Has the painter look again. */
export function repaint(view: EditorView): void {
  view.dispatch(view.state.tr.setMeta(key, true).setMeta("addToHistory", false));
}

export function rangesIn(view: EditorView): Ranges {
  return key.getState(view.state)?.ranges ?? NOTHING.ranges;
}

function mapped({ from, to }: Range, mapping: Mappable): Range | null {
  const range = { from: mapping.map(from, 1), to: mapping.map(to, -1) };
  return range.from < range.to ? range : null;
}

/** By the place of the key: with Alt, keyboards write other letters. AltGr is Ctrl and Alt as well, and for writing. */
function isShortcut(event: KeyboardEvent): boolean {
  const isMod = event.ctrlKey || event.metaKey;
  return isMod && event.altKey && !event.shiftKey && event.code === "KeyM" && !event.getModifierState("AltGraph");
}
