/** The only module here that touches the DOM. */

import type { Wake } from "./wake.ts";

/** Network and visibility of this page. socket.io-client itself listens for `offline` only (trap B4). */
export const browserWake: Wake = {
  get isOnline() {
    return navigator.onLine;
  },
  subscribe(listener) {
    const off = new AbortController();
    const { signal } = off;
    window.addEventListener("online", () => listener("online"), { signal });
    window.addEventListener("offline", () => listener("offline"), { signal });
    // Back out of the back/forward cache: every socket was closed without an event.
    window.addEventListener("pageshow", (event) => event.persisted && listener("shown"), { signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && listener("shown"), {
      signal,
    });
    return () => off.abort();
  },
};

export const isBrowser = (): boolean => typeof window !== "undefined" && typeof document !== "undefined";
