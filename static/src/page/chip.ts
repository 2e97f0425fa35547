/** What the state chip says: one pure function from the provider's status to words and a shape. */

import { mayEdit, type RefusalCode, type Status } from "../sync/types.ts";
import { isTakenAway } from "./access.ts";
import { t } from "./words.ts";

export type ChipState =
  | "opening"
  | "saved"
  | "sending"
  | "device"
  | "offline"
  | "waiting"
  | "viewonly"
  | "removed"
  | "signedout"
  | "error";

export type ChipShape = "dots" | "tick" | "up" | "device" | "offline" | "clock" | "eye" | "stop" | "key" | "warning";

export type ChipTone = "quiet" | "good" | "warn" | "danger";

export type ChipAction = "retry" | "sign-in" | "room" | "reload";

export interface Chip {
  readonly state: ChipState;
  readonly text: string;
  readonly shape: ChipShape;
  readonly tone: ChipTone;
  /** What it means for the person's words and what to do, in full sentences. Empty when the text says it all. */
  readonly detail: string;
  readonly action: ChipAction | null;
}

type Look = Pick<Chip, "shape" | "tone">;

/** A shape of its own for every state, so that colour is never the only difference. */
const LOOKS: Readonly<Record<ChipState, Look>> = {
  opening: { shape: "dots", tone: "quiet" },
  saved: { shape: "tick", tone: "good" },
  sending: { shape: "up", tone: "quiet" },
  device: { shape: "device", tone: "warn" },
  offline: { shape: "offline", tone: "warn" },
  waiting: { shape: "clock", tone: "warn" },
  viewonly: { shape: "eye", tone: "quiet" },
  removed: { shape: "stop", tone: "danger" },
  signedout: { shape: "key", tone: "danger" },
  error: { shape: "warning", tone: "danger" },
};

const FAULTS: Readonly<Partial<Record<RefusalCode, string>>> = {
  too_large: t("A change was too large to save. It is kept for you below; the document itself is as the others see it."),
  bad_frame:
    t("A change could not be saved because of a fault in this page. It is kept for you below. Reload the page to go on."),
  gap: t("This page lost track of the document. What you wrote is kept here. Try again, or copy it and reload the page."),
  stale_epoch: t("The document was replaced by another version. What you had not saved is kept for you below."),
  internal: t("The server had a fault and could not save your last words. They are on this device. Try again."),
  busy: t("The server is too busy to save right now. Your words are on this device. Try again in a moment."),
  slow_down: t("Too much was sent at once. Your words are on this device. Try again in a moment."),
};

const DAMAGED =
  t("This document cannot be opened at the moment. Nothing of it was changed; an administrator has been told.");

/**
 * `now` is in milliseconds since the epoch, like `retryAt`. `isLost`: the document holds what this page cannot show, so
 * that it changes nothing any more.
 */
export function chipFor(status: Status, now: number, isLost = false): Chip {
  return refused(status) ?? (isLost ? lost(status) : null) ?? unconnected(status, now) ?? connected(status);
}

function lost({ words }: Status): Chip {
  const what = t("Something in this document cannot be shown, so this page does not change it any more.");
  const kept =
    words === "saved"
      ? t("Everything that was saved is still there.")
      : t("Everything that was saved is still there; your last words are on this device and are sent by themselves.");
  const next = t("Reload the page. If it says this again, tell the owner of the document or an administrator.");
  return chip("error", t("Cannot be shown"), `${what} ${kept} ${next}`, "reload");
}

function refused(status: Status): Chip | null {
  const code = status.refusal ?? (status.connection.kind === "stopped" ? status.connection.code : null);
  if (isTakenAway(status)) return takenAway(status);
  if (code === null || code === "not_found") return null;
  if (code === "signed_out") return signedOut(status);
  if (code === "forbidden") {
    const detail = t("You may read this document but not change it any more. The owner can say why.");
    return chip("viewonly", t("View only"), detail);
  }
  if (code === "quarantined") return chip("error", t("Cannot be opened"), DAMAGED, "retry");
  return chip("error", t("Not saved"), FAULTS[code] ?? "", "retry");
}

