/**
 * Pasted HTML, made fit for a page whose CSP refuses style attributes.
 *
 * Word processors write bold as `style="font-weight:700"`. The browser drops such an attribute while it parses (and
 * reports a violation), so the bold would be lost. Here the styles that a document knows become elements first.
 */

const STYLE_ELEMENTS = /<style\b[^>]*>[\s\S]*?<\/style\s*>/gi;
const TAGS = /<[a-z][^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>/gi;
const STYLE_ATTRIBUTE = /([\s"'/])style(\s*=)/gi;
const HANDLERS = /[\s"'/]on[a-z]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi;

/** Where a style attribute waits while the text is parsed. */
const WAITING = "data-pasted-style";

/** Nothing of these can be part of a document. */
const DROPPED =
  "script, style, img, svg, iframe, object, embed, video, audio, link, meta, base, form, input:not([type=checkbox])";

/** For ProseMirror's `transformPastedHTML`. */
export function cleanPastedHtml(html: string): string {
  const parsed = new DOMParser().parseFromString(parkStyles(html), "text/html");
  for (const element of parsed.querySelectorAll(DROPPED)) element.remove();
  for (const element of parsed.querySelectorAll<HTMLElement>(`[${WAITING}]`)) applyStyle(element);
  return parsed.body.innerHTML;
}

/** The same HTML with styles set aside and handlers gone, so that parsing it violates nothing. */
export function parkStyles(html: string): string {
  return html
    .replace(STYLE_ELEMENTS, "")
    .replace(TAGS, (tag) => tag.replace(STYLE_ATTRIBUTE, `$1${WAITING}$2`).replace(HANDLERS, ""));
}

/** Elements for what the parked style meant. */
function applyStyle(element: HTMLElement): void {
  // CSSOM is not restricted; only the attribute in the text is.
  const { style } = document.createElement("span");
  style.cssText = element.getAttribute(WAITING) ?? "";
  element.removeAttribute(WAITING);
  const weight = style.fontWeight;
  // Google Docs wraps everything that it copies in `<b style="font-weight:normal">`.
  if (element.matches("b, strong") && (weight === "normal" || weight === "400")) {
    element.replaceWith(...element.childNodes);
    return;
  }
  if (!element.matches("span, a, p, td, th, li, div")) return;
  if (weight === "bold" || Number(weight) >= 600) wrapContent(element, "strong");
  if (style.fontStyle === "italic") wrapContent(element, "em");
  const line = style.textDecorationLine || style.textDecoration;
  if (line.includes("underline") && !element.matches("a")) wrapContent(element, "u");
  if (line.includes("line-through")) wrapContent(element, "s");
}

function wrapContent(element: HTMLElement, tag: "strong" | "em" | "u" | "s"): void {
  // A mark cannot go around blocks: ProseMirror would cut them apart.
  if (element.querySelector("p, div, ul, ol, table, blockquote, pre, h1, h2, h3, h4, h5, h6, li") !== null) return;
  const wrapper = element.ownerDocument.createElement(tag);
  wrapper.append(...element.childNodes);
  element.append(wrapper);
}
