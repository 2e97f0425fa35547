/** Parts of the page that are loaded when they are first wanted. */

import { t } from "../page/words.ts";

const FAILED = t("This part of the page could not be loaded. Check the connection and try again.");

/** Null, and a sentence for the person, when the part does not arrive. The next try asks again. */
export async function loaded<T>(load: () => Promise<T>, say: (words: string) => void): Promise<T | null> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // A module that cannot be fetched is a TypeError.
    say(FAILED);
    return null;
  }
}
