/** What the server tells the page about itself. */

import { required } from "../editor/dom.ts";
import type { Role } from "../sync/types.ts";

export interface Person {
  readonly id: string;
  readonly name: string;
  /** `#rrggbb`. */
  readonly color: string;
}

export interface PageConfig {
  /** The document's key, the last part of its address. */
  readonly document: string;
  readonly title: string;
  /** The role when the page was made; the provider knows the present one. */
  readonly role: Role;
  readonly renameUrl: string;
  /** Where files are sent to. */
  readonly filesUrl: string;
  readonly maxFileBytes: number;
  readonly commentsUrl: string;
  readonly signInUrl: string;
  readonly roomUrl: string;
  readonly person: Person;
  /** The last change of the text, `at` in milliseconds since the epoch; null when there was none. */
  readonly lastEdit: { readonly id: string; readonly name: string; readonly at: number } | null;
}

/** Reads the block that the template writes with `json_script`. */
export function readConfig(): PageConfig {
  return JSON.parse(required("#collab-config").textContent ?? "") as PageConfig;
}
