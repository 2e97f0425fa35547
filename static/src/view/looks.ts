/** How a person likes to look at documents: kept in this browser, per person. */

export interface Looks {
  /** Everything but the text steps back. */
  readonly focus: boolean;
  /** The text takes all the room that there is. */
  readonly wide: boolean;
}

export const PLAIN: Looks = { focus: false, wide: false };

/** `localStorage`, or null where the browser refuses it. */
export type Shelf = Pick<Storage, "getItem" | "setItem"> | null;

export function readLooks(shelf: Shelf, person: string): Looks {
  try {
    const kept: unknown = JSON.parse(shelf?.getItem(keyOf(person)) ?? "{}");
    const { focus, wide } = (kept ?? {}) as Partial<Looks>;
    return { focus: focus === true, wide: wide === true };
  } catch {
    // Written by something else; a look is no loss.
    return PLAIN;
  }
}

/** False when the browser keeps nothing: the look lasts as long as the page. */
export function keepLooks(shelf: Shelf, person: string, looks: Looks): boolean {
  try {
    shelf?.setItem(keyOf(person), JSON.stringify(looks));
    return shelf !== null;
  } catch {
    return false;
  }
}

function keyOf(person: string): string {
  return `collab-looks-${person}`;
}
