/** How wide a picture is on the paper, in percent. */

export const LEAST = 10;
export const MOST = 100;

/** With an arrow key, and with Shift held. */
const STEP = 5;
const FINE_STEP = 1;

/** A whole percentage that a document may hold. */
export function fit(percent: number): number {
  return Math.min(MOST, Math.max(LEAST, Math.round(percent)));
}

export interface Drag {
  /** When the drag began, in pixels. */
  readonly width: number;
  readonly paper: number;
  /** How far the pointer has come since, in pixels, positive away from the middle of the picture. */
  readonly by: number;
  /** A picture in the middle grows on both sides. */
  readonly centred: boolean;
}

/** The width that a drag of the handle means. */
export function widthAfterDrag({ width, paper, by, centred }: Drag): number {
  return fit(((width + by * (centred ? 2 : 1)) / paper) * 100);
}

/** The width after a key on the handle; null for a key that is not the handle's. */
export function widthAfterKey(key: string, width: number, fine: boolean): number | null {
  const step = fine ? FINE_STEP : STEP;
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return fit(width + step);
    case "ArrowLeft":
    case "ArrowDown":
      return fit(width - step);
    case "Home":
      return LEAST;
    case "End":
      return MOST;
    default:
      return null;
  }
}
