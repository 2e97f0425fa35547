/** Which attributes of pasted HTML stay: those of our own nodes, and what they mean is read again by the schema. */

import { ALIGNED } from "./parked.ts";

/** What nodes are made of: `data-type` and so on. */
const OURS = "type tone checked color file alt caption width align name size latex id label key".split(" ");

const SIMPLE: ReadonlySet<string> = new Set([
  ALIGNED,
  "data-pm-slice", // ProseMirror's own note about what was copied.
  ...OURS.map((name) => `data-${name}`),
]);

/** Attribute: the elements that it stays on, and what it may be. */
const CHECKED: Readonly<Record<string, readonly [string, RegExp]>> = {
  href: ["a", /./], // Checked as a link already.
  src: ["img", /^data:image\/[\w.+-]+[;,]/i],
  alt: ["img", /./],
  colspan: ["td, th", /^\d{1,3}$/],
  rowspan: ["td, th", /^\d{1,3}$/],
  colwidth: ["td, th", /^\d{1,4}(?:,\d{1,4})*$/],
  start: ["ol", /^\d{1,9}$/],
  class: ["code", /^language-[\w+#-]{1,40}$/],
};

export function keepAttributes(body: HTMLElement): void {
  for (const element of body.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (!mayStay(element, name, value)) element.removeAttribute(name);
    }
  }
}

function mayStay(element: Element, name: string, value: string): boolean {
  if (SIMPLE.has(name)) return true;
  const [selector, pattern] = CHECKED[name] ?? [];
  return selector !== undefined && pattern !== undefined && element.matches(selector) && pattern.test(value);
}
