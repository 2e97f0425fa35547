/** The editor in the page: made when the text is there, made again when the document is replaced. */

import type { Editor } from "@tiptap/core";
import { commandGroups, shownAt } from "../editor/commands.ts";
import { createEditor, writeAtEnd } from "../editor/create.ts";
import { followKeyboard } from "../editor/keyboard.ts";
import { createLinkPopover } from "../editor/link-popover.ts";
import { createShortcutHelp } from "../editor/shortcuts.ts";
import { slashMenu } from "../editor/slash.ts";
import { createTableBar } from "../editor/table-bar.ts";
import { createToolbar } from "../editor/toolbar.ts";
import type { Status } from "../sync/types.ts";
import { isEditable } from "./access.ts";
import { createDocumentMenu } from "./document-menu.ts";
import type { PageProvider } from "./document-page.ts";
import type { Feature } from "./feature.ts";
import { t } from "./words.ts";

const EMPTY_EDITABLE = t("Write here, or type / for headings, lists and tables.");
const EMPTY_READABLE = t("Nothing has been written here yet.");

export interface WritingOptions {
  readonly provider: PageProvider;
  /** The positioned element around the text; menus stand in it. */
  readonly paper: HTMLElement;
  /** Where the text goes. */
  readonly surface: HTMLElement;
  /** Where the toolbars stand. */
  readonly dock: HTMLElement;
  /** Where the buttons of panels and the menu stand. */
  readonly tools: HTMLElement;
  readonly features: readonly Feature[];
  /** `isLost` is another. */
  readonly moved: () => void;
}

export interface Writing {
  readonly isOpen: boolean;
  /** The document holds what this page cannot show. It writes nothing until it has another document. */
  readonly isLost: boolean;
  show(status: Status): void;
  /** The provider has another document. */
  replace(): void;
  /** Writes text at the end of the document. */
  append(text: string): void;
}

export function createWriting(options: WritingOptions): Writing {
  const { provider, paper, surface, dock, features } = options;
  let editor: Editor | null = null;
  let isLost = false;
  const mayWrite = (status: Status): boolean => isEditable(status) && !isLost;
  const link = createLinkPopover(paper);
  const openHelp = (): void => help();
  const groups = [
    ...commandGroups({ link: link.edit, help: openHelp }),
    ...features.flatMap((feature) => feature.commands ?? []),
  ];
  for (const feature of features) feature.offered?.(groups);
  const help = createShortcutHelp(groups);
  const toolbar = createToolbar(t("Formatting"), shownAt("toolbar", groups));
  dock.append(toolbar.element);
  const menu = createDocumentMenu(options.tools, shownAt("menu", groups));
  const parts = [toolbar, createTableBar(dock), link, menu, ...features];
  followKeyboard(document.documentElement);
  writeBelowTheText(surface, paper, () => editor);

  const bind = (next: Editor | null): void => {
    for (const part of parts) part.bind?.(next);
    if (editor !== next) editor?.destroy();
    editor = next;
  };
  const mount = (): void => {
    const focused = editor?.isFocused === true;
    const caret = editor?.state.selection.head ?? 0;
    const scrolled = window.scrollY;
    const next = createEditor({
      element: surface,
      provider,
      editable: mayWrite(provider.status),
      placeholder: (editable) => (isLost ? "" : editable ? EMPTY_EDITABLE : EMPTY_READABLE),
      extensions: [
        slashMenu(paper, shownAt("slash", groups).flat()),
        ...features.flatMap((feature) => feature.extensions?.() ?? []),
      ],
      onLink: link.edit,
      onHelp: openHelp,
      onLost: (error) => {
        isLost = true;
        reportError(error);
        options.moved();
      },
    });
    if (isLost) next.setEditable(false, false);
    bind(next);
    window.scrollTo({ top: scrolled, behavior: "instant" });
    if (focused) next.commands.focus(Math.min(caret, next.state.doc.content.size), { scrollIntoView: false });
  };

  return {
    get isOpen() {
      return editor !== null;
    },
    get isLost() {
      return isLost;
    },
    show(status) {
      for (const feature of features) feature.show?.(status);
      if (editor === null) {
        if (status.synced && !isLost) mount();
      } else if (editor.isEditable !== mayWrite(status)) {
        editor.setEditable(mayWrite(status), false);
        bind(editor); // The toolbars look again at what they may do.
      }
    },
    replace() {
      isLost = false;
      if (provider.status.synced) mount();
      else bind(null);
    },
    append(text) {
      if (editor !== null) appendParagraphs(editor, text);
    },
  };
}

/** A click on the empty paper below the text goes on writing there. */
function writeBelowTheText(surface: HTMLElement, paper: HTMLElement, current: () => Editor | null): void {
  paper.addEventListener("mousedown", (event) => {
    const editor = current();
    if (editor === null || !editor.isEditable) return;
    if (event.target !== paper && event.target !== surface && event.target !== editor.view.dom) return;
    const last = editor.view.dom.lastElementChild;
    if (last === null || event.clientY <= last.getBoundingClientRect().bottom) return;
    event.preventDefault();
    writeAtEnd(editor);
  });
}

function appendParagraphs(editor: Editor, text: string): void {
  const paragraphs = text.split("\n").map((line) => ({
    type: "paragraph",
    content: line === "" ? [] : [{ type: "text", text: line }],
  }));
  editor.chain().insertContentAt(editor.state.doc.content.size, paragraphs).focus("end").run();
}
