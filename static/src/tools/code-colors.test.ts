import { getSchema } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { EditorState, type Plugin, type Transaction } from "@tiptap/pm/state";
import type { DecorationSet, EditorView } from "@tiptap/pm/view";
import { ySyncPluginKey } from "@tiptap/y-tiptap";
import StarterKit from "@tiptap/starter-kit";
import { describe, expect, it } from "vitest";
import { codeColors } from "./code-colors.ts";
import { highlight } from "./highlighting.ts";
import { languageOf } from "./languages.ts";

const schema = getSchema([StarterKit.configure({ undoRedo: false })]);

const p = (text: string): Node => schema.node("paragraph", null, [schema.text(text)]);
const code = (text: string, language: string | null): Node =>
  schema.node("codeBlock", { language }, [schema.text(text)]);

/** A state whose plugin has loaded what colours, and the codes that it was asked for. */
async function open(...nodes: Node[]) {
  const asked: string[] = [];
  const plugin = codeColors(async () => (language, text) => {
    asked.push(text);
    return highlight(language, text);
  });
  const page = { state: EditorState.create({ doc: schema.node("doc", null, nodes), plugins: [plugin] }) };
  const view = {
    get state() {
      return page.state;
    },
    dispatch: (tr: Transaction) => void (page.state = page.state.apply(tr)),
  };
  plugin.spec.view?.(view as EditorView);
  await new Promise((done) => setTimeout(done));
  return { page, plugin, asked };
}

function drawn(plugin: Plugin, state: EditorState): string[] {
  const { set } = plugin.getState(state) as { set: DecorationSet };
  return set
    .find()
    .sort((one, other) => one.from - other.from)
    .map(({ from, to }) => state.doc.textBetween(from, to));
}

describe("the colours of code", () => {
  it("are where the words of the language are", async () => {
    const { page, plugin } = await open(p("a"), code("return 1", "python"), code("return 1", null));
    expect(drawn(plugin, page.state)).toEqual(["return", "1"]);
  });

  it("are made anew for the block that changed, and for no other", async () => {
    const { page, plugin, asked } = await open(code("return 1", "python"), code("return 2", "python"), p("a"));
    asked.length = 0;
    page.state = page.state.apply(page.state.tr.insertText("2", 9));
    expect(drawn(plugin, page.state)).toEqual(["return", "12", "return", "2"]);
    page.state = page.state.apply(page.state.tr.insertText("text", page.state.doc.content.size - 1));
    expect(asked).toEqual(["return 12"]);
  });

  it("stay when what others did replaces the whole document", async () => {
    const { page, plugin, asked } = await open(p("a"), code("return 1", "python"));
    asked.length = 0;
    const tr = page.state.tr.replaceWith(0, page.state.doc.content.size, [p("longer"), code("return 1", "python")]);
    page.state = page.state.apply(tr.setMeta(ySyncPluginKey, { isChangeOrigin: true }));
    expect(drawn(plugin, page.state)).toEqual(["return", "1"]);
    expect(asked).toEqual([]);
  });

  it("follow the language", async () => {
    const { page, plugin } = await open(code("return 1 // x", "python"));
    page.state = page.state.apply(page.state.tr.setNodeAttribute(0, "language", "javascript"));
    expect(drawn(plugin, page.state)).toEqual(["return", "1", "// x"]);
    page.state = page.state.apply(page.state.tr.setNodeAttribute(0, "language", null));
    expect(drawn(plugin, page.state)).toEqual([]);
  });

  it("are gone when code becomes text, and come with code that is pasted", async () => {
    const { page, plugin } = await open(code("return 1", "python"), p("a"));
    const { paragraph } = schema.nodes;
    if (paragraph !== undefined) page.state = page.state.apply(page.state.tr.setBlockType(1, 1, paragraph));
    expect(drawn(plugin, page.state)).toEqual([]);
    page.state = page.state.apply(page.state.tr.insert(0, [code("def", "python"), code("if", "python")]));
    expect(drawn(plugin, page.state)).toEqual(["def", "if"]);
  });
});

describe("the language of a block", () => {
  it.each([
    ["python", "python"],
    ["PY", "python"],
    ["html", "xml"],
    ["c++", "cpp"],
    ["x menu", null],
    ["constructor", null],
    ["", null],
    [null, null],
    [7, null],
  ])("%j is %j", (stored, expected) => {
    expect(languageOf(stored)).toBe(expected);
  });
});
