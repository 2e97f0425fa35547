import { getSchema } from "@tiptap/core";
import { EditorState, type Transaction } from "@tiptap/pm/state";
import { ySyncPluginKey } from "@tiptap/y-tiptap";
import StarterKit from "@tiptap/starter-kit";
import { describe, expect, it } from "vitest";
import { foundIn, foundPlugin, showFound } from "./found.ts";
import { replaceMatches } from "./replace.ts";
import { compile, type Match, search } from "./search.ts";
import { blocksOf } from "./text-of.ts";

const schema = getSchema([StarterKit.configure({ undoRedo: false })]);

function open(...lines: string[]): EditorState {
  const paragraphs = lines.map((line) => schema.node("paragraph", null, line === "" ? [] : [schema.text(line)]));
  return EditorState.create({ doc: schema.node("doc", null, paragraphs), plugins: [foundPlugin()] });
}

function matchesOf(state: EditorState, words: string, expression = false): Match[] {
  return search(blocksOf(state.doc), compile({ words, matchCase: true, wholeWord: false, expression }));
}

function found(state: EditorState, words: string, current = 0): EditorState {
  let after = state;
  const view = { state, dispatch: (transaction: Transaction) => void (after = state.apply(transaction)) };
  showFound(view as never, matchesOf(state, words), current);
  return after;
}

/** The texts that the matches stand on now. */
function shown(state: EditorState): string[] {
  return foundIn(state).matches.map(({ from, to }) => state.doc.textBetween(from, to));
}

/** As the binding brings what others did: everything is replaced. */
function remotely(state: EditorState, ...lines: string[]): Transaction {
  const { doc } = open(...lines);
  return state.tr.replaceWith(0, state.doc.content.size, doc.content).setMeta(ySyncPluginKey, { isChangeOrigin: true });
}

describe("the text of a document", () => {
  it("is found across marks, with positions of the document", () => {
    const bold = schema.mark("bold");
    const words = [schema.text("a wo"), schema.text("rd", [bold]), schema.node("hardBreak"), schema.text("end")];
    const line = schema.node("paragraph", null, words);
    const state = EditorState.create({ doc: schema.node("doc", null, [line]) });
    expect(matchesOf(state, "word")).toMatchObject([{ from: 3, to: 7 }]);
    expect(matchesOf(state, "d\\nend", true)).toMatchObject([{ from: 6, to: 11 }]);
  });
});

describe("matches in the text", () => {
  it("follow what is typed before them", () => {
    const state = found(open("x one", "one"), "one", 1);
    const after = state.apply(state.tr.insertText("yy", 1));
    expect(shown(after)).toEqual(["one", "one"]);
    expect(foundIn(after).current).toBe(1);
  });

  it("follow what others write before, between and behind them", () => {
    const state = found(open("x one", "mid", "one"), "one");
    const after = state.apply(remotely(state, "new x one", "in the mid", "one two"));
    // Of one change that spans the first match nothing is known: it is gone until the next search.
    expect(shown(after).every((text) => text === "one")).toBe(true);
    const before = state.apply(remotely(state, "new x one", "mid", "one"));
    expect(shown(before)).toEqual(["one", "one"]);
  });

  it("are gone with their words", () => {
    const state = found(open("one two one"), "one", 1);
    const after = state.apply(state.tr.delete(9, 12));
    expect(shown(after)).toEqual(["one"]);
    expect(foundIn(after).current).toBe(-1);
  });

  it("draw the current one once, also beside a neighbour", () => {
    const state = found(open("aaa"), "a");
    const [plugin] = state.plugins;
    const { matches } = foundIn(state);
    let after = state;
    showFound({ state, dispatch: (tr: Transaction) => void (after = state.apply(tr)) } as never, matches, 1);
    const set = plugin?.getState(after) as { set: { find(): { from: number; type: { attrs: { class: string } } }[] } };
    const classes = set.set.find().map(({ from, type }) => `${from} ${type.attrs.class}`);
    expect(classes.sort()).toEqual(["1 found", "2 found found-current", "3 found"]);
  });
});

describe("replacing in the text", () => {
  it("replaces all in one transaction, from the end, in any length", () => {
    const state = open("one and one", "one");
    const tr = replaceMatches(state, matchesOf(state, "one"), "three", false);
    expect(tr.doc.textBetween(0, tr.doc.content.size, "|")).toBe("three and three|three");
  });

  it("replaces by nothing", () => {
    const state = open("one two");
    expect(replaceMatches(state, matchesOf(state, "one "), "", false).doc.textContent).toBe("two");
  });

  it("fills in groups", () => {
    const state = open("key: value");
    const matches = matchesOf(state, "(\\w+): (\\w+)", true);
    expect(replaceMatches(state, matches, "$2=$1", true).doc.textContent).toBe("value=key");
  });

  it("keeps the looks of the first character", () => {
    const line = schema.node("paragraph", null, [schema.text("bo", [schema.mark("bold")]), schema.text("ld")]);
    const state = EditorState.create({ doc: schema.node("doc", null, [line]) });
    const text = replaceMatches(state, matchesOf(state, "bold"), "new", false).doc.firstChild?.firstChild;
    expect(text?.text).toBe("new");
    expect(text?.marks.map(({ type }) => type.name)).toEqual(["bold"]);
  });
});
