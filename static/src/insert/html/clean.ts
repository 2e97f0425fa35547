/** Pasted HTML, made fit for our schema and for a page with a strict CSP. */

import { keepAttributes } from "./attributes.ts";
import {
  fixCallouts,
  fixCode,
  fixDetails,
  fixLinks,
  fixMath,
  fixPictures,
  fixRest,
  fixTables,
} from "./blocks.ts";
import { findTasks, joinLists, mergeLeveledLists, nestLists } from "./lists.ts";
import { applyStyles, isHidden, PARKED, parkStyles } from "./parked.ts";
import { fixWord, isWord } from "./word.ts";

/** Nothing of these can be part of a document. */
const DROPPED = [
  "script, noscript, style, template, link, meta, base, title",
  "svg, iframe, object, embed, video, audio, button, select, textarea",
].join();

const UNSEEN = '[hidden], [aria-hidden="true"]';

export function cleanPastedHtml(html: string): string {
  const { body } = new DOMParser().parseFromString(parkStyles(html), "text/html");
  removeComments(body);
  fixMath(body);
  for (const element of body.querySelectorAll(DROPPED)) element.remove();
  // What was copied here needs no translation.
  if (body.querySelector("[data-pm-slice]") === null) translate(body);
  for (const box of body.querySelectorAll("input, form")) box.replaceWith(...box.childNodes);
  applyStyles(body);
  fixPictures(body);
  fixLinks(body);
  fixCode(body);
  keepAttributes(body);
  return body.innerHTML;
}

function translate(body: HTMLElement): void {
  for (const element of body.querySelectorAll(`[${PARKED}], ${UNSEEN}`)) {
    if (element.matches(UNSEEN) || isHidden(element)) element.remove();
  }
  if (isWord(body)) fixWord(body);
  mergeLeveledLists(body);
  joinLists(body);
  nestLists(body);
  findTasks(body);
  fixCallouts(body);
  fixDetails(body);
  fixTables(body);
  fixRest(body);
}

function removeComments(body: HTMLElement): void {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const comments: Node[] = [];
  while (walker.nextNode() !== null) comments.push(walker.currentNode);
  for (const comment of comments) comment.parentNode?.removeChild(comment);
}
