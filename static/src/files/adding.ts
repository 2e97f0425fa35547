/** Files that are being added: their uploads, what is shown of them, and the nodes that they become. */

import type { Editor } from "@tiptap/core";
import type { Node as PmNode } from "@tiptap/pm/model";
import { t } from "../page/words.ts";
import { createPlaceholder, type Placeholder } from "./placeholder.ts";
import { addPlaces, fillPlace, removePlace } from "./places.ts";
import { sendTo } from "./send.ts";
import { createUploads, type Stored, type Upload, type Uploads } from "./uploads.ts";

export interface AddingOptions {
  readonly url: string;
  readonly mostBytes: number;
  /** The editor of the moment: a document that is replaced gets a new one. */
  readonly editor: () => Editor | null;
  readonly say: (words: string) => void;
}

export interface Adding {
  /** Adds `files` to the text at `at`, in their order. */
  add(files: readonly File[], at: number): void;
  /** Sends `file`, with its progress shown at `at`, and hands over what became of it. */
  exchange(file: File, at: number, use: (file: Stored) => void): void;
  elementOf(id: string): HTMLElement | null;
  /** There is an editor to write into, perhaps again. */
  resume(): void;
  readonly busy: boolean;
}

interface Waiting {
  readonly shown: Placeholder;
  /** Those that were added together, in their order. */
  readonly batch: readonly string[];
  readonly use: ((file: Stored) => void) | null;
  stored: Stored | null;
  failed: boolean;
}

export function createAdding({ url, mostBytes, editor, say }: AddingOptions): Adding {
  const waiting = new Map<string, Waiting>();

  const changed = (upload: Upload): void => {
    const one = waiting.get(upload.id);
    if (one === undefined) return;
    const { state, file } = upload;
    if (state.kind === "stored") {
      one.stored = state.file;
      settle(one.batch);
    } else if (state.kind === "cancelled") {
      waiting.delete(upload.id);
      const view = editor()?.view;
      if (view !== undefined) removePlace(view, upload.id);
      settle(one.batch);
    } else {
      one.failed = state.kind === "failed";
      one.shown.show(upload);
      if (one.failed) settle(one.batch);
      if (state.kind === "failed") say(notAdded(file.name, state.words));
    }
  };
  const uploads: Uploads = createUploads(sendTo(url), mostBytes, changed);

  /** Puts what is there into the text, unless one before it is still on its way. */
  const settle = (batch: readonly string[]): void => {
    for (const [index, id] of batch.entries()) {
      const one = waiting.get(id);
      if (one === undefined) continue;
      if (one.stored === null) {
        // One that failed may wait for long, and holds up nobody.
        if (one.failed) continue;
        return;
      }
      const current = editor();
      if (current === null || !current.isEditable) return; // Kept until there is an editor again.
      waiting.delete(id);
      if (one.use !== null) {
        removePlace(current.view, id);
        one.use(one.stored);
      } else {
        const node = nodeOf(current, one.stored);
        if (node !== null) fillPlace(current.view, id, node, batch.slice(index + 1));
      }
      say(t("{name} is added.", { name: one.stored.name }));
    }
  };

  const begin = (files: readonly File[], at: number, use: Waiting["use"]): void => {
    const current = editor();
    if (current === null || files.length === 0) return;
    const added = files.map((file) => uploads.add(file));
    const batch = added.map(({ id }) => id);
    for (const upload of added) {
      const { id } = upload;
      const shown = createPlaceholder(upload, { cancel: () => uploads.cancel(id), again: () => uploads.again(id) });
      waiting.set(id, { shown, batch, use, stored: null, failed: upload.state.kind === "failed" });
      shown.show(upload);
      if (upload.state.kind === "failed") say(notAdded(upload.file.name, upload.state.words));
    }
    current.view.dispatch(addPlaces(current.state.tr, batch, at));
  };

  return {
    add: (files, at) => begin(files, at, null),
    exchange: (file, at, use) => begin([file], at, use),
    resume() {
      for (const { batch } of [...waiting.values()]) settle(batch);
    },
    elementOf: (id) => waiting.get(id)?.shown.element ?? null,
    get busy() {
      return uploads.busy || [...waiting.values()].some(({ stored }) => stored !== null);
    },
  };
}

function notAdded(name: string, why: string): string {
  return `${t("{name} was not added.", { name })} ${why}`;
}

function nodeOf({ schema }: Editor, { image, key, name, size, wide, high }: Stored): PmNode | null {
  if (image) return schema.nodes.image?.create({ file: key, wide, high }) ?? null;
  return schema.nodes.file?.create({ file: key, name, size }) ?? null;
}