function takenAway(status: Status): Chip {
  if (!status.synced) {
    return chip("removed", t("Not available"), t("This document does not exist, or it is not shared with you."), "room");
  }
  return chip("removed", ENDED[status.reason ?? ""] ?? t("Your access ended"), AFTER_THE_END, "room");
}

const AFTER_THE_END =
  t("You cannot read or change this document any more. What is on the screen stays until you leave, without updates.");

/** Why access ended, by the reasons of docs/protocol.md. */
const ENDED: Readonly<Record<string, string>> = {
  removed: t("Access removed by the owner"),
  revoked: t("Access removed by an administrator"),
  link_ended: t("The link that you came by has ended"),
  deleted: t("This document was deleted"),
  moved: t("This document was moved to another room"),
};

function signedOut(status: Status): Chip {
  const words =
    status.words === "saved"
      ? t("You were signed out. Everything you wrote is saved.")
      : t("You were signed out. Your last words are only in this tab: keep it open.");
  const text = status.words === "saved" ? t("Sign in again to go on") : t("Sign in again to keep saving");
  return chip("signedout", text, `${words} ${t("Sign in again in a new tab, then come back here.")}`, "sign-in");
}

function unconnected(status: Status, now: number): Chip | null {
  const { connection } = status;
  if (connection.kind === "offline") {
    if (!status.synced || !mayEdit(status.role)) return chip("offline", t("Offline"), whatWaits(status));
    const detail = t("You can go on writing. It is kept on this device and sent when the connection is back.");
    return chip("offline", t("On this device, offline"), detail);
  }
  if (connection.kind === "waiting") {
    if (connection.reason === "tabs") return chip("waiting", t("Too many tabs are open"), tooManyTabs(), "retry");
    const seconds = Math.max(0, Math.ceil((connection.retryAt - now) / 1000));
    const text = seconds === 0 ? t("Reconnecting now") : t("Reconnecting in {n} s", { n: seconds });
    return chip("waiting", text, whatWaits(status), "retry");
  }
  if (connection.kind === "connecting" && status.synced) {
    if (status.words === "saved") return chip("waiting", t("Reconnecting…"), whatWaits(status));
    return chip("device", t("On this device, reconnecting…"), whatWaits(status));
  }
  return null;
}

function whatWaits(status: Status): string {
  if (!status.synced) return t("The document opens when the connection is back.");
  if (!mayEdit(status.role)) return t("You see the last version that arrived.");
  if (status.words === "saved") return t("Everything so far is saved, and you can go on writing.");
  return t("Your last words are on this device and are sent when the connection is back. You can go on writing.");
}

/** What somebody may do who has more tabs and devices here than the server takes. */
export function tooManyTabs(): string {
  return t("You have too many tabs and devices open here. Close some: this page then goes on by itself, and nothing is lost.");
}

/** What it means that so many people are in a document that nobody else can come in. */
export function tooManyPeople(): string {
  return t("So many people are in this document that nobody else can come in now. This page tries again by itself.");
}

/** The server asked to wait with what is on this device; it is no fault, and nobody has to do anything. */
function pausing({ pause }: Status): Chip {
  const detail =
    pause === "slow_down"
      ? t("A lot was written at once. The rest is on this device and is sent by itself. You can go on writing.")
      : t("The server cannot take it right now. Your last words are on this device and are sent by themselves. You can go on writing.");
  return chip("sending", t("Sending in a moment…"), detail);
}

function connected(status: Status): Chip {
  if (status.pause === "crowd") return chip("waiting", t("Too many people are here"), tooManyPeople());
  if (!status.synced) return chip("opening", t("Opening…"), "");
  if (!mayEdit(status.role)) return chip("viewonly", t("View only"), t("You may read this document but not change it."));
  if (status.words === "saved") return chip("saved", t("Saved"), t("Everything you wrote is saved and the others see it."));
  if (status.pause !== null) return pausing(status);
  return chip("sending", t("Sending…"), "");
}

function chip(state: ChipState, text: string, detail: string, action: ChipAction | null = null): Chip {
  return { state, text, detail, action, ...LOOKS[state] };
}
