/** What covers the text, in pixels: the sticky headers above, the phone's toolbars below. */
export const COVERED = { top: 152, right: 0, bottom: 100, left: 0 };
