/** Formulas drawn in the text. What draws them is loaded with the first one; until then their source stands there. */

import { type Editor, Extension, InputRule } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { NodeSelection, Plugin, PluginKey, type Transaction } from "@tiptap/pm/state";
import type { NodeView, NodeViewConstructor } from "@tiptap/pm/view";
import { h } from "../editor/dom.ts";
import { LONGEST_FORMULA } from "../editor/nodes/math.ts";
import { t } from "../page/words.ts";
import type { MathForm } from "./math-form.ts";

/** Opens the form for the formula at that place. */
type Open = (view: MathView) => void;

export class MathView implements NodeView {
  readonly dom: HTMLElement;
  readonly position: () => number | undefined;
  readonly isBlock: boolean;
  latex = "";

  constructor(node: Node, position: () => number | undefined, open: Open) {
    this.position = position;
    this.isBlock = node.type.name === "blockMath";
    const type = this.isBlock ? "block-math" : "inline-math";
    const name = this.isBlock ? "math math-block" : "math";
    this.dom = h(this.isBlock ? "div" : "span", { class: name, "data-type": type });
    this.dom.addEventListener("click", () => open(this));
    this.#show(node);
  }

  update(node: Node): boolean {
    if ((node.type.name === "blockMath") !== this.isBlock || !node.type.name.endsWith("Math")) return false;
    this.#show(node);
    return true;
  }

  ignoreMutation(): boolean {
    return true;
  }

  #show(node: Node): void {
    const latex = String(node.attrs.latex ?? "").slice(0, LONGEST_FORMULA);
    if (latex === this.latex && this.dom.firstChild !== null) return;
    this.latex = latex;
    this.dom.classList.remove("is-wrong");
    if (latex === "") this.dom.replaceChildren(h("span", { class: "math-empty" }, t("Empty formula")));
    else {
      this.dom.textContent = latex;
      void this.#draw(latex);
    }
  }

  async #draw(latex: string): Promise<void> {
    // Offline the source is better than nothing.
    const { draw } = await import("./katex.ts").catch(() => ({ draw: null }));
    if (draw === null || latex !== this.latex) return;
    const drawn = h("span", {});
    const problem = draw(latex, drawn, this.isBlock);
    this.dom.classList.toggle("is-wrong", problem !== null);
    this.dom.title = problem ?? "";
    if (problem === null) this.dom.replaceChildren(drawn);
  }
}

/** `paper` is the positioned element around the text. */
export function math(paper: HTMLElement) {
  return Extension.create({
    name: "math",
    addInputRules() {
      return [
        // `$x^2$ `. No space inside, and nothing before but a space or a bracket, so that prices stay prices.
        new InputRule({
          find: /(?:^|[\s([{])(\$([^\s$]|[^\s$][^$]{0,998}[^\s$])\$)\s$/,
          handler({ state, range, match }) {
            const [whole = "", source = "", latex = ""] = match;
            const node = state.schema.nodes.inlineMath?.create({ latex });
            if (node === undefined) return;
            // What was typed ends before the space, which is not in the text yet.
            const from = range.from + whole.indexOf(source);
            state.tr.replaceWith(from, range.to, [node, state.schema.text(" ")]);
          },
        }),
        new InputRule({
          find: /^\$\$\s$/,
          handler: ({ state, range }) => {
            state.tr.delete(range.from, range.to);
            placeMath(state.tr, "blockMath");
            queueMicrotask(() => openSelected(this.editor)); // Once the rule is done.
          },
        }),
      ];
    },
    addProseMirrorPlugins() {
      const { editor } = this;
      const open = opener(editor, paper);
      const make: NodeViewConstructor = (node, _view, position) => new MathView(node, position, open);
      return [
        new Plugin({
          key: new PluginKey("math"),
          props: {
            nodeViews: { inlineMath: make, blockMath: make },
            handleKeyDown(view, event) {
              const { selection } = view.state;
              if (event.key !== "Enter" || !(selection instanceof NodeSelection)) return false;
              if (!selection.node.type.name.endsWith("Math") || !view.editable) return false;
              openSelected(editor);
              return true;
            },
          },
        }),
      ];
    },
  });
}

/** Puts an empty formula at the selection, and opens its form. */
export function insertMath(editor: Editor, type: MathType): void {
  editor.view.dispatch(placeMath(editor.state.tr, type).scrollIntoView());
  openSelected(editor);
}

type MathType = "inlineMath" | "blockMath";

/** Puts an empty formula in the place of the selection, and selects it. */
function placeMath(transaction: Transaction, type: MathType): Transaction {
  const node = transaction.doc.type.schema.nodes[type]?.create();
  if (node === undefined) return transaction;
  transaction.replaceSelectionWith(node, false);
  const { from } = transaction.selection;
  // The selection is somewhere behind it now.
  let at: number | null = null;
  const end = Math.min(from + 1, transaction.doc.content.size);
  transaction.doc.nodesBetween(Math.max(0, from - 3), end, (found, position) => {
    if (found.type === node.type && found.attrs.latex === null) at = position;
  });
  return at === null ? transaction : transaction.setSelection(NodeSelection.create(transaction.doc, at));
}

function openSelected(editor: Editor): void {
  const { selection } = editor.state;
  if (selection instanceof NodeSelection) (editor.view.nodeDOM(selection.from) as HTMLElement | null)?.click();
}

function opener(editor: Editor, paper: HTMLElement): Open {
  let form: Promise<MathForm> | null = null;
  return (view) => {
    if (!editor.isEditable) return;
    form ??= import("./math-form.ts").then(({ createMathForm }) => createMathForm(editor, paper));
    form.then((made) => made.open(view)).catch(() => void (form = null)); // Offline; tried again with the next click.
  };
}
