/** Images and files in the text: adding them by button, paste and drop, and how they are shown. */

import { type Editor, Extension } from "@tiptap/core";
import type { Slice } from "@tiptap/pm/model";
import { NodeSelection, Plugin, PluginKey } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import type { Command } from "../editor/commands.ts";
import { h } from "../editor/dom.ts";
import type { Feature, Stage } from "../page/feature.ts";
import { askBeforeLeaving } from "../page/leave.ts";
import { t } from "../page/words.ts";
import type { Adding } from "./adding.ts";
import { FileView } from "./file-view.ts";
import { ImageView } from "./image-view.ts";
import { filesIn, isOurs, keysIn, marksIn, takeInlineImages } from "./intake.ts";
import type { FileViewOptions, Held, Views } from "./node-view.ts";
import { placesPlugin } from "./places.ts";
import type { Stored } from "./uploads.ts";

const IMAGE = ["toolbar", "slash"] as const;
const FILE = ["slash"] as const;

// Translators: other words that people type to find an image; in lower case, apart by spaces.
const IMAGE_WORDS = `image ${t("picture photo")}`;
// Translators: other words that people type to find a file; in lower case, apart by spaces.
const FILE_WORDS = `file ${t("attachment upload")}`;

const NOT_COPIED = t("An image or file of another document could not be copied here, and not everybody may see it.");

export function files({ config, say }: Stage): Feature {
  let editor: Editor | null = null;
  let adding: Adding | null = null;
  const views: Views = new Set();

  /** What uploads is loaded with the first upload, or when there is time. */
  const loaded = async (): Promise<Adding> => {
    const { createAdding } = await import("./adding.ts");
    adding ??= createAdding({ url: config.filesUrl, mostBytes: config.maxFileBytes, editor: () => editor, say });
    return adding;
  };
  const add = (found: readonly File[], at: number): void => {
    void loaded().then(
      (ready) => ready.add(found, at),
      () => say(t("Nothing was added: there is no connection. Reload the page and try again.")),
    );
  };
  const choose = (accept: string, several: boolean, use: (found: readonly File[]) => void): void => {
    const input = h("input", { type: "file", accept, multiple: several });
    input.addEventListener("change", () => use([...(input.files ?? [])]));
    input.click();
  };
  const replace = (held: Held, accept: string): void =>
    choose(accept, false, ([file]) => {
      if (file === undefined || held.position === null) return;
      const at = held.position;
      const use = ({ key, image, wide, high }: Stored): void => {
        if (image) held.change({ file: key, wide, high });
      };
      void loaded().then((ready) => ready.exchange(file, at, use));
    });

  const insert = (command: Omit<Command, "run" | "enabled">, accept: string): Command => ({
    ...command,
    run: (current) => choose(accept, true, (found) => add(found, current.state.selection.from)),
    enabled: (current) => current.isEditable,
  });

  askBeforeLeaving(() => adding?.busy === true);
  takeDropsBeside(() => editor, add);

  return {
    commands: [
      [
        insert({ name: "image", label: t("Image"), icon: "image", keywords: IMAGE_WORDS, shown: IMAGE }, "image/*"),
        insert({ name: "file", label: t("File"), icon: "paperclip", keywords: FILE_WORDS, shown: FILE }, ""),
      ],
    ],
    extensions: () => {
      const elementOf = (id: string): HTMLElement | null => adding?.elementOf(id) ?? null;
      return [filesExtension({ views, replace, add, config, say, elementOf })];
    },
    bind(next) {
      editor = next;
      for (const view of views) view.show();
      if (next?.isEditable === true) adding?.resume();
      if (next?.isEditable === true) whenIdle(() => void loaded().catch(() => undefined));
    },
  };
}

interface ExtensionOptions extends FileViewOptions {
  readonly add: (found: readonly File[], at: number) => void;
  readonly config: Stage["config"];
  readonly say: Stage["say"];
  readonly elementOf: (id: string) => HTMLElement | null;
}

