/** Colours of text and of what is behind it: names, which each theme draws in its own way, and never CSS. */

import { Mark } from "@tiptap/core";
import { word } from "./attribute.ts";

export const COLORS = ["grey", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"] as const;

export type Color = (typeof COLORS)[number];

declare module "@tiptap/core" {
  interface Commands<ReturnType> {
    colors: {
      setHighlight: (color: Color) => ReturnType;
      unsetHighlight: () => ReturnType;
      setTextColor: (color: Color) => ReturnType;
      unsetTextColor: () => ReturnType;
    };
  }
}

export const Highlight = Mark.create({
  name: "highlight",
  addAttributes: () => ({ color: word("color", COLORS, "yellow") }),
  parseHTML: () => [{ tag: "mark" }],
  renderHTML: ({ HTMLAttributes }) => ["mark", HTMLAttributes, 0],
  addCommands() {
    return {
      setHighlight:
        (color) =>
        ({ commands }) =>
          commands.setMark(this.name, { color }),
      unsetHighlight:
        () =>
        ({ commands }) =>
          commands.unsetMark(this.name),
    };
  },
});

export const TextColor = Mark.create({
  name: "textColor",
  addAttributes: () => ({ color: word("color", COLORS) }),
  parseHTML: () => [{ tag: 'span[data-type="text-color"]' }],
  renderHTML: ({ HTMLAttributes }) => ["span", { ...HTMLAttributes, "data-type": "text-color" }, 0],
  addCommands() {
    return {
      setTextColor:
        (color) =>
        ({ commands }) =>
          commands.setMark(this.name, { color }),
      unsetTextColor:
        () =>
        ({ commands }) =>
          commands.unsetMark(this.name),
    };
  },
});
