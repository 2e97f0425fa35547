/** Colours of code as decorations. A block is looked at again only when its own words or its language changed. */

import type { Node } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { ySyncPluginKey } from "@tiptap/y-tiptap";
import { languageOf } from "./languages.ts";

/** Offsets in the text of one block. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly classes: string;
}

export type Highlight = (language: string, code: string) => Span[];

/** Beyond this, colours at every key would cost more than they help. */
const LONGEST_CODE = 20_000;

interface Code {
  readonly pos: number;
  readonly node: Node;
  readonly language: string;
  /** Undefined until `highlight` is loaded. */
  readonly spans: readonly Span[] | undefined;
}

interface Colors {
  readonly set: DecorationSet;
  readonly blocks: readonly Code[];
}

const KEY = new PluginKey<Colors>("codeColors");

/** `load` is asked once, for the first block that has a language; with null, code stays in one colour. */
export function codeColors(load: () => Promise<Highlight | null>): Plugin<Colors> {
  let highlight: Highlight | null = null;
  let asked = false;

  const bring = async (view: EditorView): Promise<void> => {
    asked = true;
    highlight = await load();
    if (highlight === null || view.isDestroyed) return;
    view.dispatch(view.state.tr.setMeta(KEY, true).setMeta("addToHistory", false));
  };
  const look = (doc: Node, before: readonly Code[]): Code[] => {
    const known = new Map(before.map((code) => [`${code.language}\n${code.node.textContent}`, code.spans]));
    return codeIn(doc).map((code) => {
      const text = code.node.textContent;
      const spans = known.get(`${code.language}\n${text}`) ?? highlight?.(code.language, text);
      return { ...code, spans };
    });
  };
  const all = (doc: Node, before: readonly Code[]): Colors => {
    const blocks = look(doc, before);
    return { blocks, set: DecorationSet.create(doc, blocks.flatMap(decorations)) };
  };

  return new Plugin<Colors>({
    key: KEY,
    state: {
      init: (_config, { doc }) => all(doc, []),
      apply(transaction, colors) {
        const { doc } = transaction;
        if (transaction.getMeta(KEY) === true) return all(doc, []);
        if (!transaction.docChanged) return colors;
        // What comes from others replaces the whole document, and with it every decoration.
        if (transaction.getMeta(ySyncPluginKey) !== undefined) return all(doc, colors.blocks);
        const blocks = look(doc, colors.blocks);
        const [old, now] = [colors.blocks, blocks].map((codes) => new Set(codes.map(({ node }) => node)));
        let set = colors.set.map(transaction.mapping, doc);
        for (const { pos, node } of colors.blocks.filter((code) => now?.has(code.node) === false)) {
          // It changed, or is no code any more.
          set = set.remove(set.find(transaction.mapping.map(pos), transaction.mapping.map(pos + node.nodeSize)));
        }
        set = set.add(doc, blocks.filter((code) => old?.has(code.node) === false).flatMap(decorations));
        return { blocks, set };
      },
    },
    view: (view) => {
      const check = (now: EditorView): void => {
        if (!asked && (KEY.getState(now.state)?.blocks.length ?? 0) > 0) void bring(now);
      };
      check(view);
      return { update: check };
    },
    props: { decorations: (state) => KEY.getState(state)?.set ?? null },
  });
}

function codeIn(doc: Node): Omit<Code, "spans">[] {
  const found: Omit<Code, "spans">[] = [];
  doc.descendants((node, pos) => {
    if (node.type.name === "codeBlock") {
      const language = languageOf(node.attrs.language);
      if (language !== null && node.content.size <= LONGEST_CODE) found.push({ pos, node, language });
    }
    return !node.isTextblock;
  });
  return found;
}

function decorations({ pos, spans = [] }: Code): Decoration[] {
  return spans.map(({ from, to, classes }) => Decoration.inline(pos + 1 + from, pos + 1 + to, { class: classes }));
}
