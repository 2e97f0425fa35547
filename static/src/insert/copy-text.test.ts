import { getSchema } from "@tiptap/core";
import { expect, test } from "vitest";
import { documentExtensions } from "../editor/schema.ts";
import { plainText } from "./copy-text.ts";
import { parseMarkdown } from "./markdown.ts";

const schema = getSchema(documentExtensions(() => ""));

function copied(markdown: string): string {
  return plainText(schema.nodeFromJSON({ type: "doc", content: parseMarkdown(markdown) }).content);
}

test.each([
  ["# Title\n\n**bold** and [link](https://example.org)", "Title\n\nbold and link"],
  ["- a\n  - b\n- c", "- a\n  - b\n- c"],
  ["3. a\n4. b\n   text", "3. a\n4. b text"],
  ["- [x] done\n- [ ] open\n  - [ ] deeper", "[x] done\n[ ] open\n  [ ] deeper"],
  ["> a\n>\n> b", "> a\n>\n> b"],
  ["| a | b |\n|---|---|\n| 1 | 2 |", "a\tb\n1\t2"],
  ["```js\nlet a;\n\nlet b;\n```", "let a;\n\nlet b;"],
  ["a\n\n---\n\n$$x^2$$\n\n$y$ end", "a\n\n---\n\nx^2\n\ny end"],
  ["a<br>b", "a\nb"],
])("%j is copied as %j", (markdown, expected) => expect(copied(markdown)).toBe(expected));

test("everything that markdown becomes is a document of our schema", () => {
  const lists = "# A\n\n- [ ] b\n\n> [!TIP]\n> c\n\n1. d\n   ```js\n   e\n   ```";
  const source = `${lists}\n\n| \`f\` |  |\n|---|---|\n| $g$ | ==h== |\n\n$$i$$`;
  schema.nodeFromJSON({ type: "doc", content: parseMarkdown(source) }).check();
});
