/** What ties the editor to its Y.Doc. */

import type { Node } from "@tiptap/pm/model";
import type { EditorState } from "@tiptap/pm/state";
import { ySyncPluginKey } from "@tiptap/y-tiptap";
import type * as Y from "yjs";

export interface Binding {
  readonly doc: Y.Doc;
  readonly type: Y.XmlFragment;
  readonly mapping: Map<Y.AbstractType<any>, Node | Node[]>;
}

export function bindingOf(state: EditorState): Binding | null {
  const { binding } = (ySyncPluginKey.getState(state) ?? {}) as { binding?: Binding | null };
  return binding ?? null;
}
