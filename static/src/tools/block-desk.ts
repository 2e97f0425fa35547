/** The handle of blocks and the menu behind it, put together. Loaded when a pointer first moves over the text. */

import type { Editor } from "@tiptap/core";
import { createBlockHandle, type Point } from "./block-handle.ts";
import { createBlockMenu } from "./block-menu.ts";
import { selectedBlocks } from "./blocks.ts";

export interface BlockDesk {
  /** Opens the menu for the block at the caret. */
  open(editor: Editor): void;
  /** The pointer is there already. */
  hover(at: Point): void;
  bind(editor: Editor | null): void;
}

export function createBlockDesk(paper: HTMLElement): BlockDesk {
  let editor: Editor | null = null;
  const menu = createBlockMenu(
    () => handle.span,
    () => handle.mark(false),
  );
  const open = (rect: DOMRect): void => {
    if (editor === null || !editor.isEditable) return;
    menu.open(editor, rect);
    handle.mark(true);
  };
  const handle = createBlockHandle(paper, open, () => menu.isOpen);

  return {
    open(now) {
      const rect = handle.point(selectedBlocks(now.state));
      if (rect !== null) open(rect);
    },
    hover: (at) => handle.hover(at),
    bind(next) {
      editor = next;
      menu.close();
      handle.bind(next);
    },
  };
}
