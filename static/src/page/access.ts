/** What the person may do with the document on the screen. */

import { mayEdit, type Status } from "../sync/types.ts";

/** Losing the connection changes nothing here: writing goes on and is sent later. */
export function isEditable(status: Status): boolean {
  return mayEdit(status.role) && status.refusal === null && status.synced;
}

/** The document was open and is not this person's any more, or never was. */
export function isTakenAway(status: Status): boolean {
  const { refusal } = status;
  if (refusal === "not_found") return true;
  return status.synced && status.role === null && refusal !== "signed_out" && refusal !== "quarantined";
}
