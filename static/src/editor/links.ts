/** Which addresses a link may have. Everything else never becomes an `href`, whoever wrote it. */

/** Nothing that runs, reads files or starts another program: a document is written by many hands. */
const SAFE_SCHEMES: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

/** Something before a colon that is not a port number counts as a scheme. */
const SCHEME = /^[a-z][a-z0-9+.-]*:(?!\d)/i;

const EMAIL = /^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/;
const HOST = /^(localhost|[^\s/?#@:]+\.[^\s/?#@:.]{2,})(:\d{1,5})?([/?#]|$)/i;

/** The address as it may stand in the page, or null. Takes full addresses only. */
export function safeHref(href: unknown): string | null {
  if (typeof href !== "string") return null;
  const url = parse(href);
  return url !== null && SAFE_SCHEMES.has(url.protocol) ? url.href : null;
}

/** What a person typed, completed to a full address, or null when it is none that we allow. */
export function completeHref(typed: string): string | null {
  const text = typed.trim();
  if (text === "" || /\s/.test(text)) return null;
  if (SCHEME.test(text)) return safeHref(text);
  if (EMAIL.test(text)) return safeHref(`mailto:${text}`);
  if (text.startsWith("//")) return safeHref(`https:${text}`);
  return HOST.test(text) ? safeHref(`https://${text}`) : null;
}

function parse(href: string): URL | null {
  try {
    return new URL(href);
  } catch {
    return null; // Not a full address: the one thing that URL's exception means.
  }
}
