/** What the views of pictures and files have in common. */

import type { Editor } from "@tiptap/core";
import type { Node as PmNode } from "@tiptap/pm/model";
import { NodeSelection } from "@tiptap/pm/state";

/** One node in the text, for the controls beside it. */
export class Held {
  readonly editor: Editor;
  readonly #position: () => number | undefined;
  node: PmNode;

  constructor(editor: Editor, node: PmNode, position: () => number | undefined) {
    this.editor = editor;
    this.node = node;
    this.#position = position;
  }

  /** Its place in the text; null when it is not there any more. */
  get position(): number | null {
    const position = this.#position() ?? null;
    return position !== null && this.editor.state.doc.nodeAt(position)?.type === this.node.type ? position : null;
  }

  /** An attribute alone keeps the selection, and others' changes of the other attributes. */
  set(name: string, value: unknown): void {
    this.change({ [name]: value });
  }

  change(attributes: Record<string, unknown>): void {
    const { position } = this;
    if (position === null || !this.editor.isEditable) return;
    const { tr } = this.editor.state;
    for (const [name, value] of Object.entries(attributes)) {
      if (this.node.attrs[name] !== value) tr.setNodeAttribute(position, name, value);
    }
    if (tr.docChanged) this.editor.view.dispatch(tr);
  }

  remove(): void {
    const { position } = this;
    if (position === null || !this.editor.isEditable) return;
    const transaction = this.editor.state.tr.delete(position, position + this.node.nodeSize);
    this.editor.view.dispatch(transaction);
    this.editor.view.focus();
  }

  /** Back to the text, with this node selected. */
  choose(): void {
    const { position } = this;
    if (position === null) return;
    const { state, view } = this.editor;
    view.dispatch(state.tr.setSelection(NodeSelection.create(state.doc, position)));
    view.focus();
  }

  /** Back to the text, behind this node. */
  leave(): void {
    const { position } = this;
    if (position === null) return;
    this.editor.chain().setTextSelection(position + this.node.nodeSize).focus().run();
  }
}

/** What is written into a field, as one line; null when there is nothing. */
export function oneLine(words: string): string | null {
  return words.replace(/\s*\n\s*/g, " ") || null;
}

/** Views that show anew what the person may do. */
export type Views = Set<{ show(): void }>;

export interface FileViewOptions {
  readonly views: Views;
  /** Lets the person choose another file for a node. */
  readonly replace: (held: Held, accept: string) => void;
}
