/** Building DOM without markup in strings: text only ever becomes a text node. */

type Child = Node | string | null;

/** Attributes by name. `style` is missing on purpose: the page's CSP refuses it as an attribute. */
type Attributes = Readonly<Record<string, string | boolean | null>> & { readonly style?: never };

export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/** `true` sets an empty attribute, `false` and null remove it. */
export function setAttribute(element: Element, name: string, value: string | boolean | null): void {
  if (value === null || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : value);
}

/** The element that the template promised; a missing one is a fault of the template, so it is named. */
export function required<T extends HTMLElement>(selector: string, root: ParentNode = document): T {
  const element = root.querySelector<T>(selector);
  if (element === null) throw new Error(`The page has no ${selector}`);
  return element;
}

/** A click that leaves focus, and with it the on-screen keyboard, where it is. */
export function onPress(button: HTMLButtonElement, press: () => void): void {
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", press);
}

export const PHONE = "(max-width: 640px)";
