/**
 * Is pasted text written in markdown? Wrongly formatted text annoys more than plain text does, so only what can hardly
 * mean anything else counts; `snake_case`, `2*3*4` and code stay what they are.
 */

/** One of these is enough in a text of several lines. */
const PLAIN_SIGNS: readonly RegExp[] = [
  /^ {0,3}(`{3,}|~{3,})[\w+#.-]*$/m,
  /^ {0,3}\|?[ \t]*:?-{3,}:?[ \t]*\|[|:\- \t]*$/m,
  /^ *[-*+] \[[ xX]\] \S/m,
  /\[[^\]\n]+\]\(<?(?:https?:\/\/|mailto:|\/|#)[^\s)]*>?\)/,
  /(?<![\w*])\*\*[^\s*][^*\n]*\*\*(?![\w*])/,
];

/** In one line: a whole link, something in bold, a task. */
const LINE_SIGNS = PLAIN_SIGNS.slice(2);

const HEADING = /^ {0,3}#{1,6} +\S/;
const LISTED = /^ *(?:[-*+]|\d{1,3}[.)]) +\S/;
const QUOTED = /^ {0,3}> ?/;
/** What ends like a statement, or begins like one. */
const CODE = new RegExp(
  [
    String.raw`[;{}]\s*$`,
    "=>",
    String.raw`^\s*(?:#!|#include|import |from \S+ import|export |def |class |function |const |let |var |return\b)`,
    String.raw`^\s*(?:if \(|for \(|<\/?\w+[ >])`,
  ].join("|"),
);

export function looksLikeMarkdown(text: string): boolean {
  const lines = text.replace(/\r\n?/g, "\n").trim().split("\n");
  const [first = ""] = lines;
  if (first.startsWith("#!")) return false;
  if (lines.length === 1) return LINE_SIGNS.some((sign) => sign.test(first));
  if (PLAIN_SIGNS.some((sign) => sign.test(lines.join("\n")))) return true;

  const written = lines.filter((line) => line.trim() !== "");
  if (written.filter((line) => CODE.test(line)).length * 4 > written.length) return false;
  if (hasHeading(lines)) return true;
  // A list, or a quote, with little around it.
  const marked = written.filter((line) => LISTED.test(line) || QUOTED.test(line)).length;
  return marked >= 2 && marked * 2 >= written.length;
}

/** A heading stands alone; `# comment` stands right above a command. */
function hasHeading(lines: readonly string[]): boolean {
  return lines.some((line, index) => HEADING.test(line) && lines[index + 1]?.trim() === "");
}
