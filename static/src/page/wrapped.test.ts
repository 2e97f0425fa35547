import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const SOURCE = fileURLToPath(new URL("..", import.meta.url));

/** In which nothing is for readers but names of programming languages: what has no page, and what tests use. */
const SKIPPED = /^(?:storm|sync)\/|^tools\/languages\.ts$|\/stock\.ts$|\.test\.ts$/;

/** A capital and small letters, and then nothing or more words: what is written for people begins so. */
const FOR_PEOPLE = /^\p{Lu}\p{Ll}+(?:$|[ ,.:;…’])/u;

/** What is given to these is read or heard, however it begins. */
const READ = /^(?:aria-(?:label|description|valuetext|roledescription)|title|placeholder|alt|label|textContent)$/;
const SAID = /^(?:say|complain|tell|warn|announce)$/;

/** The same in every language: keys as browsers call them, samples, and the name of the project. */
const NAMES = new Set(["Enter", "Escape", "Tab", "Alt", "Math", "Aa", "https://", "\\frac{a}{b}", "· Collab Rooms"]);

/** What is read of these is one of their parts. */
const { ConditionalExpression, BinaryExpression, ParenthesizedExpression } = ts.SyntaxKind;
const PASSED_ON = new Set<ts.SyntaxKind>([ConditionalExpression, BinaryExpression, ParenthesizedExpression]);

/** Every text for people in `text`, the source of a module, that neither `t` nor `tn` is given. */
function unwrapped(text: string): string[] {
  const found: string[] = [];
  const source = ts.createSourceFile("module.ts", text, ts.ScriptTarget.Latest, true);

  const check = (words: string, isRead: boolean): void => {
    const isText = isRead ? /\p{L}{2}/u.test(words) : FOR_PEOPLE.test(words);
    if (isText && !NAMES.has(words)) found.push(words);
  };
  const visit = (node: ts.Node, isRead: boolean): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isThrowStatement(node)) return; // Errors are for developers; those that are shown translate themselves.
    if (ts.isStringLiteralLike(node)) return check(node.text, isRead);
    if (ts.isTemplateExpression(node)) {
      const pieces = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
      for (const piece of pieces) check(piece.trim(), isRead);
      return node.templateSpans.forEach(({ expression }) => visit(expression, false));
    }
    if (ts.isCallExpression(node)) {
      const name = node.expression.getText(source).split(".").at(-1) ?? "";
      const translated = { t: 1, tn: 2 }[name] ?? 0;
      if (translated > 0) return node.arguments.slice(translated).forEach((one) => visit(one, false));
      if (name === "setRequestHeader") return;
      visit(node.expression, false);
      return node.arguments.forEach((one) => visit(one, SAID.test(name)));
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      return visit(node.right, ts.isPropertyAccessExpression(node.left) && READ.test(node.left.name.text));
    }
    if (ts.isBinaryExpression(node) && isComparison(node)) return;
    if (ts.isPropertyAssignment(node)) {
      const name = ts.isComputedPropertyName(node.name) ? "" : node.name.text;
      return visit(node.initializer, READ.test(name));
    }
    if (ts.isCaseClause(node)) return node.statements.forEach((one) => visit(one, false));
    const isPassedOn = PASSED_ON.has(node.kind);
    ts.forEachChild(node, (child) => visit(child, isRead && isPassedOn));
  };
  visit(source, false);
  return found;
}

function isComparison({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.EqualsEqualsEqualsToken || kind === ts.SyntaxKind.ExclamationEqualsEqualsToken;
}

const modules = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .map((name) => name.split(path.sep).join("/"))
  .filter((name) => name.endsWith(".ts") && !SKIPPED.test(name));

test.each(modules)("what people read in %s is translated", (name) => {
  expect(unwrapped(readFileSync(path.join(SOURCE, name), "utf8"))).toEqual([]);
});

test.each([
  ['h("button", { title: "more" })', ["more"]],
  ['h("button", {}, "Try now")', ["Try now"]],
  ["box.textContent = open ? `${n} open` : t(\"closed\")", ["open"]],
  ["say(`${name} is here`)", ["is here"]],
  ['const WORDS = "Nothing was added. Try again.";', ["Nothing was added. Try again."]],
  ['h("button", { class: "link", title: t("More") }, tn("{n} word", "Some words", n))', []],
  ['if (event.key === "Escape") throw new Error("The page has no such thing")', []],
])("%s has texts that are not: %j", (source, texts) => expect(unwrapped(source)).toEqual(texts));
