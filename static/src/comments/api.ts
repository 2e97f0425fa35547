/** Asking the server about comments. What fails comes back as words that say what to do. */

import { t } from "../page/words.ts";
import type { Answer, Beginning, State, Thread } from "./types.ts";

/** How things stand after a change; `thread` is null when it is gone as a whole. */
export interface Done {
  readonly version: number;
  readonly thread: Thread | null;
}

/** `code` is that of the server, or `offline`, or `internal`. */
export type Result<T> = { readonly value: T } | { readonly problem: string; readonly code: string };

export interface CommentsApi {
  all(): Promise<Result<Answer>>;
  begin(beginning: Beginning): Promise<Result<Done>>;
  reply(thread: string, body: string): Promise<Result<Done>>;
  turn(thread: string, state: State): Promise<Result<Done>>;
  edit(thread: string, comment: string, body: string): Promise<Result<Done>>;
  remove(thread: string, comment: string): Promise<Result<Done>>;
  react(thread: string, comment: string, emoji: string, on: boolean): Promise<Result<Done>>;
}

export interface ApiOptions {
  /** The address of the document's comments. */
  readonly url: string;
  readonly fetch: typeof fetch;
  /** Django's token against forged requests. */
  readonly token: () => string;
}

const OFFLINE = t("There is no connection, so this is not sent. Your words are kept here.");
const SIGNED_OUT = t("You are signed out, so this is not sent. Sign in again in another tab; your words are kept here.");
const FAULT = t("A fault on the server kept this from being saved. Your words are kept here.");

export function createApi({ url, fetch, token }: ApiOptions): CommentsApi {
  const ask = async <T>(address: string, body: unknown = null): Promise<Result<T>> => {
    let response: Response;
    try {
      response = await fetch(address, {
        method: body === null ? "GET" : "POST",
        credentials: "same-origin",
        cache: "no-store",
        headers: { Accept: "application/json", ...(body === null ? {} : headers(token())) },
        ...(body === null ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      return { problem: OFFLINE, code: "offline" };
    }
    // A redirect leads to the sign-in page, which is answered with 200.
    if (response.redirected) return { problem: SIGNED_OUT, code: "signed_out" };
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok && answer !== null) return { value: answer as T };
    return refusal(response.status, answer);
  };
  const at = (...parts: string[]): string => [url, ...parts].join("/");
  return {
    all: () => ask<Answer>(url),
    begin: (beginning) => ask<Done>(url, beginning),
    reply: (thread, body) => ask<Done>(at(thread, "replies"), { body }),
    turn: (thread, state) => ask<Done>(at(thread, "state"), { state }),
    edit: (thread, comment, body) => ask<Done>(at(thread, comment, "edit"), { body }),
    remove: (thread, comment) => ask<Done>(at(thread, comment, "delete"), {}),
    react: (thread, comment, emoji, on) => ask<Done>(at(thread, comment, "react"), { emoji, on }),
  };
}

function headers(token: string): Record<string, string> {
  return { "Content-Type": "application/json", "X-CSRFToken": token };
}

function refusal(status: number, answer: unknown): { problem: string; code: string } {
  if (status === 401) return { problem: SIGNED_OUT, code: "signed_out" };
  const { code, message } = (answer ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code === "string" && typeof message === "string") return { problem: message, code };
  return { problem: FAULT, code: "internal" };
}
