/** A block that stands out: a note, a tip, a warning. */

import { mergeAttributes, Node } from "@tiptap/core";
import { word } from "./attribute.ts";

export const TONES = ["note", "tip", "warning", "danger"] as const;

export type Tone = (typeof TONES)[number];

declare module "@tiptap/core" {
  interface Commands<ReturnType> {
    callout: { toggleCallout: (tone?: Tone) => ReturnType; setCalloutTone: (tone: Tone) => ReturnType };
  }
}

export const Callout = Node.create({
  name: "callout",
  group: "block",
  content: "block+",
  defining: true,
  addAttributes: () => ({ tone: word("tone", TONES, "note") }),
  parseHTML: () => [{ tag: 'div[data-type="callout"]' }],
  renderHTML: ({ HTMLAttributes }) => [
    "div",
    mergeAttributes(HTMLAttributes, { "data-type": "callout", class: "callout" }),
    0,
  ],
  addCommands() {
    return {
      toggleCallout:
        (tone = "note") =>
        ({ commands }) =>
          commands.toggleWrap(this.name, { tone }),
      setCalloutTone:
        (tone) =>
        ({ commands }) =>
          commands.updateAttributes(this.name, { tone }),
    };
  },
});
