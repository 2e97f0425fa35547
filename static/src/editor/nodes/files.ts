/**
 * Images and attached files. A document holds the key of a file and never an address: a file is shown from this server,
 * to whoever may read the document, and nothing can make a reader's browser ask another server.
 */

import { mergeAttributes, Node } from "@tiptap/core";
import { number, text, word } from "./attribute.ts";

const KEY = /^[\w-]{22}$/;

/** Where the file with that key is; null when it is no key. */
export function fileUrl(key: unknown): string | null {
  return typeof key === "string" && KEY.test(key) ? `/f/${key}` : null;
}

export const ALIGNMENTS = ["left", "center", "right"] as const;

/** What a browser draws at most, on one side. */
const MOST_PIXELS = 65_535;

/** The sides of a picture, in pixels, as its node says; null when it does not, or nonsense. */
export function sidesOf({ wide, high }: Record<string, unknown>): { readonly wide: number; readonly high: number } | null {
  return isSide(wide) && isSide(high) ? { wide, high } : null;
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_PIXELS;
}

export const Image = Node.create({
  name: "image",
  group: "block",
  atom: true,
  draggable: true,
  addAttributes: () => ({
    file: text("file", 22),
    alt: text("alt", 1_000),
    caption: text("caption", 1_000),
    /** Of the paper, in percent. */
    width: number("width", 10, 100),
    /** Of the picture itself, in pixels: its place is kept while it loads. */
    wide: number("wide", 1, MOST_PIXELS),
    high: number("high", 1, MOST_PIXELS),
    align: word("align", ALIGNMENTS),
  }),
  parseHTML: () => [{ tag: 'figure[data-type="image"]' }],
  renderHTML({ node, HTMLAttributes }) {
    const { file, alt, caption } = node.attrs as { file: unknown; alt: string | null; caption: string | null };
    const source = fileUrl(file);
    const picture = source === null ? ["span", {}, alt ?? ""] : ["img", { src: source, alt: alt ?? "" }];
    const below = caption === null ? [] : [["figcaption", {}, caption]];
    return ["figure", mergeAttributes(HTMLAttributes, { "data-type": "image" }), picture, ...below];
  },
  renderText: ({ node }) => String(node.attrs.alt ?? node.attrs.caption ?? ""),
});

export const FileNode = Node.create({
  name: "file",
  group: "block",
  atom: true,
  draggable: true,
  addAttributes: () => ({ file: text("file", 22), name: text("name", 255), size: number("size", 0, 2 ** 40) }),
  parseHTML: () => [{ tag: 'p[data-type="file"]' }],
  renderHTML({ node, HTMLAttributes }) {
    const { file, name } = node.attrs as { file: unknown; name: string | null };
    const address = fileUrl(file);
    const link = address === null ? ["span", {}, name ?? ""] : ["a", { href: address, download: name ?? "" }, name ?? ""];
    return ["p", mergeAttributes(HTMLAttributes, { "data-type": "file" }), link];
  },
  renderText: ({ node }) => String(node.attrs.name ?? ""),
});
