/** Going to somebody's caret, and staying with it until the reader moves by themselves. */

import { caretsOf, scrollToCaret } from "../editor/carets.ts";
import { COVERED } from "../editor/covered.ts";

/** Carets move many times a second; the page may lag a little behind. */
const FOLLOW_MS = 300;

export interface Follow {
  /** The first call for a person goes there, the second follows, the third stops. */
  pick(person: string, name: string): void;
}

export interface FollowOptions {
  readonly paper: HTMLElement;
  readonly say: (words: string) => void;
  readonly changed: (person: string | null) => void;
}

export function createFollow({ paper, say, changed }: FollowOptions): Follow {
  let visited: string | null = null;
  let followed: string | null = null;
  let timer = 0;

  const stop = (): void => {
    visited = null;
    if (followed === null) return;
    followed = null;
    window.clearInterval(timer);
    changed(null);
  };
  const keepUp = (): void => {
    const caret = followed === null ? undefined : caretsOf(paper, followed)[0];
    if (followed !== null && caret !== undefined && !isInView(caret)) scrollToCaret(paper, followed, motion());
  };

  for (const event of ["wheel", "touchmove", "keydown"]) {
    window.addEventListener(event, (happened) => {
      // Tabbing to an avatar and pressing it again is not moving away.
      const onAvatar = happened.target instanceof Element && happened.target.closest("[data-person]") !== null;
      if (!onAvatar) stop();
    }, { passive: true });
  }
  paper.addEventListener("pointerdown", stop);

  return {
    pick(person, name) {
      if (followed === person) return stop();
      const again = visited === person;
      stop();
      if (!scrollToCaret(paper, person, motion())) return say(`${name} is not in the text at the moment.`);
      visited = person;
      if (!again) return;
      followed = person;
      timer = window.setInterval(keepUp, FOLLOW_MS);
      changed(person);
      say(`Following ${name}. Scroll or write to stop.`);
    },
  };
}

function isInView(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= COVERED.top && bottom <= window.innerHeight - COVERED.bottom;
}

function motion(): ScrollBehavior {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
