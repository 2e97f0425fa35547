/** Who is in a document: the list from `open`, kept current by the changes that follow, and how many are not listed. */

import type { PeopleChange } from "./messages.ts";
import type { Participant, Role } from "./types.ts";

export class People {
  #byId: ReadonlyMap<string, Participant> = new Map();
  #you: string | null = null;
  #others = 0;
  /** Whether the server shows this participant to the others, as told since `open`. Its own list has it either way. */
  #isShown = false;

  get list(): readonly Participant[] {
    return [...this.#byId.values()];
  }

  /** How many participants are here beside those of the list. */
  get others(): number {
    return this.#others;
  }

  get you(): string | null {
    return this.#you;
  }

  /** `open` was answered. */
  reset(you: string, people: readonly Participant[], others: number): void {
    this.#you = you;
    this.#byId = new Map(people.map((participant) => [participant.id, participant]));
    this.#others = others;
    this.#isShown = false;
  }

  /** Nobody is known to be here. */
  clear(): void {
    this.#byId = new Map();
    this.#others = 0;
  }

  change({ joined, left, cursors, others }: PeopleChange): void {
    const next = new Map(this.#byId);
    for (const participant of joined) {
      next.set(participant.id, participant);
      if (participant.id === this.#you) this.#isShown = true;
    }
    for (const id of left) {
      // Somebody else took this participant's place. It is here all the same.
      if (id === this.#you) this.#isShown = false;
      else next.delete(id);
    }
    for (const [id, cursor] of cursors) {
      const participant = next.get(id);
      if (participant !== undefined) next.set(id, { ...participant, cursor });
    }
    this.#byId = next;
    // The server counts whoever is not shown, this participant included.
    this.#others = Math.max(0, this.#isShown ? others : others - 1);
  }

  /** This participant may do something else now. Nobody is told of whoever is not shown. */
  grant(role: Role): void {
    const own = this.#you === null ? undefined : this.#byId.get(this.#you);
    if (own !== undefined) this.#byId = new Map(this.#byId).set(own.id, { ...own, role });
  }
}
