/** One tab stop for a row of buttons: arrows move along it (WAI-ARIA, "Toolbar Pattern"). */

export function rove(row: HTMLElement): void {
  const buttons = [...row.querySelectorAll<HTMLButtonElement>("button")];
  const stopAt = (stop: HTMLButtonElement | undefined): void => {
    for (const button of buttons) button.tabIndex = button === stop ? 0 : -1;
  };
  stopAt(buttons[0]);
  row.addEventListener("focusin", (event) => {
    const stop = buttons.find((button) => button === event.target);
    if (stop !== undefined) stopAt(stop);
  });
  row.addEventListener("keydown", (event) => {
    const index = buttons.findIndex((button) => button === document.activeElement);
    const steps: Partial<Record<string, number>> = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 };
    const next = steps[event.key];
    if (index < 0 || next === undefined) return;
    event.preventDefault();
    buttons.at(next % buttons.length)?.focus();
  });
}
