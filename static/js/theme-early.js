// Runs before the first paint: a theme that the person chose must not flash in after the system's.
(function () {
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is switched off in this browser: the system's theme holds.
  }
})();
