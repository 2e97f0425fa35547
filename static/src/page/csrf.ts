/** Django's token against forged requests. */

import { required } from "../editor/dom.ts";

/** From the cookie; where a deployment hides the cookie from scripts, from the field in the page. */
export function csrfToken(): string {
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith("csrftoken="));
  if (cookie !== undefined) return decodeURIComponent(cookie.slice("csrftoken=".length));
  return required<HTMLInputElement>('input[name="csrfmiddlewaretoken"]').value;
}
