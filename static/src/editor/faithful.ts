/**
 * A page that cannot show what the document holds stops: it shows what it had, and writes nothing any more.
 *
 * The server takes nothing that a page cannot show, but a document may be older than that rule, and a library may have
 * a fault. y-tiptap then throws while it makes the text, which leaves the page as it was before, or blank. With the next
 * letter it would compare that with the document, and delete whatever is missing in it: the words of others.
 */

import { Extension } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { type ProsemirrorBinding, ySyncPluginKey } from "@tiptap/y-tiptap";
import * as Y from "yjs";

/** Told once, and with what went wrong. */
export type Lost = (error: unknown) => void;

/** What is used of y-tiptap's ProsemirrorBinding. It is all called when somebody changes the document, or this page does. */
type Binding = Pick<ProsemirrorBinding, "type" | "mapping" | "destroy" | "prosemirrorView"> & {
  _observeFunction: (events: Y.YEvent<Y.XmlFragment>[], transaction: Y.Transaction) => void;
  _forceRerender: () => void;
  _prosemirrorChanged: (doc: Node) => void;
};

type AnyType = Y.AbstractType<any>;

interface SyncState {
  binding: Binding | null;
}

export const Faithful = Extension.create<{ lost: Lost }>({
  name: "faithful",
  priority: 1100, // Its view is made before that of the binding, which makes the text for the first time then.
  addOptions: () => ({ lost: () => undefined }),
  addProseMirrorPlugins() {
    return [faithful(this.options.lost)];
  },
});

export function faithful(lost: Lost): Plugin {
  let watched: Binding | null = null;
  return new Plugin({
    key: new PluginKey("faithful"),
    view: ({ state }) => {
      const sync = ySyncPluginKey.getState(state) as SyncState | undefined;
      watched = sync?.binding ?? null;
      if (watched !== null) watch(watched, lost);
      return {};
    },
    filterTransaction: (transaction) => {
      const change = transaction.getMeta(ySyncPluginKey) as { isChangeOrigin?: boolean } | undefined;
      if (watched !== null && change?.isChangeOrigin === true && !isSame(watched, transaction.doc)) {
        throw new Error("the text is not what the document holds");
      }
      return true;
    },
  });
}

function watch(binding: Binding, lost: Lost): void {
  let isLost = false;
  const trying = (work: () => void): void => {
    if (isLost) return;
    try {
      work();
    } catch (error) {
      isLost = true;
      detach(binding);
      lost(error);
    }
  };
  const { _observeFunction: observe } = binding;
  const render = binding._forceRerender.bind(binding);
  const write = binding._prosemirrorChanged.bind(binding);
  binding._forceRerender = () => trying(() => {
    look(binding.type, () => true);
    render();
  });
  binding._observeFunction = (events, transaction) => trying(() => {
    for (const event of events) look(event.target, (item) => event.adds(item));
    observe(events, transaction);
  });
  binding._prosemirrorChanged = (doc) => trying(() => write(doc));
}

/** Nothing hears of changes any more, and nobody asks where something is in the text. */
function detach(binding: Binding): void {
  const view = binding.prosemirrorView as { readonly state: Parameters<typeof ySyncPluginKey.getState>[0] } | null;
  binding.destroy();
  const sync = view === null ? undefined : (ySyncPluginKey.getState(view.state) as SyncState | undefined);
  // A transaction that says so would draw the text again, which may be what failed.
  if (sync !== undefined) sync.binding = null;
}

/** Whether the blocks are those that were made of the document. An empty one is shown as an empty paragraph. */
function isSame({ type, mapping }: Binding, doc: Node): boolean {
  const held = type.toArray();
  if (held.length === 0) return true;
  return held.length === doc.childCount && held.every((one, index) => mapping.get(one) === doc.child(index));
}

/**
 * Throws when a type has in it what y-tiptap cannot read, or takes for something else; looks into those in it that are
 * new. rooms/core/outline.py has the same rule.
 */
function look(type: AnyType, isNew: (item: Y.Item) => boolean): void {
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue;
    if (!fits(type, item.content)) throw new Error("the document holds what no page can show");
    if (item.content instanceof Y.ContentType && isNew(item)) look(item.content.type, isNew);
  }
  for (const { deleted, content } of type._map.values()) {
    if (!deleted && content instanceof Y.ContentType) throw new Error("an attribute is no value");
  }
}

function fits(type: AnyType, content: Y.Item["content"]): boolean {
  if (type instanceof Y.XmlText) return content instanceof Y.ContentString || content instanceof Y.ContentFormat;
  if (!(content instanceof Y.ContentType)) return false;
  const inner = content.type;
  if (inner instanceof Y.XmlElement) return inner.nodeName !== "text";
  return inner instanceof Y.XmlText && type instanceof Y.XmlElement;
}
