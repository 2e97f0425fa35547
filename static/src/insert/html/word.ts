/** What Word puts on the clipboard: lists that are paragraphs, styles as class names, and tags of Office's own. */

import { buildLists, type Item, runsOf } from "./lists.ts";
import { rawStyle, rename, unwrap } from "./parked.ts";

const LIST = /mso-list:\s*l(\d+)\s+level(\d)/i;
const IGNORED = /mso-list:\s*ignore/i;
/** "1.", "a)", "(iv)". The letter o, Word's second bullet, has no such sign behind it. */
const NUMBERED = /^\(?(\d+|[a-z]{1,4})[.)]/i;

const STYLES: readonly (readonly [string, string])[] = [
  [".MsoTitle", "h1"],
  [".MsoSubtitle", "h2"],
  [".MsoQuote, .MsoIntenseQuote", "blockquote"],
];

export function isWord(body: HTMLElement): boolean {
  return body.querySelector('[class^="Mso"], o\\:p, [data-pasted-style*="mso-"]') !== null;
}

export function fixWord(body: HTMLElement): void {
  // Comments of reviewers stand at the end, and their numbers in the text.
  for (const element of body.querySelectorAll('[data-pasted-style*="mso-element:comment"], .MsoCommentReference')) {
    element.remove();
  }
  listsFromParagraphs(body);
  for (const element of body.querySelectorAll("[data-pasted-style]")) {
    if (IGNORED.test(rawStyle(element))) element.remove();
    else if (/mso-tab-count/i.test(rawStyle(element))) element.replaceWith(" ");
    else if (/page-break-before:\s*always/i.test(rawStyle(element)) && element.matches("br")) element.remove();
  }
  for (const [selector, tag] of STYLES) for (const element of body.querySelectorAll(selector)) rename(element, tag);
  for (const element of [...body.querySelectorAll("*")].reverse()) if (element.localName.includes(":")) unwrap(element);
  // Word makes room with empty paragraphs.
  for (const paragraph of body.querySelectorAll("p")) {
    const isEmpty = paragraph.textContent?.trim() === "" && paragraph.querySelector("img, br") === null;
    if (isEmpty) removeUnlessAlone(paragraph);
  }
}

/** A cell or an item keeps the one paragraph that it has, without the space that Word puts there. */
function removeUnlessAlone(paragraph: Element): void {
  const { parentElement } = paragraph;
  if (parentElement?.matches("td, th, li") === true && parentElement.children.length === 1) paragraph.replaceChildren();
  else paragraph.remove();
}

function listsFromParagraphs(body: HTMLElement): void {
  const listed = [...body.querySelectorAll("p")].filter((paragraph) => LIST.test(rawStyle(paragraph)));
  for (const run of runsOf(listed)) {
    const [first] = run;
    if (first !== undefined) buildLists(run.map(itemOf), first);
    for (const paragraph of run) paragraph.remove();
  }
}

function itemOf(paragraph: Element): Item {
  const [, list = "", level = "1"] = LIST.exec(rawStyle(paragraph)) ?? [];
  const ignored = [...paragraph.querySelectorAll("span")].filter((span) => IGNORED.test(rawStyle(span)));
  const marker = NUMBERED.exec(ignored[0]?.textContent?.trim() ?? "");
  for (const span of ignored) span.remove();
  const text = paragraph.ownerDocument.createElement("p");
  text.append(...paragraph.childNodes);
  const start = Number(marker?.[1] ?? 1) || 1; // A letter is no number.
  return { level: Number(level), isOrdered: marker !== null, start, list, content: [text] };
}
