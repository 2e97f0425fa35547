/** The document page without a network: see static/js/offline.js, which the server gives out below /d/. */

const WORKER = "/d/offline.js";
const PAGES = "collab-rooms-pages";
const STATIC = "/static/";

/** Lets this page open again without a network. Browsers allow it on https and on this machine only. */
export function openWithoutNetwork(): void {
  // Not even asked where it cannot work: a refusal would be a message in the console for nothing.
  if (!window.isSecureContext || !("serviceWorker" in navigator)) return;
  // It fetches: what the person waits for comes first.
  if (document.readyState === "complete") void prepare();
  else window.addEventListener("load", () => void prepare(), { once: true });
}

/** The page at this address is not this person's any more. */
export function forgetPage(): void {
  if ("caches" in window) void caches.open(PAGES).then((pages) => pages.delete(window.location.pathname));
}

async function prepare(): Promise<void> {
  try {
    await navigator.serviceWorker.register(WORKER, { scope: "/d/" });
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
    const parts = loaded.filter((address) => new URL(address).pathname.startsWith(STATIC));
    active?.postMessage({ page: window.location.pathname, parts });
  } catch {
    // Storage is full or switched off, or the network went: the next page tries again.
  }
}
