// A page for nobody in particular: whoever was signed in here is not any more, so this device keeps no document. Words
// that were not saved yet stay for their person to come back to, unless the person signed out by themselves.
const DATABASE = "collab-rooms"; // see static/src/sync/indexed.ts
const SIGNED_OUT = "signed-out";

const address = new URL(location.href);
const byThemselves = address.searchParams.has(SIGNED_OUT);

function clearCopies() {
  const opening = indexedDB.open(DATABASE);
  // It is not there: to open it must not make it.
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onerror = (event) => event.preventDefault();
  opening.onsuccess = () => {
    const database = opening.result;
    if (database.objectStoreNames.contains("copies")) {
      database.transaction("copies", "readwrite").objectStore("copies").clear();
    }
    database.close();
  };
}

function clearDrafts() {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith("collab-rooms.")) sessionStorage.removeItem(key);
  }
}

if ("caches" in window) void caches.delete("collab-rooms-pages"); // see offline.js

try {
  if (byThemselves) {
    indexedDB.deleteDatabase(DATABASE);
    clearDrafts();
    address.searchParams.delete(SIGNED_OUT);
    history.replaceState(null, "", address);
  } else {
    clearCopies();
  }
} catch {
  // Storage is switched off in this browser: then nothing was kept.
}
