/** An editor without a DOM: the binding, and what it needs of a view. */

import { Schema, type Node } from "@tiptap/pm/model";
import { EditorState, type Transaction } from "@tiptap/pm/state";
import { ySyncPlugin, ySyncPluginKey, yXmlFragmentToProseMirrorRootNode } from "@tiptap/y-tiptap";
import * as Y from "yjs";
import { makeSmall } from "../../src/editor/binding.ts";
import { faithful, type Lost } from "../../src/editor/faithful.ts";

export const schema = new Schema({
  nodes: {
    doc: { content: "block+" },
    paragraph: { group: "block", content: "inline*" },
    heading: { group: "block", content: "inline*", attrs: { level: { default: 1 } } },
    list: { group: "block", content: "item+" },
    item: { content: "block+" },
    rule: { group: "block" },
    text: { group: "inline" },
    name: { group: "inline", inline: true, attrs: { label: { default: "" } } },
  },
  marks: { bold: {}, link: { attrs: { href: { default: "" } } } },
});

export class Desk {
  state: EditorState;
  readonly type: Y.XmlFragment;
  /** Of the document, replaced by the last change of somebody else. */
  replaced = 0;
  #update = (): void => undefined;

  /** `small`: as `makeSmall` has it. `lost` is told when the document cannot be shown. */
  constructor(
    small: boolean,
    readonly doc = new Y.Doc(),
    lost: Lost = (error) => {
      throw error;
    },
  ) {
    this.type = doc.getXmlFragment("default");
    const [guard, sync] = [faithful(lost), ySyncPlugin(this.type)];
    this.state = EditorState.create({ schema, plugins: [guard, sync] });
    guard.spec.view?.(this as never);
    const view = sync.spec.view?.(this as never);
    this.#update = () => view?.update?.(this as never, this.state);
    if (small && this.binding !== null) makeSmall(this.binding);
  }

  get binding() {
    return ySyncPluginKey.getState(this.state).binding;
  }

  hasFocus(): boolean {
    return false;
  }

  dispatch(transaction: Transaction): void {
    this.replaced = 0;
    transaction.steps.forEach((step) => step.getMap().forEach((from, to) => (this.replaced += to - from)));
    this.state = this.state.apply(transaction);
    this.#update();
  }

  /** The document as somebody would see it who opens it now. */
  get afresh(): Node {
    return yXmlFragmentToProseMirrorRootNode(this.type, schema);
  }
}
