/** People and documents named in the text. The label is what they were called then; the key finds them today. */

import { mergeAttributes, Node } from "@tiptap/core";
import { text } from "./attribute.ts";

export const Mention = Node.create({
  name: "mention",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes: () => ({ id: text("id", 22), label: text("label", 200) }),
  parseHTML: () => [{ tag: 'span[data-type="mention"]' }],
  renderHTML: ({ node, HTMLAttributes }) => [
    "span",
    mergeAttributes(HTMLAttributes, { "data-type": "mention", class: "mention" }),
    `@${node.attrs.label ?? ""}`,
  ],
  renderText: ({ node }) => `@${node.attrs.label ?? ""}`,
});

const KEY = /^[\w-]{1,64}$/;

export const DocumentLink = Node.create({
  name: "documentLink",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes: () => ({ key: text("key", 64), label: text("label", 200) }),
  parseHTML: () => [{ tag: 'a[data-type="document-link"]' }],
  renderHTML({ node, HTMLAttributes }) {
    const { key, label } = node.attrs as { key: string | null; label: string | null };
    const href = key !== null && KEY.test(key) ? { href: `/d/${key}` } : {};
    return ["a", mergeAttributes(HTMLAttributes, href, { "data-type": "document-link", class: "document-link" }), label ?? ""];
  },
  renderText: ({ node }) => String(node.attrs.label ?? ""),
});
