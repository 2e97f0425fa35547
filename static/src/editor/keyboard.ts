/** Keeps the phone's toolbar above the on-screen keyboard. */

/**
 * The layout viewport stays as tall as the screen while the keyboard covers a part of it, so `bottom: 0` is hidden.
 * What is covered becomes `--keyboard`, which the style sheet adds to the toolbar's place.
 */
export function followKeyboard(root: HTMLElement): void {
  const viewport = window.visualViewport;
  if (viewport === null) return;
  const measure = (): void => {
    // Pinch zoom shrinks the visual viewport as well; then nothing is covered.
    const covered = viewport.scale > 1.01 ? 0 : window.innerHeight - viewport.height - viewport.offsetTop;
    root.style.setProperty("--keyboard", `${Math.max(0, Math.round(covered))}px`);
  };
  viewport.addEventListener("resize", measure);
  viewport.addEventListener("scroll", measure);
  measure();
}
