/** The words that the sync module, the editor and the page share. See docs/protocol.md. */

export type Role = "owner" | "editor" | "commenter" | "viewer";

/** Stable refusal codes of the protocol. A client decides by these alone. */
export type RefusalCode =
  | "signed_out"
  | "not_found"
  | "forbidden"
  | "too_large"
  | "bad_frame"
  | "gap"
  | "slow_down"
  | "busy"
  | "stale_epoch"
  | "quarantined"
  | "internal";

/** Roles whose holder may change the text. */
export function mayEdit(role: Role | null): boolean {
  return role === "owner" || role === "editor";
}

/** The lineage of a document: opaque, only ever compared. */
export type Epoch = string | number;

/** An encoded pair of Yjs relative positions. */
export interface Cursor {
  readonly anchor: Uint8Array;
  readonly head: Uint8Array;
}

/** One socket in one document. Everything but `clientId` and `cursor` is the server's word. */
export interface Participant {
  readonly id: string;
  /** Stable id of the person: several tabs of one person share it. */
  readonly user: string;
  readonly name: string;
  /** Six-digit hex, `#rrggbb`. */
  readonly color: string;
  readonly clientId: number;
  readonly role: Role;
  readonly cursor: Cursor | null;
}

/** How the line to the server is. Times are milliseconds since the epoch, as `Date.now()`. */
export type ConnectionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  /** Waiting for the next attempt; `retryAt` says when it comes by itself, `reason` why the server said so, if it did. */
  | { readonly kind: "waiting"; readonly retryAt: number; readonly reason?: string }
  /** The browser says that there is no network. */
  | { readonly kind: "offline" }
  /** No further attempt is made by itself; `code` says why. */
  | { readonly kind: "stopped"; readonly code: RefusalCode };

/** Where the person's words are: only here, on their way, or kept by the server. */
export type Words = "device" | "sent" | "saved";

/** Everything that the state chip shows. */
export interface Status {
  readonly connection: ConnectionState;
  readonly words: Words;
  /** True once the server's content has been merged into `doc` at least once. */
  readonly synced: boolean;
  /** Null until the first `open` was answered, and after access was taken away. */
  readonly role: Role | null;
  /** Why this document cannot be edited or read any more, if so. */
  readonly refusal: RefusalCode | null;
  /** Why access was taken away, in a word of docs/protocol.md, if that is known. */
  readonly reason: string | null;
  /** The server asked to wait before the next sending or opening: its code, or its word for why. It goes on by itself. */
  readonly pause: string | null;
}

/** Words that the server would not take, kept for the person. */
export interface RescueDraft {
  readonly code: RefusalCode;
  /** The Yjs update that was not saved (lineage of the copy it was written in). */
  readonly update: Uint8Array;
  /** The inserted text of that update, in reading order as far as it can be told; never empty of what was typed. */
  readonly text: string;
}

export interface ConnectionEvents {
  state: (state: ConnectionState) => void;
}

export interface ProviderEvents {
  status: (status: Status) => void;
  /** `others`: how many more are here than are listed. Of a crowd the server shows those who write. */
  people: (people: readonly Participant[], others: number) => void;
  renamed: (title: string) => void;
  /** Comments changed; what is heard after an interruption says nothing of what changed in it. */
  commented: (change: { readonly version: number }) => void;
  rescue: (draft: RescueDraft) => void;
  /** `doc` and `awareness` are new objects (new lineage, or a refused edit was taken back): bind the editor again. */
  replaced: () => void;
}
