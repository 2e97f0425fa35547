/** Markdown within a line: what it says in bold, as links, as code. */

import { completeHref, safeHref } from "../editor/links.ts";
import type { Mark, Node } from "./markdown.ts";

/** More than this in one paragraph is data; it stays as it is. */
const LONGEST = 20_000;

/** What a backslash takes the meaning from. */
const ESCAPABLE = /[!-/:-@[-`{-~]/;

interface Rule {
  /** Sticky. */
  readonly pattern: RegExp;
  /** The nodes for a match, or null when it is none after all. */
  readonly make: (match: RegExpExecArray, marks: readonly Mark[]) => Node[] | null;
}

/** Signs around words. With a letter or digit right outside they are `2*3*4` or `snake_case`, unlike in CommonMark. */
function around(sign: string, ...types: readonly string[]): Rule {
  const all = sign.replaceAll("*", "\\*");
  const outside = `[\\p{L}\\p{N}${sign[0]}]`;
  return {
    pattern: new RegExp(`(?<!${outside})${all}(?![\\s${sign[0]}])([^\\n]{0,1000}?\\S)${all}(?!${outside})`, "uy"),
    make: (match, marks) => inline(match[1] ?? "", [...marks, ...types.map((type) => ({ type }))]),
  };
}

const WORDS_IN_BRACKETS = String.raw`(?:[^[\]\n\\]|\\.|\[[^[\]\n]*\]){1,1000}`;
const ADDRESS = String.raw`(?:[^\s()<>]|\([^\s()<>]*\)){0,2000}`;

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  "`": [
    {
      pattern: /(`+)(?!`)([\s\S]*?[^`])\1(?!`)/y,
      make: ([, , code = ""], marks) => {
        const link = marks.filter(({ type }) => type === "link"); // Code goes with no other mark.
        return text(code.replace(/^ (.*[^ ].*) $/, "$1").replaceAll("\n", " "), [...link, { type: "code" }]);
      },
    },
  ],
  "*": [around("***", "bold", "italic"), around("**", "bold"), around("*", "italic")],
  // `__init__` is a name.
  _: [
    { pattern: /__[a-z0-9_]+__(?![\p{L}\p{N}])/uy, make: ([name], marks) => text(name, marks) },
    around("__", "bold"),
    around("_", "italic"),
  ],
  "~": [around("~~", "strike")],
  "=": [around("==", "highlight")],
  $: [
    {
      // As Pandoc has it: no space inside, no digit behind, so that prices stay prices.
      pattern: /\$(?![\s$])([^$\n]{0,999}?[^\s$\\])\$(?!\d)/y,
      make: ([, latex = ""]) => [{ type: "inlineMath", attrs: { latex } }],
    },
  ],
  "!": [
    {
      // A picture elsewhere is a link: a document makes no browser load from another server.
      pattern: /!\[([^\]\n]{0,500})\]\(<?([^\s()<>]{1,2000})>?(?:\s+"[^"\n]*")?\)/y,
      make: ([, alt = "", address = ""], marks) => link(alt === "" ? address : alt, address, marks),
    },
  ],
  "[": [
    {
      // Brackets in the words, and parentheses in the address, one level deep.
      pattern: new RegExp(`\\[(${WORDS_IN_BRACKETS})\\]\\(<?(${ADDRESS})>?(?:\\s+"[^"\\n]*")?\\)`, "y"),
      make: ([, words = "", address = ""], marks) => link(words, address, marks),
    },
  ],
  "<": [
    {
      pattern: /<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/y,
      make: ([, address = ""], marks) => link(address, address, marks),
    },
    { pattern: /<br ?\/?>/iy, make: () => [{ type: "hardBreak" }] },
  ],
  h: [
    {
      pattern: /(?<![\p{L}\p{N}])https?:\/\/[^\s<>"'`\\]{1,2000}/uy,
      make: (match, marks) => {
        const [whole] = match;
        // What closes the sentence is not part of the address, unless the address opened it.
        const closes = (end: string): string => (end.startsWith(")") && whole.includes("(") ? ")" : "");
        const address = whole.replace(/[.,;:!?*_~)\]}]+$/, closes);
        return [...link(address, address, marks), ...text(whole.slice(address.length), marks)];
      },
    },
  ],
};

/** The nodes of one paragraph's text. */
export function inline(source: string, marks: readonly Mark[] = []): Node[] {
  if (source.length > LONGEST) return text(source, marks);
  const nodes: Node[] = [];
  let plain = "";
  const flush = (): void => {
    if (plain !== "") nodes.push(...text(plain, marks));
    plain = "";
  };
  for (let at = 0; at < source.length; ) {
    const sign = source[at] ?? "";
    if (sign === "\\" && source[at + 1] !== undefined && ESCAPABLE.test(source[at + 1] ?? "")) {
      plain += source[at + 1];
      at += 2;
    } else if (sign === "\n") {
      const isHard = /(?: {2,}|\\)$/.test(plain);
      plain = plain.replace(/(?: +|\\)$/, "") + (isHard ? "" : " ");
      if (isHard) {
        flush();
        nodes.push({ type: "hardBreak" });
      }
      at += 1;
    } else {
      const found = matchAt(source, at, marks);
      if (found === null) {
        plain += sign;
        at += 1;
      } else {
        flush();
        nodes.push(...found.nodes);
        at = found.end;
      }
    }
  }
  flush();
  return joined(nodes);
}

/** Texts that look the same, side by side, are one: ProseMirror counts on it. */
function joined(nodes: readonly Node[]): Node[] {
  const found: Node[] = [];
  for (const node of nodes) {
    const last = found.at(-1);
    const areTexts = last?.type === "text" && node.type === "text";
    const isSame = areTexts && JSON.stringify(last.marks) === JSON.stringify(node.marks);
    if (isSame) found[found.length - 1] = { ...node, text: `${last.text}${node.text}` };
    else found.push(node);
  }
  return found;
}

function matchAt(source: string, at: number, marks: readonly Mark[]): { nodes: Node[]; end: number } | null {
  for (const { pattern, make } of RULES[source[at] ?? ""] ?? []) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    // Sticky patterns are shared with the inner calls: where this one ended must be read before.
    const end = pattern.lastIndex;
    const nodes = match === null ? null : make(match, marks);
    if (nodes !== null) return { nodes, end };
  }
  return null;
}

/** Without an address that we link, the words alone. */
function link(words: string, address: string, marks: readonly Mark[]): Node[] {
  const href = address.includes(":") ? safeHref(address) : completeHref(address);
  const outer = marks.filter(({ type }) => type !== "link");
  if (words === address) return text(words, href === null ? outer : [...outer, { type: "link", attrs: { href } }]);
  return inline(words, href === null ? outer : [...outer, { type: "link", attrs: { href } }]);
}

function text(words: string, marks: readonly Mark[]): Node[] {
  if (words === "") return [];
  const once = marks.filter((mark, index) => marks.findIndex(({ type }) => type === mark.type) === index);
  return [{ type: "text", text: words, ...(once.length > 0 ? { marks: once } : {}) }];
}
