/** What the surroundings say about the network and the person, as far as a connection cares. */

export type WakeEvent =
  /** There is a network (again). */
  | "online"
  | "offline"
  /** The person looks at the page again: timers may have slept, the line may be dead. */
  | "shown";

export interface Wake {
  readonly isOnline: boolean;
  /** The result takes the listener off. */
  subscribe(listener: (event: WakeEvent) => void): () => void;
}

/** For programs: always online, never asleep. */
export const alwaysAwake: Wake = {
  isOnline: true,
  subscribe: () => () => {},
};
