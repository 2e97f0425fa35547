// allauth's scripts report a failed passkey or security key only to the console. People read it here instead.
const WORDS = {
  NotAllowedError: "The key was not used: the request was cancelled or took too long. Nothing has changed; try again.",
  InvalidStateError: "This key is on your account already.",
  NotSupportedError: "This browser or key cannot do that. Try another key, or another browser.",
  SecurityError: "Keys work only on a secure (https) address. Ask whoever runs this site.",
};
const OTHERWISE = "The key could not be read. Nothing has changed; try again, or use another way.";

const place = document.querySelector("[data-key-error]");

document.addEventListener("allauth.error", (event) => {
  if (!place) return;
  event.preventDefault();
  place.textContent = WORDS[event.detail.exception?.name] ?? OTHERWISE;
  place.hidden = false;
});
