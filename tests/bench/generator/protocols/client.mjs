/**
 * What every protocol's client offers the scenarios.
 *
 * `ready` resolves once the document is here. `frameOf(update)` makes the frame that carries an update and `write(frame)`
 * sends it; `save(update)` does what the peer's own client library does with an update. `moveCursor(n)` tells the others a new
 * caret. `onRuns(runs)` hears which operations arrived, `onPresence()` that something about people did.
 */

export const NOTHING = Buffer.from([0]);
export const EMPTY_UPDATE = Buffer.from([0, 0]);

export class Client {
  #settled;

  constructor({ port, document, session = null, clientId = 1, have = NOTHING, keep = false }) {
    Object.assign(this, { port, document, session, clientId, have, keep });
    /** Milliseconds on the clock of this process: when it began, when it could ask for the document, when it had it. */
    this.times = { started: performance.now(), asked: 0, synced: 0 };
    this.content = null;
    this.contentBytes = 0;
    this.refused = {};
    this.onRuns = null;
    this.onPresence = null;
    this.ready = new Promise((resolve, reject) => (this.#settled = { resolve, reject }));
    this.ready.catch(() => {}); // whoever cares awaits it; the others must not end the process
  }

  asked() {
    this.times.asked = performance.now();
  }

  /** The document's content has arrived. */
  synced(content) {
    if (this.times.synced) return;
    this.times.synced = performance.now();
    this.contentBytes = content.length;
    if (this.keep) this.content = Buffer.from(content);
    this.#settled.resolve(this);
  }

  ended(error) {
    this.end = error;
    this.#settled.reject(error);
  }

  refuse(code) {
    this.refused[code] = (this.refused[code] ?? 0) + 1;
  }

  write(frame) {
    this.line.write(frame);
  }

  save(update) {
    this.write(this.frameOf(update));
  }

  close() {
    this.line.close();
  }
}
