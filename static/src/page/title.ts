/** The title of the document, renamed where it stands. */

import { setAttribute } from "../editor/dom.ts";
import { csrfToken } from "./csrf.ts";
import { t } from "./words.ts";

export interface TitleOptions {
  readonly input: HTMLInputElement;
  /** Where words about a failed renaming go. */
  readonly problem: HTMLElement;
  readonly renameUrl: string;
  readonly title: string;
}

export interface TitleView {
  /** Somebody renamed the document. */
  renamed(title: string): void;
  allow(editable: boolean): void;
}

/** The part of a response that is looked at. */
interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly redirected: boolean;
}

export function createTitle({ input, problem, renameUrl, title }: TitleOptions): TitleView {
  let kept = title;
  let sending: string | null = null;

  const keep = (next: string): void => {
    kept = next;
    document.title = `${next} · Collab Rooms`;
  };
  const complain = (words: string): void => {
    problem.textContent = words;
    problem.hidden = words === "";
    setAttribute(input, "aria-invalid", words === "" ? null : "true");
  };
  const revert = (): void => {
    input.value = kept;
    complain("");
  };
  const save = async (): Promise<void> => {
    const wanted = input.value.trim().replace(/\s+/g, " ");
    if (wanted === "") return revert();
    if (wanted === kept || wanted === sending) return;
    sending = wanted;
    const result = await rename(renameUrl, wanted);
    sending = null;
    if ("problem" in result) return complain(result.problem);
    keep(result.title);
    complain("");
    if (document.activeElement !== input) input.value = kept;
  };

  input.value = title;
  keep(title);
  input.addEventListener("change", () => void save());
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") revert();
    if (event.key === "Enter") event.preventDefault();
    // Enter after a failure tries again; `change` would not fire, since nothing changed.
    if (event.key === "Enter" && !problem.hidden) void save();
    if (event.key === "Escape" || event.key === "Enter") input.blur();
  });

  return {
    renamed(next) {
      const untouched = input.value === kept;
      keep(next);
      if (untouched && document.activeElement !== input) input.value = next;
    },
    allow(editable) {
      input.readOnly = !editable;
      input.tabIndex = editable ? 0 : -1;
    },
  };
}

async function rename(url: string, title: string): Promise<{ title: string } | { problem: string }> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
      body: new URLSearchParams({ title }),
    });
  } catch {
    return { problem: `${t("There is no connection, so the new title is not saved.")} ${AGAIN}` };
  }
  const problem = renameProblem(response);
  if (problem !== null) return { problem };
  const answer: unknown = await response.json().catch(() => null);
  return { title: titleOf(answer) ?? title };
}

const AGAIN = t("It is kept here; press Enter to try again.");
const SIGN_IN = t("It is kept here; sign in again in another tab, then press Enter.");
const GIVE_UP = t("Press Escape for the title that the others see.");

/** What went wrong, what became of the title and what to do; null when nothing did. */
export function renameProblem({ ok, status, redirected }: Answer): string | null {
  // A redirect leads to the sign-in page, which is answered with 200.
  if (redirected || status === 401) return `${t("You are signed out, so the new title is not saved.")} ${SIGN_IN}`;
  if (ok) return null;
  if (status === 403) return `${t("You may not rename this document any more.")} ${GIVE_UP}`;
  if (status === 404) return t("This document is not available to you any more, so the new title is not saved.");
  if (status === 400) return t("This title cannot be used, perhaps because it is too long. Change it and press Enter.");
  if (status === 429) return t("That was too often. The new title is kept here; press Enter in a minute to try again.");
  return `${t("A fault on the server kept the new title from being saved.")} ${AGAIN}`;
}

function titleOf(answer: unknown): string | null {
  if (typeof answer !== "object" || answer === null || !("title" in answer)) return null;
  return typeof answer.title === "string" ? answer.title : null;
}
