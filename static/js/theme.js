// The theme control: light, dark, or whatever the system says. Remembered on this device only.
const KEY = "theme";

function chosen() {
  return document.documentElement.dataset.theme ?? "system";
}

function choose(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage is switched off in this browser: the choice lasts until the page is left.
  }
}

for (const control of document.querySelectorAll("[data-theme-choice]")) {
  control.hidden = false;
  for (const input of control.querySelectorAll("input")) {
    input.checked = input.value === chosen();
    input.addEventListener("change", () => choose(input.value));
  }
}
