/**
 * What is kept, in the browser's IndexedDB.
 *
 * y-indexeddb keeps every single update and now and then the whole document, while somebody types. Here the server has
 * all but the unsaved words, so only these are written at once, and the copy when there is time.
 */

import type { Keep, Kept, KeptCopy, KeptWords } from "./keep.ts";

/** `page/forget.ts` deletes it when somebody signs out. */
export const DATABASE = "collab-rooms";
const COPIES = "copies";
const WORDS = "words";
// What nobody opened for so long is read from the server again.
const KEPT_MS = 30 * 24 * 3_600_000;

type Stored<T> = T & { readonly at: number };

/** The keep of `person` and `document` (their keys); null where the browser has none, as in some private windows. */
export async function openKeep(person: string, document: string, now: () => number = Date.now): Promise<Keep | null> {
  if (typeof indexedDB === "undefined") return null;
  try {
    return new IndexedKeep(await openDatabase(), `${person} ${document}`, now);
  } catch {
    return null;
  }
}

class IndexedKeep implements Keep {
  readonly #database: IDBDatabase;
  readonly #key: string;
  readonly #page = crypto.getRandomValues(new Uint32Array(2)).join("-");
  readonly #now: () => number;

  constructor(database: IDBDatabase, key: string, now: () => number) {
    this.#database = database;
    this.#key = key;
    this.#now = now;
  }

  async load(): Promise<Kept> {
    const transaction = this.#database.transaction([COPIES, WORDS], "readwrite");
    const copies = transaction.objectStore(COPIES);
    const words = transaction.objectStore(WORDS);
    const ours = IDBKeyRange.bound([this.#key], [this.#key, []]);
    const [copy, left] = await Promise.all([
      answer<Stored<KeptCopy> | undefined>(copies.get(this.#key)),
      answer<Stored<KeptWords>[]>(words.getAll(ours)),
    ]);
    left.sort((a, b) => a.at - b.at);
    words.delete(ours);
    left.forEach((one, number) => words.put(one, [this.#key, `${this.#page} ${number}`]));
    this.#expire(copies);
    await done(transaction);
    return { copy: copy ?? null, words: left };
  }

  async save(copy: KeptCopy | null, words: KeptWords | null): Promise<void> {
    const transaction = this.#database.transaction([COPIES, WORDS], "readwrite");
    if (copy !== null) transaction.objectStore(COPIES).put({ ...copy, at: this.#now() }, this.#key);
    this.#put(transaction, words);
    await committed(transaction);
  }

  async forget(words: KeptWords | null): Promise<void> {
    const transaction = this.#database.transaction([COPIES, WORDS], "readwrite");
    transaction.objectStore(COPIES).delete(this.#key);
    this.#put(transaction, words);
    await committed(transaction);
  }

  #put(transaction: IDBTransaction, words: KeptWords | null): void {
    const store = transaction.objectStore(WORDS);
    // With what this page took over: its own words hold all of it.
    store.delete(IDBKeyRange.bound([this.#key, this.#page], [this.#key, `${this.#page} \uffff`]));
    if (words !== null) store.put({ ...words, at: this.#now() }, [this.#key, this.#page]);
  }

  #expire(copies: IDBObjectStore): void {
    const before = this.#now() - KEPT_MS;
    const cursor = copies.openCursor();
    cursor.onsuccess = () => {
      const at = cursor.result;
      if (at === null) return;
      if ((at.value as Stored<KeptCopy>).at < before) at.delete();
      at.continue();
    };
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(COPIES);
      opening.result.createObjectStore(WORDS);
    };
    opening.onsuccess = () => {
      const database = opening.result;
      // Another tab deletes everything: it must not wait for this one.
      database.onversionchange = () => database.close();
      resolve(database);
    };
    opening.onerror = () => reject(opening.error ?? new Error("IndexedDB"));
    opening.onblocked = () => reject(new Error("IndexedDB is blocked"));
  });
}

function answer<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

/** A page that is left takes the transactions along that still wait for an answer: this one does not wait. */
function committed(transaction: IDBTransaction): Promise<void> {
  transaction.commit();
  return done(transaction);
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("IndexedDB"));
  });
}
