/** Blocks of the web in the terms of our schema: code, formulas, notes, details, tables, links and pictures. */

import { safeHref } from "../../editor/links.ts";
import { rename, unwrap } from "./parked.ts";

/** What links are sent through, and the parameter with the true address. */
const REDIRECTS: readonly (readonly [RegExp, string])[] = [
  [/^https?:\/\/www\.google\.[a-z.]+\/url\?/, "q"],
  [/^https:\/\/[\w.-]+\.safelinks\.protection\.outlook\.com\/\?/, "url"],
];

export function fixLinks(body: HTMLElement): void {
  for (const link of body.querySelectorAll("a:not([data-type])")) {
    const href = direct(link.getAttribute("href") ?? "");
    if (href === null) unwrap(link);
    else link.setAttribute("href", href);
  }
}

/** The address behind those that only count clicks; null when it is none that we link. */
function direct(href: string): string | null {
  const safe = safeHref(href);
  if (safe === null) return null;
  for (const [pattern, name] of REDIRECTS) {
    if (pattern.test(safe)) return safeHref(new URL(safe).searchParams.get(name)) ?? safe;
  }
  return safe;
}

/**
 * Pictures. What is in the HTML itself stays, for whoever stores files; what is elsewhere becomes a link, for a
 * document makes no browser load from another server.
 */
export function fixPictures(body: HTMLElement): void {
  for (const picture of body.querySelectorAll("img")) {
    const source = picture.getAttribute("src") ?? "";
    if (picture.closest('figure[data-type="image"]') !== null) picture.remove();
    else if (/^data:image\//i.test(source)) continue;
    else picture.replaceWith(...linkTo(picture, source));
  }
}

function linkTo(picture: Element, source: string): Node[] {
  const href = safeHref(source);
  const alt = (picture.getAttribute("alt") ?? "").trim();
  const pixels = Number(picture.getAttribute("width") ?? NaN);
  // Counters and icons are not for reading.
  if (href === null || pixels <= 24) return [];
  const words = alt === "" ? href : alt;
  if (picture.closest("a") !== null) return [document.createTextNode(words)];
  const link = picture.ownerDocument.createElement("a");
  link.setAttribute("href", href);
  link.textContent = words;
  return [link];
}

/** Formulas that KaTeX, MathJax and Wikipedia drew still hold their source. */
export function fixMath(body: HTMLElement): void {
  for (const source of body.querySelectorAll('annotation[encoding="application/x-tex"]')) {
    const drawn = source.closest(".katex-display, .mwe-math-element, mjx-container, .katex, math");
    if (drawn === null || !body.contains(drawn)) continue;
    const isBlock = drawn.matches('.katex-display, .mwe-math-element-block, [display="true"], [display="block"]');
    const latex = (source.textContent ?? "").trim().replace(/^\{\\(?:display|text)style ([\s\S]*)\}$/, "$1").trim();
    const node = body.ownerDocument.createElement(isBlock ? "div" : "span");
    node.setAttribute("data-type", isBlock ? "block-math" : "inline-math");
    node.setAttribute("data-latex", latex);
    node.textContent = latex;
    drawn.replaceWith(node);
  }
}

/** Code as text alone, with its language. */
export function fixCode(body: HTMLElement): void {
  for (const pre of body.querySelectorAll("pre")) {
    const around = pre.closest('[class*="highlight-source-"]') ?? pre;
    const names = `${pre.className} ${pre.querySelector("code")?.className ?? ""} ${around.className}`;
    const language = /(?:language-|lang-|highlight-source-)([\w+#-]{1,40})/.exec(names)?.[1];
    for (const end of pre.querySelectorAll("br")) end.replaceWith("\n");
    for (const line of pre.querySelectorAll("div, p, li")) if (line.nextElementSibling !== null) line.append("\n");
    const code = body.ownerDocument.createElement("code");
    if (language !== undefined) code.className = `language-${language.toLowerCase()}`;
    code.textContent = (pre.textContent ?? "").replace(/\n$/, "");
    pre.replaceChildren(code);
  }
}

const TONES: Readonly<Record<string, string>> = { tip: "tip", warning: "warning", caution: "danger" };

/** Notes of GitHub and Notion. */
export function fixCallouts(body: HTMLElement): void {
  for (const note of body.querySelectorAll(".markdown-alert, figure.callout")) {
    const name = /markdown-alert-(\w+)/.exec(note.className)?.[1] ?? "";
    note.querySelector(".markdown-alert-title, .icon")?.remove();
    const callout = rename(note, "div");
    callout.setAttribute("data-type", "callout");
    callout.setAttribute("data-tone", TONES[name] ?? "note");
  }
}

export function fixDetails(body: HTMLElement): void {
  for (const details of body.querySelectorAll("details")) {
    const summary = details.querySelector(":scope > summary");
    if (details.querySelector(':scope > [data-type="detailsContent"]') !== null) continue;
    if (summary === null) {
      unwrap(details);
      continue;
    }
    const content = body.ownerDocument.createElement("div");
    content.setAttribute("data-type", "detailsContent");
    content.append(...[...details.childNodes].filter((child) => child !== summary));
    if (content.textContent?.trim() === "") content.replaceChildren(body.ownerDocument.createElement("p"));
    details.replaceChildren(summary, content);
  }
}

const WIDEST = 200;

/** A table keeps its cells: widths are the page's, and its caption is a line above. */
export function fixTables(body: HTMLElement): void {
  for (const part of body.querySelectorAll("colgroup, col")) part.remove();
  for (const caption of body.querySelectorAll("table > caption")) {
    const table = caption.parentElement;
    if (caption.textContent?.trim() === "") caption.remove();
    else table?.before(rename(caption, "p"));
  }
  for (const cell of body.querySelectorAll("td, th")) {
    for (const name of ["colspan", "rowspan"]) {
      const span = Number(cell.getAttribute(name) ?? 1);
      if (!Number.isInteger(span) || span < 2 || span > WIDEST) cell.removeAttribute(name);
    }
  }
  for (const table of body.querySelectorAll("table")) if (table.rows.length === 0) unwrap(table);
}

export function fixRest(body: HTMLElement): void {
  for (const heading of body.querySelectorAll("h5, h6")) rename(heading, "h4");
  for (const term of body.querySelectorAll("dt")) {
    const strong = body.ownerDocument.createElement("strong");
    strong.append(...term.childNodes);
    term.append(strong);
  }
  for (const part of body.querySelectorAll("dt, dd")) rename(part, "p");
  for (const end of body.querySelectorAll("br")) if (isBetweenBlocks(end)) end.remove();
}

const BLOCK = "p, div, ul, ol, table, blockquote, pre, h1, h2, h3, h4, hr, details, figure";

/** Google Docs puts breaks between paragraphs, Chrome one at the end: no lines of the text. */
function isBetweenBlocks(end: Element): boolean {
  if (end.matches(".Apple-interchange-newline")) return true;
  return end.previousElementSibling?.matches(BLOCK) === true || end.nextElementSibling?.matches(BLOCK) === true;
}
