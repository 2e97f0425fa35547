/** A part of the document page with one idea of its own, such as comments or finding text. */

import type { Editor, Extensions } from "@tiptap/core";
import type { Command } from "../editor/commands.ts";
import type { Status } from "../sync/types.ts";
import type { PageConfig } from "./config.ts";
import type { PageProvider } from "./document-page.ts";
import type { Panels } from "./panels.ts";

export interface Feature {
  /** For each editor that is made: a document that is replaced gets a new one. */
  extensions?(): Extensions;
  /** In groups, as the toolbar shows them. */
  readonly commands?: readonly (readonly Command[])[];
  /** Everything that the page and its features offer, before the first editor is made. */
  offered?(groups: readonly (readonly Command[])[]): void;
  /** The editor from now on, or null. Called again when the person may do more or less than before. */
  bind?(editor: Editor | null): void;
  /** What this person may do, and how the connection is. */
  show?(status: Status): void;
}

/** What the page gives to its features. */
export interface Stage {
  readonly config: PageConfig;
  readonly provider: PageProvider;
  /** The positioned element around the text; menus stand in it. */
  readonly paper: HTMLElement;
  /** Where toolbars stand. */
  readonly dock: HTMLElement;
  readonly panels: Panels;
  /** Tells screen readers, politely. */
  readonly say: (words: string) => void;
}

export type MakeFeature = (stage: Stage) => Feature;
