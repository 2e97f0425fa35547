/** What is dropped and pasted: files, pictures inside pasted HTML, and nodes that show a file. */

import { type Node as PmNode, type Slice } from "@tiptap/pm/model";
import { t } from "../page/words.ts";

/** Images in HTML as ProseMirror gets it, written by the browser: values in double quotes, which may hold a `>`. */
const IMAGE = /<img\b(?:[^>"]|"[^"]*")*>/gi;
const ATTRIBUTE = /\s([\w-]+)="([^"]*)"/g;
const DATA_URL = /^data:(image\/[\w.+-]{1,40});base64,([\w+/=\s]+)$/;

/** Where a pasted picture stands in the text until it has a place: nobody types these characters. */
const MARK = /\uE0F1(\d{1,3})\uE0F2/g;

/** More pictures in one paste than this are left out: nobody waits for them. */
const MOST_INLINE = 100;

/** Files, when they are what was copied. Word and Excel add a picture of the text, which nobody wants instead of it. */
export function filesIn(data: DataTransfer | null): File[] {
  if (data === null || data.files.length === 0) return [];
  const isText = data.types.includes("text/html") && data.types.includes("text/plain");
  return isText ? [] : [...data.files];
}

/** Whether what is dragged is a part of some editor's text, and no file. */
export function isOurs(data: DataTransfer | null): boolean {
  return data?.getData("text/html").includes("data-pm-slice") === true;
}

/** Takes the pictures that are written into `html` out of it, and leaves marks. */
export function takeInlineImages(html: string): { html: string; images: File[] } {
  const images: File[] = [];
  const marked = html.replace(IMAGE, (tag) => {
    const source = [...tag.matchAll(ATTRIBUTE)].find(([, name]) => name?.toLowerCase() === "src")?.[2] ?? "";
    if (!/^data:image\//i.test(source)) return tag;
    const image = images.length < MOST_INLINE ? fileOf(source.replaceAll("&amp;", "&")) : null;
    if (image === null) return "";
    images.push(image);
    return `\uE0F1${images.length - 1}\uE0F2`;
  });
  return { html: marked, images };
}

/** A file of what a data: address holds; null when that is no image in base64. */
export function fileOf(address: string): File | null {
  const parts = DATA_URL.exec(address);
  if (parts === null) return null;
  const [, type = "", data = ""] = parts;
  let bytes: string;
  try {
    bytes = atob(data);
  } catch {
    return null;
  }
  const name = `${t("Pasted image")}.${type.split("/")[1]?.replace(/\W.*$/, "") ?? "png"}`;
  return new File([Uint8Array.from(bytes, (character) => character.charCodeAt(0))], name, { type });
}

/** The marks in `doc` from `from` on: [position, length, number of the image], the last first. */
export function marksIn(doc: PmNode, from: number, to: number): [number, number, number][] {
  const found: [number, number, number][] = [];
  doc.nodesBetween(from, to, (node, position) => {
    for (const mark of node.text?.matchAll(MARK) ?? []) {
      found.push([position + mark.index, mark[0].length, Number(mark[1])]);
    }
  });
  return found.reverse();
}

/** The keys of files that nodes of `slice` show. */
export function keysIn(slice: Slice): Set<string> {
  const keys = new Set<string>();
  slice.content.descendants((node) => {
    const { file } = node.attrs as { file?: unknown };
    if (typeof file === "string") keys.add(file);
  });
  return keys;
}
