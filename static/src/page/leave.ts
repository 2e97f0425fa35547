/** The browser asks before a tab is closed that holds the only copy of somebody's words. */

export function askBeforeLeaving(holdsWords: () => boolean): void {
  window.addEventListener("beforeunload", (event) => {
    // Only while it is true: a page that always asks cannot be kept for going back.
    if (holdsWords()) event.preventDefault();
  });
}
