/** Who is in a document: the list from `open`, kept current by the changes that follow. */

import type { PeopleChange } from "./messages.ts";
import type { Participant } from "./types.ts";

export class People {
  #byId: ReadonlyMap<string, Participant> = new Map();

  get list(): readonly Participant[] {
    return [...this.#byId.values()];
  }

  reset(people: readonly Participant[]): void {
    this.#byId = new Map(people.map((participant) => [participant.id, participant]));
  }

  change({ joined, left, cursors }: PeopleChange): void {
    const next = new Map(this.#byId);
    for (const participant of joined) next.set(participant.id, participant);
    for (const id of left) next.delete(id);
    for (const [id, cursor] of cursors) {
      const participant = next.get(id);
      if (participant !== undefined) next.set(id, { ...participant, cursor });
    }
    this.#byId = next;
  }
}
