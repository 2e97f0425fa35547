/** The form of a formula: its source, and how it will look. */

import type { Editor } from "@tiptap/core";
import { NodeSelection, Selection } from "@tiptap/pm/state";
import { COVERED } from "../editor/covered.ts";
import { h, onPress, setAttribute } from "../editor/dom.ts";
import { LONGEST_FORMULA } from "../editor/nodes/math.ts";
import { t } from "../page/words.ts";
import { draw } from "./katex.ts";
import type { MathView } from "./math-view.ts";

export interface MathForm {
  open(view: MathView): void;
}

export function createMathForm(editor: Editor, paper: HTMLElement): MathForm {
  let current: MathView | null = null;
  const source = h("textarea", {
    class: "math-source",
    rows: "2",
    maxlength: String(LONGEST_FORMULA),
    "aria-label": t("Formula in LaTeX"),
    "aria-describedby": "math-problem",
    placeholder: "\\frac{a}{b}",
    autocapitalize: "off",
    autocomplete: "off",
    spellcheck: "false",
  });
  const preview = h("div", { class: "math-preview" });
  const problem = h("p", { id: "math-problem", class: "link-problem", role: "status" });
  const save = h("button", { type: "submit", class: "link-save" }, t("Save"));
  const remove = h("button", { type: "button", class: "link-remove" }, t("Remove"));
  const fields = h("form", { novalidate: true }, source, preview, problem, h("div", { class: "math-buttons" }, remove, save));
  const attributes = { class: "link-popover math-form", role: "dialog", "aria-label": t("Formula") };
  const popover = h("div", { ...attributes, "data-testid": "math-form" }, fields);
  popover.hidden = true;
  paper.append(popover);
  editor.on("destroy", () => popover.remove());

  const show = (): void => {
    const latex = source.value.trim();
    const drawn = h("span", {});
    const wrong = latex === "" ? null : draw(latex, drawn, current?.isBlock === true);
    // While somebody types, the last good formula is a better sight than none.
    if (latex === "") preview.replaceChildren();
    else if (wrong === null) preview.replaceChildren(drawn);
    problem.textContent = wrong ?? "";
    setAttribute(source, "aria-invalid", wrong === null ? null : "true");
    source.rows = Math.min(8, Math.max(2, source.value.split("\n").length));
  };
  const close = (): void => {
    popover.hidden = true;
    current = null;
  };
  /** Writes the formula, or takes it out of the text when there is none. */
  const finish = (latex: string): void => {
    const view = current;
    close();
    if (view === null || !editor.isEditable) return;
    const at = view.position();
    const transaction = editor.state.tr;
    if (at !== undefined && latex === "") transaction.delete(at, at + 1);
    else if (at !== undefined && latex !== view.latex) transaction.setNodeAttribute(at, "latex", latex);
    else if (at === undefined && latex !== "") {
      // Somebody took it away meanwhile: what was written here is not lost.
      const type = editor.schema.nodes[view.isBlock ? "blockMath" : "inlineMath"];
      if (type !== undefined) transaction.replaceSelectionWith(type.create({ latex }), false);
    }
    if (at !== undefined && latex !== "") transaction.setSelection(Selection.near(transaction.doc.resolve(at + 1)));
    editor.view.dispatch(transaction.scrollIntoView());
    editor.view.focus();
  };

  fields.addEventListener("submit", (event) => {
    event.preventDefault();
    finish(source.value.trim());
  });
  onPress(remove, () => finish(""));
  source.addEventListener("input", show);
  popover.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      finish(current?.latex ?? ""); // As it was; a new one that stayed empty goes.
    } else if (event.key === "Enter" && event.target === source && !event.shiftKey) {
      // A formula on its own may have several lines.
      if (current?.isBlock === true && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      finish(source.value.trim());
    }
  });
  document.addEventListener("pointerdown", (event) => {
    if (!popover.hidden && event.target instanceof Node && !popover.contains(event.target)) finish(source.value.trim());
  });

  return {
    open(view) {
      const at = view.position();
      if (at === undefined || current === view) return;
      current = view;
      source.value = view.latex;
      editor.commands.command(({ tr }) => {
        tr.setSelection(NodeSelection.create(tr.doc, at));
        return true;
      });
      popover.hidden = false;
      show();
      placeBelow(popover, paper, view.dom);
      source.focus();
    },
  };
}

/** To the formula, and to the edge of the paper, in pixels. */
const GAP = 8;

/** Below the formula, which stays in sight; above it where there is no room. */
function placeBelow(form: HTMLElement, paper: HTMLElement, formula: HTMLElement): void {
  const origin = paper.getBoundingClientRect();
  const at = formula.getBoundingClientRect();
  const visible = window.visualViewport?.height ?? window.innerHeight;
  const below = at.bottom + GAP;
  const above = at.top - GAP - form.offsetHeight;
  const fits = below + form.offsetHeight <= visible || above < COVERED.top;
  const rightmost = Math.max(GAP, paper.clientWidth - form.offsetWidth - GAP);
  form.style.left = `${Math.min(rightmost, Math.max(GAP, at.left - origin.left))}px`;
  form.style.top = `${(fits ? below : above) - origin.top}px`;
}