function filesExtension(options: ExtensionOptions) {
  const { add, elementOf } = options;
  return Extension.create({
    name: "files",
    // Before whatever else looks at a paste: nobody else can do anything with files.
    priority: 2_000,
    addProseMirrorPlugins() {
      const { editor } = this;
      let inline: File[] = [];
      const take = (view: EditorView, slice: Slice, at: number | null): boolean => {
        const images = inline;
        inline = [];
        adopt(editor, slice, options);
        return images.length > 0 && pasteMarked(view, slice, images, at, add);
      };
      return [
        placesPlugin(elementOf),
        new Plugin({
          key: new PluginKey("files"),
          props: {
            nodeViews: {
              image: (node, _view, position) => new ImageView(editor, node, position, options),
              file: (node, _view, position) => new FileView(editor, node, position, options),
            },
            transformPastedHTML(html) {
              const taken = takeInlineImages(html);
              inline = taken.images;
              return taken.html;
            },
            handlePaste(view, event, slice) {
              if (!editor.isEditable) return false;
              const found = filesIn(event.clipboardData);
              if (found.length === 0) return take(view, slice, null);
              add(found, view.state.selection.from);
              return true;
            },
            handleDrop(view, event, slice, moved) {
              if (!editor.isEditable || moved) return false;
              const under = view.posAtCoords({ left: event.clientX, top: event.clientY });
              const at = under?.pos ?? view.state.selection.from;
              const found = isOurs(event.dataTransfer) ? [] : [...(event.dataTransfer?.files ?? [])];
              if (found.length === 0) return take(view, slice, at);
              add(found, at);
              return true;
            },
            handleKeyDown(view, event) {
              const { selection } = view.state;
              if (event.key !== "Tab" || event.shiftKey || !(selection instanceof NodeSelection)) return false;
              const shown = [...options.views].find((one) => "dom" in one && one.dom === view.nodeDOM(selection.from));
              if (!(shown instanceof ImageView || shown instanceof FileView)) return false;
              void shown.enter();
              return true;
            },
          },
        }),
      ];
    },
  });
}

/** Pastes text in which marks stand for pictures, without the marks, and uploads the pictures to where they stood. */
function pasteMarked(
  view: EditorView,
  slice: Slice,
  images: readonly File[],
  at: number | null,
  add: ExtensionOptions["add"],
): boolean {
  const transaction = view.state.tr;
  const from = at ?? view.state.selection.from;
  if (at === null) transaction.replaceSelection(slice);
  else transaction.replaceRange(at, at, slice);
  const end = transaction.mapping.map(from, 1);
  const { doc } = transaction;
  const found = marksIn(doc, Math.max(0, Math.min(from, end) - 2), Math.min(end, doc.content.size));
  for (const [position, length] of found) transaction.delete(position, position + length);
  view.dispatch(transaction.scrollIntoView().setMeta("paste", true).setMeta("uiEvent", at === null ? "paste" : "drop"));
  // From the last to the first: each is placed while those before it have not moved anything.
  let removed = found.reduce((sum, [, length]) => sum + length, 0);
  for (const [position, length, number] of found) {
    removed -= length;
    const image = images[number];
    if (image !== undefined) add([image], position - removed);
  }
  return true;
}

/** Gives this document copies of the files that a pasted part of another document shows. */
function adopt(editor: Editor, slice: Slice, { config, say }: ExtensionOptions): void {
  const keys = keysIn(slice);
  editor.state.doc.descendants((node) => void keys.delete(node.attrs.file as string));
  if (keys.size === 0) return;
  void import("./send.ts").then(async ({ copyHere }) => {
    for (const key of keys) {
      const answer = await copyHere(config.filesUrl, key);
      if (answer.kind === "failed") say(NOT_COPIED);
      else if (!editor.isDestroyed && editor.isEditable) rename(editor, key, answer.file.key);
    }
  });
}

function rename(editor: Editor, from: string, to: string): void {
  if (from === to) return;
  const transaction = editor.state.tr;
  editor.state.doc.descendants((node, position) => {
    if (node.attrs.file === from) transaction.setNodeAttribute(position, "file", to);
  });
  if (transaction.docChanged) editor.view.dispatch(transaction);
}

/** A file dropped beside the text would be opened instead of the page. It goes to the end of the text. */
function takeDropsBeside(current: () => Editor | null, add: ExtensionOptions["add"]): void {
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true;
  window.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  window.addEventListener("drop", (event) => {
    if (event.defaultPrevented || !carriesFiles(event)) return;
    event.preventDefault();
    const editor = current();
    const found = [...(event.dataTransfer?.files ?? [])];
    if (editor?.isEditable === true && !isOurs(event.dataTransfer)) add(found, editor.state.doc.content.size);
  });
}

function whenIdle(act: () => void): void {
  if ("requestIdleCallback" in window) window.requestIdleCallback(act);
  else globalThis.setTimeout(act, 1_000);
}
