/** Talking to the server about files. */

import { csrfToken } from "../page/csrf.ts";
import { t } from "../page/words.ts";
import type { Answer, Send, Stored } from "./uploads.ts";

const FAULT = t("A fault on the server kept it from being stored.");
const OFFLINE = t("There is no connection.");

/** For the uploads. `fetch` tells nothing about how far it has come. */
export function sendTo(url: string): Send {
  return (file, progress) => {
    const request = new XMLHttpRequest();
    const answer = new Promise<Answer>((resolve) => {
      request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
        if (lengthComputable && total > 0) progress(loaded / total);
      });
      request.addEventListener("load", () => {
        resolve(answerOf(request.status, request.response, redirected(request, url)));
      });
      request.addEventListener("error", () => resolve({ kind: "failed", words: OFFLINE, again: true }));
      request.addEventListener("timeout", () => resolve({ kind: "failed", words: OFFLINE, again: true }));
    });
    const form = new FormData();
    form.append("file", file, file.name);
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.send(form);
    return { answer, abort: () => request.abort() };
  };
}

/** A copy, in this document, of the file with that key; the file itself when it belongs here. */
export async function copyHere(url: string, key: string): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
      body: new URLSearchParams({ copy_of: key }),
    });
    return answerOf(response.status, await response.json().catch(() => null), response.redirected);
  } catch {
    return { kind: "failed", words: OFFLINE, again: true };
  }
}

/** What an answer means for a person. */
export function answerOf(status: number, body: unknown, wasRedirected: boolean): Answer {
  const failed = (words: string, again = false): Answer => ({ kind: "failed", words, again });
  if (wasRedirected || status === 401) return failed(t("You are signed out. Sign in again in another tab."), true);
  if (status === 201) {
    const file = storedOf(body);
    return file === null ? failed(FAULT, true) : { kind: "stored", file };
  }
  if (status === 403) return failed(t("You may not add files to this document."));
  if (status === 404) return failed(t("This document is not available to you any more."));
  if (status === 429) return failed(t("Those were many files in a short time. Wait a minute."), true);
  const words = wordsOf(body);
  if (status === 409) return failed(words ?? t("There is no space for it in this room."), true);
  if (status === 413) return failed(words ?? t("It is larger than the server takes."));
  if (status === 400) return failed(words ?? t("The server does not take it."));
  return failed(FAULT, true);
}

function storedOf(body: unknown): Stored | null {
  if (typeof body !== "object" || body === null) return null;
  const { key, name, size, image, width, height } = body as Record<string, unknown>;
  const known = typeof key === "string" && typeof name === "string" && typeof size === "number";
  if (!known) return null;
  const pixels = (value: unknown): number | null => (typeof value === "number" ? value : null);
  return { key, name, size, image: image === true, wide: pixels(width), high: pixels(height) };
}

function wordsOf(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("error" in body)) return null;
  return typeof body.error === "string" ? body.error : null;
}

/** A redirect leads to the sign-in page, which is answered with 200. */
function redirected(request: XMLHttpRequest, url: string): boolean {
  return request.responseURL !== "" && new URL(request.responseURL).pathname !== new URL(url, location.href).pathname;
}
