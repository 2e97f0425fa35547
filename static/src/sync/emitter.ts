/** Typed events. A listener that throws is reported and does not stop the others, nor the module that emits. */

// The listener's own parameters are checked by the map of events; here any function will do.
type Listener = (...args: never[]) => void;

export type Report = (error: unknown) => void;

export class Emitter<Events extends { [K in keyof Events]: Listener }> {
  readonly #listeners = new Map<keyof Events, Set<Listener>>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Returns the function that takes the listener off again. */
  on<K extends keyof Events>(event: K, listener: Events[K]): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(event, listeners);
    return () => this.off(event, listener);
  }

  off<K extends keyof Events>(event: K, listener: Events[K]): void {
    this.#listeners.get(event)?.delete(listener);
  }

  emit<K extends keyof Events>(event: K, ...args: Parameters<Events[K]>): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        (listener as (...given: Parameters<Events[K]>) => void)(...args);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}

/** Shows an error where errors of the platform show, without stopping the caller. */
export const reportToConsole: Report = (error) => {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
};
