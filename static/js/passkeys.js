// allauth's scripts report a failed passkey or security key only to the console. People read it here instead: the page
// has the words, in templates/_key_error.html, named for the errors of WebAuthn.
const place = document.querySelector("[data-key-error]");

document.addEventListener("allauth.error", (event) => {
  if (!place) return;
  event.preventDefault();
  const name = event.detail.exception?.name ?? "";
  const words = place.dataset;
  place.textContent = words[name.charAt(0).toLowerCase() + name.slice(1)] ?? words.otherwise;
  place.hidden = false;
});
