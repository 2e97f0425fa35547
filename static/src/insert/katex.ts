/// <reference types="vite/client" />
/** KaTeX with its style sheet and fonts, as one chunk that the first formula loads. */

import katex, { type KatexOptions } from "katex";
import css from "katex/dist/katex.min.css?raw";

/** By path in node_modules. Never inline: the page's CSP refuses fonts in data: addresses. */
const FONTS = import.meta.glob<string>("/node_modules/katex/dist/fonts/*.woff2", {
  query: "?no-inline",
  import: "default",
  eager: true,
});

useStyles();

/** The style sheet as KaTeX has it, with our addresses of its fonts, and only the kind that every browser reads. */
function useStyles(): void {
  const sheet = new CSSStyleSheet();
  const address = (name: string): string => FONTS[`/node_modules/katex/dist/fonts/${name}.woff2`] ?? "";
  const source = (_: string, name: string): string => `src:url("${address(name)}")format("woff2")`;
  sheet.replaceSync(css.replace(/src:url\(fonts\/([\w-]+)\.woff2\)[^}]*/g, source));
  document.adoptedStyleSheets.push(sheet);
}

/** Formulas are written by many hands: none may link, load, or grow without an end. */
const OPTIONS: KatexOptions = {
  trust: false,
  strict: "ignore",
  throwOnError: true,
  maxExpand: 1_000,
  /** In em: a formula is part of a text. */
  maxSize: 20,
  // These two make MathML with a style attribute, which the page's CSP refuses.
  macros: { "\\pmb": "\\boldsymbol{#1}", "\\fcolorbox": "\\@secondoftwo{#1}{\\colorbox{#2}{#3}}" },
};

/** Draws `latex` into `element`. Returns what is wrong with it, or null. */
export function draw(latex: string, element: HTMLElement, isBlock: boolean): string | null {
  try {
    katex.render(latex, element, { ...OPTIONS, macros: { ...OPTIONS.macros }, displayMode: isBlock });
    return null;
  } catch (problem) {
    if (!(problem instanceof Error)) throw problem;
    return plainly(problem.message);
  }
}

/** "KaTeX parse error: Undefined control sequence: \foo at position 3: ab\foo" without the name of the library. */
function plainly(message: string): string {
  const words = message.replace(/^KaTeX parse error: /, "").replace(/ at (?:position \d+|end of input): .*$/s, "");
  // Underlines in KaTeX's messages are combining characters.
  return words.replaceAll("\u0332", "");
}
