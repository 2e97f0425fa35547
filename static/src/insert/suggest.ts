/** `@` people, `[[` documents, `:` emoji: offered while they are typed. */

import { type Editor, Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Choices, type Choice } from "../editor/choices.ts";
import { h } from "../editor/dom.ts";
import { icon } from "../editor/icons.ts";
import { t } from "../page/words.ts";
import type { Server } from "./server.ts";
import { type Kind, type Trigger, triggerIn } from "./triggers.ts";

/** So that not every letter of a fast typist asks the server. */
const PAUSE_MS = 90;

const LABELS: Readonly<Record<Kind, string>> = { person: t("People"), document: t("Documents"), emoji: t("Emoji") };

interface Offer {
  readonly label: string;
  readonly detail?: string | null;
  readonly picture: Node | null;
  /** What is written when it is picked. */
  readonly content: readonly object[];
}

/** `paper` is the positioned element around the text. */
export function suggestions(paper: HTMLElement, server: Server) {
  return Extension.create({
    name: "suggestions",
    // As the slash menu: before the shortcuts of lists and tables.
    priority: 1_000,
    addProseMirrorPlugins() {
      const menu = new Suggestions(this.editor, paper, server);
      return [
        new Plugin({
          key: new PluginKey("suggestions"),
          view: () => ({ update: () => menu.update(), destroy: () => menu.destroy() }),
          props: {
            handleKeyDown: (_view, event) => menu.key(event),
            handleTextInput: (_view, _from, _to, text) => text === ":" && menu.finishEmoji(),
            handleDOMEvents: { blur: () => menu.close() },
          },
        }),
      ];
    },
  });
}

class Suggestions {
  readonly #editor: Editor;
  readonly #server: Server;
  readonly #choices: Choices;
  #trigger: (Trigger & { readonly to: number }) | null = null;
  /** What was found last, and for which kind: shown, as far as it still fits, until the next answer. */
  #offers: readonly Offer[] = [];
  #kind: Kind | null = null;
  /** Escape holds until the sign is gone. */
  #dismissed = false;
  #timer = 0;

  constructor(editor: Editor, paper: HTMLElement, server: Server) {
    this.#editor = editor;
    this.#server = server;
    this.#choices = new Choices({ editor, paper, name: "suggestions", label: t("Suggestions") });
  }

  update(): void {
    const before = this.#trigger;
    this.#trigger = triggerAt(this.#editor);
    const trigger = this.#trigger;
    if (trigger === null) {
      this.#dismissed = false;
      this.#forget();
      return;
    }
    if (trigger.from !== before?.from || trigger.kind !== before.kind) {
      this.#dismissed = false;
      this.#forget();
    }
    if (this.#dismissed || (before?.query === trigger.query && before.from === trigger.from)) return;
    const query = trigger.query.toLocaleLowerCase();
    this.#show(this.#offers.filter(({ label }) => label.toLocaleLowerCase().includes(query)));
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#search(trigger), trigger.kind === "emoji" ? 0 : PAUSE_MS);
  }

  /** Returns true when the key was the menu's. */
  key(event: KeyboardEvent): boolean {
    if (!this.#choices.isOpen || event.key !== "Escape") return this.#choices.key(event);
    this.close();
    return true;
  }

  /** The second colon of `:smile:` takes the one whose name it is. Returns whether there is one. */
  finishEmoji(): boolean {
    const trigger = this.#trigger;
    const exact = this.#offers.find(({ detail }) => detail === `:${trigger?.query.toLowerCase()}:`);
    if (trigger?.kind !== "emoji" || exact === undefined) return false;
    this.#pick(exact);
    return true;
  }

  close(): void {
    this.#dismissed = this.#trigger !== null;
    this.#forget();
  }

  destroy(): void {
    window.clearTimeout(this.#timer);
    this.#choices.destroy();
  }

  async #search(trigger: Trigger): Promise<void> {
    const offers = await this.#find(trigger);
    const now = this.#trigger;
    const isStale = now?.kind !== trigger.kind || now.query !== trigger.query;
    if (isStale || this.#dismissed || this.#editor.isDestroyed) return;
    this.#offers = offers;
    this.#kind = trigger.kind;
    this.#show(offers);
  }

  async #find({ kind, query }: Trigger): Promise<readonly Offer[]> {
    if (kind === "person") return (await this.#server.people(query.trim())).map(personOffer);
    if (kind === "document") return (await this.#server.documents(query.trim())).map(documentOffer);
    const { findEmoji } = await import("./emoji.ts");
    return findEmoji(query).map(([sign, name]) => ({
      label: name.replaceAll("_", " "),
      detail: `:${name}:`,
      picture: h("span", { class: "choices-emoji" }, sign),
      content: [{ type: "text", text: sign }],
    }));
  }

  #show(offers: readonly Offer[]): void {
    const group = this.#kind === null ? {} : { group: LABELS[this.#kind] };
    this.#choices.show(offers.map((offer): Choice => ({ ...offer, ...group, pick: () => this.#pick(offer) })));
  }

  #pick({ content }: Offer): void {
    const trigger = this.#trigger;
    if (trigger === null) return;
    const { from, to } = trigger;
    this.#editor.chain().focus().insertContentAt({ from, to }, [...content]).run();
  }

  #forget(): void {
    window.clearTimeout(this.#timer);
    this.#offers = [];
    this.#kind = null;
    this.#choices.hide();
  }
}

const SPACE = { type: "text", text: " " };

function personOffer({ id, name, color }: { id: string; name: string; color: string }): Offer {
  const dot = h("span", { class: "choices-dot" });
  dot.style.backgroundColor = color;
  return { label: name, picture: dot, content: [{ type: "mention", attrs: { id, label: name } }, SPACE] };
}

function documentOffer({ key, title, room }: { key: string; title: string; room: string | null }): Offer {
  const content = [{ type: "documentLink", attrs: { key, label: title } }, SPACE];
  return { label: title, detail: room, picture: icon("document"), content };
}

function triggerAt(editor: Editor): (Trigger & { readonly to: number }) | null {
  const { selection, schema } = editor.state;
  const { $from } = selection;
  if (!editor.isEditable || !editor.isFocused || !selection.empty || !$from.parent.isTextblock) return null;
  const { mention } = schema.nodes;
  // Code, and the line of a details block, hold text alone.
  const takesNodes = mention !== undefined && $from.parent.type.contentMatch.matchType(mention) !== null;
  if (!takesNodes || $from.marks().some(({ type }) => type.spec.code === true)) return null;
  const found = triggerIn($from.parent.textBetween(0, $from.parentOffset, undefined, "\ufffc"));
  return found === null ? null : { ...found, from: $from.start() + found.from, to: $from.pos };
}
