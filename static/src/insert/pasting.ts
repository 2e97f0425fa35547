/** Paste and copy: text that is a table or markdown, pasting without formatting, and what is copied as text. */

import { Extension } from "@tiptap/core";
import { DOMParser, type ParseOptions, type Slice } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import { setCleaner } from "../editor/paste.ts";

type Clipboard = typeof import("./clipboard.ts");

let clipboard: Clipboard | null = null;

async function load(): Promise<void> {
  const loaded = await import("./clipboard.ts");
  setCleaner(loaded.cleanPastedHtml);
  clipboard = loaded;
}

/** Safari has no idle callback. */
const LATER_MS = 2_000;

function whenIdle(act: () => void): void {
  if (typeof window.requestIdleCallback === "function") window.requestIdleCallback(act);
  else setTimeout(act, LATER_MS);
}

export const Pasting = Extension.create({
  name: "pasting",
  // Before the copying of TipTap's own.
  priority: 500,
  onBeforeCreate() {
    // TipTap's rules would format `__init__`, and what is pasted without formatting. Links stay links.
    this.editor.options.enablePasteRules = ["link"];
    whenIdle(() => void load().catch(() => undefined)); // Tried again with the first paste.
  },
  addProseMirrorPlugins() {
    const { schema } = this.editor;
    let isPlain = false;
    return [
      new Plugin({
        key: new PluginKey("pasting"),
        props: {
          clipboardParser: new ClipboardParser(schema, DOMParser.fromSchema(schema).rules),
          // Null and undefined leave it to whoever is asked next, at last to ProseMirror; its types do not say so.
          clipboardTextSerializer: (slice) => clipboard?.plainText(slice.content) as string,
          clipboardTextParser(words, _context, plain) {
            isPlain = plain;
            return (plain ? null : (clipboard?.sliceOf(words, schema) ?? null)) as Slice;
          },
          handlePaste(view, event, slice) {
            if (!view.editable || view.state.selection.$from.parent.type.spec.code === true) return false;
            const code = isPlain ? null : (clipboard?.codeOf(event.clipboardData, schema) ?? null);
            if (code !== null) return insert(view, code);
            return isPlain && insert(view, slice);
          },
          handleDOMEvents: {
            paste(view, event) {
              isPlain = false;
              if (clipboard !== null || !view.editable || isSecond.has(event)) return false;
              event.preventDefault();
              void pasteOnceLoaded(view, event.clipboardData);
              return true;
            },
          },
        },
      }),
    ];
  },
});

/** Pastes that were held back once already. */
const isSecond = new WeakSet<Event>();

/** The same paste again as soon as all is there, or cannot be had: then without what belongs to it. */
async function pasteOnceLoaded(view: EditorView, data: DataTransfer | null): Promise<void> {
  // The data of an event is gone when its handlers have ended.
  const clipboardData = new DataTransfer();
  for (const type of data?.types ?? []) if (type !== "Files") clipboardData.setData(type, data?.getData(type) ?? "");
  for (const file of data?.files ?? []) clipboardData.items.add(file);
  await load().catch(() => undefined);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  isSecond.add(event);
  if (!view.isDestroyed) view.dom.dispatchEvent(event);
}

/** Without the mark that lets TipTap look for links in what was pasted. */
function insert(view: EditorView, slice: Slice): true {
  view.dispatch(view.state.tr.replaceSelection(slice).scrollIntoView().setMeta("paste", true));
  return true;
}

/** Alignment waits under another name, for the CSP has no style attributes; CSSOM may set what they may not. */
class ClipboardParser extends DOMParser {
  override parseSlice(dom: globalThis.Node, options?: ParseOptions): Slice {
    for (const element of (dom as HTMLElement).querySelectorAll<HTMLElement>("[data-pasted-align]")) {
      element.style.textAlign = element.dataset.pastedAlign ?? "";
    }
    return super.parseSlice(dom, options);
  }
}
