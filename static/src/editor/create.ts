/** One editor on one Y.Doc. A document that is replaced gets a new editor. */

import { Editor, Extension, type Extensions } from "@tiptap/core";
import { Collaboration } from "@tiptap/extension-collaboration";
import type * as Y from "yjs";
import { t } from "../page/words.ts";
import { COVERED } from "./covered.ts";
import { SmallRemoteEdits } from "./binding.ts";
import { Faithful, type Lost } from "./faithful.ts";
import { ReadOnlyGuard } from "./guard.ts";
import { cleanPastedHtml } from "./paste.ts";
import { documentExtensions } from "./schema.ts";

/** The Yjs field that holds the text; the server reads and writes the same. */
const FIELD = "default";

export interface EditorOptions {
  readonly element: HTMLElement;
  readonly provider: { readonly doc: Y.Doc };
  readonly editable: boolean;
  readonly placeholder: (editable: boolean) => string;
  /** What the page adds, such as its menus. */
  readonly extensions: Extensions;
  /** Mod-K. */
  readonly onLink: () => void;
  /** Mod-/. */
  readonly onHelp: () => void;
  /** The document holds what cannot be shown: nothing is written any more. May come before the editor is returned. */
  readonly onLost: Lost;
}

export function createEditor(options: EditorOptions): Editor {
  return new Editor({
    element: options.element,
    editable: options.editable,
    injectCSS: false, // The CSP refuses a style element; document.css has these rules.
    extensions: [
      ...documentExtensions(options.placeholder),
      Collaboration.configure({ document: options.provider.doc, field: FIELD }),
      Faithful.configure({ lost: options.onLost }),
      ReadOnlyGuard,
      SmallRemoteEdits,
      shortcuts(options),
      ...options.extensions,
    ],
    editorProps: {
      attributes: {
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": t("Document text"),
        spellcheck: "true",
        tabindex: "0",
      },
      transformPastedHTML: cleanPastedHtml,
      scrollThreshold: COVERED,
      scrollMargin: COVERED,
    },
  });
}

function shortcuts({ onLink, onHelp }: EditorOptions) {
  const handled = (act: () => void) => (): boolean => {
    act();
    return true;
  };
  return Extension.create({
    name: "pageShortcuts",
    addKeyboardShortcuts: () => ({ "Mod-k": handled(onLink), "Mod-/": handled(onHelp) }),
  });
}

/** Puts the caret at the end, on an empty line of its own when the text ends with a table, a rule or code. */
export function writeAtEnd(editor: Editor): void {
  const last = editor.state.doc.lastChild;
  const end = editor.state.doc.content.size;
  if (last !== null && last.isTextblock && last.type.name !== "codeBlock") editor.commands.focus("end");
  else editor.chain().insertContentAt(end, { type: "paragraph" }).focus("end").run();
  // The command focuses with the next frame; keys that are pressed before it would go to nobody.
  editor.view.focus();
}
