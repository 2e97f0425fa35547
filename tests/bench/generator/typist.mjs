/** Somebody who types at the end of their own text. Updates are Yjs's own, made before the clock runs. */

import * as Y from "yjs";

// Client ids as long as those that Yjs draws: five bytes.
export const FIRST_CLIENT_ID = 3_000_000_000;

export class Typist {
  #doc = new Y.Doc();
  #last = null;

  constructor(index) {
    this.index = index;
    this.#doc.clientID = FIRST_CLIENT_ID + index;
    this.#doc.on("update", (update) => (this.#last = update));
    this.text = this.#doc.getText("text");
    /** One update a letter; the letter at place i has clock i. */
    this.updates = [];
  }

  get clientId() {
    return this.#doc.clientID;
  }

  /** Types ahead until `count` updates are there. */
  prepare(count) {
    while (this.updates.length < count) {
      const place = this.updates.length;
      this.text.insert(place, String.fromCharCode(97 + (place % 26)));
      this.updates.push(this.#last);
    }
  }
}
