// A service worker for document pages alone (its scope is /d/): a page that was opened before opens again without a
// network. The words are kept by static/src/sync/keeper.ts; here it is the page and what it is made of.
const PAGES = "collab-rooms-pages";
const PARTS = "collab-rooms-parts";
const STATIC = "/static/";
// Named by their content: what is in the cache is what the server has.
const FOR_EVER = /\.[0-9a-f]{12}\.[a-z0-9]+$|\/dist\/chunks\//;
const DOCUMENT = /^\/d\/[\w-]+$/;
// Parts of releases that are gone; one release has about fifty.
const MOST_PARTS = 150;
// A server that is being replaced answers with one of these through its load balancer.
const AWAY = new Set([502, 503, 504]);

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([self.clients.claim(), fetchParts()])));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && DOCUMENT.test(url.pathname)) event.respondWith(page(request, url.pathname));
  else if (url.pathname.startsWith(STATIC)) event.respondWith(part(request));
});

// The first page of all was loaded before this worker was there to see it: it says itself what it is made of.
self.addEventListener("message", (event) => {
  const { page: address, parts } = event.data;
  event.waitUntil(Promise.all([keepMissing(PAGES, [address]), keepMissing(PARTS, parts)]));
});

async function keepMissing(name, addresses) {
  const cache = await caches.open(name);
  for (const address of addresses) {
    const url = new URL(address, self.location.origin).href;
    if ((await cache.match(url)) === undefined) await cache.add(url).catch(() => undefined);
  }
}

async function page(request, path) {
  const pages = await caches.open(PAGES);
  const kept = await pages.match(path);
  let answer;
  try {
    answer = await fetch(request);
  } catch (error) {
    if (kept === undefined) throw error;
    return kept;
  }
  if (AWAY.has(answer.status) && kept !== undefined) return kept;
  // Not found, not signed in, no longer theirs: whatever was kept is not to be shown again.
  if (answer.ok && !answer.redirected) await pages.put(path, answer.clone());
  else if (!AWAY.has(answer.status)) await pages.delete(path);
  return answer;
}

async function part(request) {
  const parts = await caches.open(PARTS);
  const kept = await parts.match(request.url);
  if (kept !== undefined && FOR_EVER.test(request.url)) return kept;
  try {
    const answer = await fetch(request);
    if (answer.ok) await parts.put(request.url, answer.clone());
    return answer;
  } catch (error) {
    if (kept === undefined) throw error;
    return kept;
  }
}

/** The parts of the editor that are loaded with their first use, which may come without a network. */
async function fetchParts() {
  const parts = await caches.open(PARTS);
  for (const old of (await parts.keys()).slice(0, -MOST_PARTS)) await parts.delete(old);
  const answer = await fetch(`${STATIC}dist/manifest.json`).catch(() => null);
  if (answer === null || !answer.ok) return;
  const chunks = Object.values(await answer.json());
  const files = new Set(chunks.flatMap(({ file, css = [] }) => [file, ...css]).filter((file) => file.startsWith("chunks/")));
  await keepMissing(PARTS, [...files].map((file) => `${STATIC}dist/${file}`));
}
