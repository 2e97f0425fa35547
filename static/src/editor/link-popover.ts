/** Setting, changing, opening and removing a link, in a small form beside the text. */

import { type Editor, getMarkRange } from "@tiptap/core";
import { t } from "../page/words.ts";
import { h, onPress, setAttribute } from "./dom.ts";
import { icon } from "./icons.ts";
import { completeHref, safeHref } from "./links.ts";
import { placeNear } from "./place.ts";

const REFUSED = t("This is not an address that can be linked. Use https://, http:// or an e-mail address.");

const OPEN = t("Open the link in a new tab");

const COPY = t("Copy the address");

export interface LinkPopover {
  /** Opens the form for the selection, with the caret in it. */
  edit(): void;
  bind(editor: Editor | null): void;
}

/** `paper` is the positioned element around the text. */
export function createLinkPopover(paper: HTMLElement): LinkPopover {
  let editor: Editor | null = null;
  const input = h("input", {
    type: "text",
    inputmode: "url",
    class: "link-input",
    "aria-label": t("Address"),
    "aria-describedby": "link-problem",
    placeholder: "https://",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
  });
  const problem = h("p", { id: "link-problem", class: "link-problem", role: "alert" });
  const save = h("button", { type: "submit", class: "link-save" }, t("Save"));
  const remove = h("button", { type: "button", class: "link-remove" }, t("Remove"));
  const open = h(
    "a",
    { class: "link-open", target: "_blank", rel: "noopener noreferrer", "aria-label": OPEN, title: OPEN },
    icon("open"),
  );
  const copy = h(
    "button",
    { type: "button", class: "link-open link-copy", "aria-label": COPY, title: COPY },
    icon("copy"),
  );
  const fields = h(
    "form",
    { novalidate: true },
    h("div", { class: "link-row" }, input, open, copy, save, remove),
    problem,
  );
  const attributes = { class: "link-popover", role: "dialog", "aria-label": t("Link") };
  const popover = h("div", { ...attributes, "data-testid": "link-popover" }, fields);
  popover.hidden = true;
  paper.append(popover);

  const close = (refocus: boolean): void => {
    if (popover.hidden) return;
    popover.hidden = true;
    complain("");
    if (refocus) editor?.commands.focus();
  };
  const complain = (words: string): void => {
    problem.textContent = words;
    problem.classList.remove("is-good");
    setAttribute(input, "aria-invalid", words === "" ? null : "true");
  };
  const tell = (words: string): void => {
    complain("");
    problem.textContent = words;
    problem.classList.add("is-good");
  };
  const show = (): void => {
    if (editor === null) return;
    const href: unknown = editor.getAttributes("link").href;
    const safe = safeHref(href);
    input.value = typeof href === "string" ? href : "";
    setAttribute(open, "href", safe);
    open.hidden = safe === null;
    copy.hidden = safe === null;
    setAttribute(open, "title", safe ?? OPEN); // Where it leads, before one goes there.
    remove.hidden = !editor.isActive("link");
    complain("");
    popover.hidden = false;
    placeNear(popover, paper, editor);
  };
  const apply = (): void => {
    if (editor === null) return;
    const href = completeHref(input.value);
    if (href === null) {
      complain(REFUSED);
      input.focus();
      return;
    }
    setLink(editor, href, input.value.trim());
    close(true);
  };

  fields.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  onPress(remove, () => {
    editor?.chain().focus().extendMarkRange("link").unsetLink().run();
    close(false);
  });
  onPress(copy, () => {
    copyText(input).then(
      () => tell(t("The address is copied.")),
      () => complain(t("The browser did not let us copy. The address is selected: copy it with your keyboard.")),
    );
  });
  popover.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close(true);
  });
  // Anywhere else than the form or the text: done with it.
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !popover.contains(event.target)) close(false);
  });
  const offerOnClick = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest("a:not([data-type])") : null;
    if (link === null || editor === null || !editor.isEditable) return;
    // After a tap the selection follows later than the click.
    if (!editor.isActive("link")) editor.commands.setTextSelection(editor.view.posAtDOM(link, 0) + 1);
    if (editor.isActive("link")) show();
  };
  const closeOnWriting = (): void => {
    if (!popover.contains(document.activeElement)) close(false);
  };

  return {
    edit() {
      if (editor === null || !editor.isEditable || editor.isActive("codeBlock")) return;
      show();
      input.focus();
      input.select();
    },
    bind(next) {
      editor?.view.dom.removeEventListener("click", offerOnClick);
      editor?.off("update", closeOnWriting);
      close(false);
      editor = next;
      editor?.view.dom.addEventListener("click", offerOnClick);
      editor?.on("update", closeOnWriting);
    },
  };
}

/** Copies what `input` says. Scripts have a clipboard on pages with HTTPS alone; elsewhere the old way does it. */
async function copyText(input: HTMLInputElement): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(input.value);
  input.focus();
  input.select();
  if (!document.execCommand("copy")) throw new Error("not copied");
}

/** Links the selection, or the link under the caret, or writes `shown` as a link where the caret stands. */
function setLink(editor: Editor, href: string, shown: string): void {
  const { selection, schema } = editor.state;
  const chain = editor.chain().focus();
  const inLink = schema.marks.link !== undefined && getMarkRange(selection.$from, schema.marks.link) !== undefined;
  if (inLink) chain.extendMarkRange("link").setLink({ href }).run();
  else if (!selection.empty) chain.setLink({ href }).run();
  else chain.insertContent({ type: "text", text: shown, marks: [{ type: "link", attrs: { href } }] }).run();
}
