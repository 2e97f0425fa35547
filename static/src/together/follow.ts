/** Going to somebody's caret, and staying with it until the reader moves by themselves. */

import { t } from "../page/words.ts";
import type { Carets } from "./carets.ts";

/** Carets move many times a second; the page may lag a little behind. */
const FOLLOW_MS = 300;

export interface Follow {
  /** The first call for a person goes there, the second follows, the third stops. */
  pick(person: string, name: string): void;
}

export interface FollowOptions {
  readonly paper: HTMLElement;
  /** Those of the editor of now. */
  readonly carets: () => Carets | null;
  readonly say: (words: string) => void;
  readonly changed: (person: string | null) => void;
}

export function createFollow({ paper, carets, say, changed }: FollowOptions): Follow {
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
    if (followed !== null && carets()?.isInView(followed) === false) carets()?.goTo(followed, motion());
  };

  for (const event of ["wheel", "touchmove", "keydown"]) {
    window.addEventListener(event, (happened) => {
      // Tabbing to an avatar and pressing it again is not moving away.
      const onAvatar = happened.target instanceof Element && happened.target.closest("[data-person]") !== null;
      if (event !== "keydown" || !onAvatar) stop();
    }, { passive: true });
  }
  paper.addEventListener("pointerdown", stop);

  return {
    pick(person, name) {
      if (followed === person) return stop();
      const again = visited === person;
      stop();
      if (carets()?.goTo(person, motion()) !== true) return say(t("{name} is not in the text at the moment.", { name }));
      visited = person;
      if (!again) return;
      followed = person;
      timer = window.setInterval(keepUp, FOLLOW_MS);
      changed(person);
      say(t("Following {name}. Scroll or write to stop.", { name }));
    },
  };
}

function motion(): ScrollBehavior {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}
