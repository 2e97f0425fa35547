/**
 * Style attributes of pasted HTML. The page's CSP makes the browser drop them, and report it, while it parses: so they
 * are set aside under another name first, and what of them a document knows becomes elements.
 */

const STYLE_ELEMENTS = /<style\b[^>]*>[\s\S]*?<\/style\s*>/gi;
const TAGS = /<[a-z][^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>/gi;
const STYLE_ATTRIBUTE = /([\s"'/])style(\s*=)/gi;
const HANDLERS = /[\s"'/]on[a-z]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi;

/** Where a style attribute waits while the text is parsed. */
export const PARKED = "data-pasted-style";

/** Where the alignment of a block waits for the editor's own parser. */
export const ALIGNED = "data-pasted-align";

/** What acts on a document as soon as it is parsed. */
const ABOUT_THE_PAGE = /^<(?:base|meta|link)\b/i;

/** The same HTML with styles set aside and handlers gone, so that parsing it violates nothing. */
export function parkStyles(html: string): string {
  return html.replace(STYLE_ELEMENTS, "").replace(TAGS, (tag) => {
    if (ABOUT_THE_PAGE.test(tag)) return "";
    return tag.replace(STYLE_ATTRIBUTE, `$1${PARKED}$2`).replace(HANDLERS, "");
  });
}

/** The style as it was written, with what browsers do not know, such as Word's. */
export function rawStyle(element: Element): string {
  return element.getAttribute(PARKED) ?? "";
}

/** The style as a browser reads it. CSSOM is not restricted; only the attribute in the text is. */
export function styleOf(element: Element): CSSStyleDeclaration {
  const { style } = document.createElement("span");
  style.cssText = rawStyle(element);
  return style;
}

export function isHidden(element: Element): boolean {
  return /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)/i.test(rawStyle(element));
}

const BLOCKS = "p, div, ul, ol, table, blockquote, pre, h1, h2, h3, h4, h5, h6, li, hr";

/** Elements for what the parked styles meant. Headings are bold, and links underlined, by themselves. */
export function applyStyles(body: HTMLElement): void {
  for (const element of body.querySelectorAll<HTMLElement>(`[${PARKED}]`)) applyStyle(element);
  for (const element of body.querySelectorAll(":is(h1, h2, h3, h4, h5, h6, th) :is(b, strong)")) unwrap(element);
}

function applyStyle(element: HTMLElement): void {
  const style = styleOf(element);
  const weight = style.fontWeight;
  align(element, style.textAlign);
  // Google Docs wraps everything that it copies in `<b style="font-weight:normal">`.
  if (element.matches("b, strong") && /^(normal|[1-4]00)$/.test(weight)) return unwrap(element);
  if (element.matches("i, em") && style.fontStyle === "normal") return unwrap(element);
  if (!element.matches("span, a, p, td, th, li, div, font")) return;
  if (weight === "bold" || Number(weight) >= 600) wrapContent(element, "strong");
  if (style.fontStyle === "italic") wrapContent(element, "em");
  const line = style.textDecorationLine || style.textDecoration;
  if (line.includes("underline") && element.closest("a") === null) wrapContent(element, "u");
  if (line.includes("line-through")) wrapContent(element, "s");
  if (style.verticalAlign === "super" && element.matches("span")) wrapContent(element, "sup");
  if (style.verticalAlign === "sub" && element.matches("span")) wrapContent(element, "sub");
}

function align(element: HTMLElement, side: string): void {
  const isOwn = element.closest("[data-pm-slice]") !== null || element.matches("[data-pm-slice] ~ *");
  // Reports are set justified by habit, and left is how text is.
  const sides = isOwn ? ["left", "center", "right", "justify"] : ["center", "right"];
  if (element.matches("p, h1, h2, h3, h4, h5, h6") && sides.includes(side)) element.setAttribute(ALIGNED, side);
}

function wrapContent(element: HTMLElement, tag: "strong" | "em" | "u" | "s" | "sup" | "sub"): void {
  // A mark cannot go around blocks: ProseMirror would cut them apart.
  if (element.querySelector(BLOCKS) !== null) return;
  const wrapper = element.ownerDocument.createElement(tag);
  wrapper.append(...element.childNodes);
  element.append(wrapper);
}

export function unwrap(element: Element): void {
  element.replaceWith(...element.childNodes);
}

/** Another element with the same content. */
export function rename(element: Element, tag: string): HTMLElement {
  const renamed = element.ownerDocument.createElement(tag);
  for (const { name, value } of element.attributes) renamed.setAttribute(name, value);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
  return renamed;
}
