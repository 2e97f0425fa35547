/** Lists as other programs write them: by their level, as paragraphs, or with boxes to tick. */

import { rename } from "./parked.ts";

export interface Item {
  /** From 1. */
  readonly level: number;
  readonly isOrdered: boolean;
  readonly start: number;
  /** Items of another list with the same level begin a new one. */
  readonly list: string;
  readonly content: readonly Node[];
}

/** Puts `items`, of which each only knows its level, as lists within lists before `place`. */
export function buildLists(items: readonly Item[], place: Element): void {
  const open: { level: number; list: HTMLElement; of: string }[] = [];
  for (const item of items) {
    while ((open.at(-1)?.level ?? 0) > item.level) open.pop();
    const same = open.at(-1);
    const isSame = same?.level === item.level && same.of === item.list && same.list.matches("ol") === item.isOrdered;
    if (!isSame) {
      if (same?.level === item.level) open.pop();
      const list = place.ownerDocument.createElement(item.isOrdered ? "ol" : "ul");
      if (item.isOrdered && item.start > 1) list.setAttribute("start", String(item.start));
      const parent = open.at(-1)?.list.lastElementChild ?? null;
      if (parent === null) place.before(list);
      else parent.append(list);
      open.push({ level: item.level, list, of: item.list });
    }
    const li = place.ownerDocument.createElement("li");
    li.append(...item.content);
    open.at(-1)?.list.append(li);
  }
}

/** Word in a browser gives each item a list of its own and says how deep it is. */
export function mergeLeveledLists(body: HTMLElement): void {
  for (const run of runsOf(body.querySelectorAll(".ListContainerWrapper"))) {
    const items = run.flatMap((wrapper) => [...wrapper.querySelectorAll("li")]).map((li): Item => ({
      level: Number(li.getAttribute("data-aria-level") ?? li.getAttribute("aria-level") ?? 1),
      isOrdered: li.parentElement?.matches("ol") === true,
      start: Number(li.parentElement?.getAttribute("start") ?? 1),
      list: li.getAttribute("data-listid") ?? "",
      content: [...li.childNodes],
    }));
    const [first] = run;
    if (first !== undefined) buildLists(items, first);
    for (const wrapper of run) wrapper.remove();
  }
}

/** Elements in the order of the text, those together that follow each other right away. */
export function runsOf(elements: Iterable<Element>): Element[][] {
  const runs: Element[][] = [];
  let last: Element | null = null;
  for (const element of elements) {
    if (last !== null && last.nextElementSibling === element) runs.at(-1)?.push(element);
    else runs.push([element]);
    last = element;
  }
  return runs;
}

/** A list right in a list, as Google Docs writes it, belongs to the item before. */
export function nestLists(body: HTMLElement): void {
  for (const list of body.querySelectorAll(":is(ul, ol) > :is(ul, ol)")) {
    const before = list.previousElementSibling;
    if (before?.matches("li") === true) before.append(list);
  }
}

/** Notion gives each item a list of its own. */
export function joinLists(body: HTMLElement): void {
  for (const name of [".to-do-list", ".bulleted-list", ".numbered-list"]) {
    for (const list of body.querySelectorAll(`${name} + ${name}`)) {
      list.previousElementSibling?.append(...list.childNodes);
      list.remove();
    }
  }
}

/** The signs that stand for boxes in text, by whether they are ticked. */
const BOX = /^\s*(?:\[([ xX])\]|([☐☑☒✅]))\s+/u;

/** Lists whose items have boxes become task lists. */
export function findTasks(body: HTMLElement): void {
  // The inner ones first: their boxes must not be taken for the outer item's.
  for (const list of [...body.querySelectorAll("ul, ol")].reverse()) {
    if (list.hasAttribute("data-type")) continue;
    const items = [...list.children].filter((child) => child.matches("li"));
    const boxes = items.map(takeBox);
    if (boxes.length === 0 || boxes.every((box) => box === null)) continue;
    const tasks = list.matches("ul") ? list : rename(list, "ul");
    tasks.setAttribute("data-type", "taskList");
    items.forEach((item, index) => {
      item.setAttribute("data-type", "taskItem");
      item.setAttribute("data-checked", String(boxes[index] ?? false));
      const content = item.ownerDocument.createElement("div");
      content.append(...item.childNodes);
      item.append(content);
    });
  }
}

/** Takes the box out of an item. Returns whether it is ticked, or null without one. */
function takeBox(item: Element): boolean | null {
  if (item.getAttribute("role") === "checkbox") {
    for (const picture of item.querySelectorAll("img")) picture.remove(); // Google Docs draws the box.
    return item.getAttribute("aria-checked") === "true";
  }
  const box = item.querySelector(":scope > :is(input, .checkbox), :scope > :is(p, label, div) > :is(input, .checkbox)");
  if (box !== null) {
    const isTicked = box.matches(".checkbox") ? box.matches(".checkbox-on") : box.hasAttribute("checked");
    box.remove();
    return isTicked;
  }
  const text = firstText(item);
  const match = BOX.exec(text?.data ?? "");
  if (text === null || match === null) return null;
  text.data = text.data.slice(match[0].length);
  return match[1] === undefined ? match[2] !== "☐" : match[1] !== " ";
}

function firstText(item: Element): Text | null {
  const walker = item.ownerDocument.createTreeWalker(item, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.textContent?.trim() !== "") return node as Text;
  }
  return null;
}
