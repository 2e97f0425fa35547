/** Frames become typed values here and nowhere else. Unknown fields are ignored: a server may be newer than a page. */

import type { Cursor, Epoch, Participant, RefusalCode, Role } from "./types.ts";

/** A frame that is not what docs/protocol.md promises: a fault of the server. */
export class BadFrame extends Error {
  override readonly name = "BadFrame";
}

export interface OpenAnswer {
  readonly title: string;
  readonly epoch: Epoch;
  readonly role: Role;
  readonly update: Uint8Array;
  readonly have: Uint8Array;
  readonly you: string;
  readonly people: readonly Participant[];
  /** How many are here beside `people`. */
  readonly others: number;
}

export interface PeopleChange {
  readonly joined: readonly Participant[];
  readonly left: readonly string[];
  readonly cursors: ReadonlyMap<string, Cursor | null>;
  /** How many are not shown; one of them is whoever reads this and is not shown itself. */
  readonly others: number;
}

export interface Commented {
  /** Grows with each change of the document's comments. */
  readonly version: number;
}

export interface Access {
  readonly role: Role | null;
  readonly code: RefusalCode | null;
  /** Why, in a word for people; null when nobody announced it. */
  readonly reason: string | null;
}

export interface Refusal {
  readonly code: RefusalCode;
  readonly retryAfterMs: number | null;
  /** Why, in a word for people; null when the code says it all. */
  readonly reason: string | null;
}

type Fields = Record<string, unknown>;

const CODES: ReadonlySet<string> = new Set<RefusalCode>([
  "signed_out",
  "not_found",
  "forbidden",
  "too_large",
  "bad_frame",
  "gap",
  "slow_down",
  "busy",
  "stale_epoch",
  "quarantined",
  "internal",
]);
const ROLES: ReadonlySet<unknown> = new Set<Role>(["owner", "editor", "commenter", "viewer"]);

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** A code that this client does not know is treated as the server's fault: tried again with back-off. */
export function readCode(value: unknown): RefusalCode {
  return typeof value === "string" && CODES.has(value) ? (value as RefusalCode) : "internal";
}

export function readRefusal(fields: Fields): Refusal {
  const { code, retry_after_ms: after, reason } = fields;
  return {
    code: readCode(code),
    retryAfterMs: typeof after === "number" && Number.isFinite(after) ? after : null,
    reason: typeof reason === "string" ? reason : null,
  };
}

/** What a failed CONNECT says: the code is in `data`, and the message as well (trap B10). Null: the transport failed. */
export function readRefusedConnect(error: unknown): Refusal | null {
  const { data, message } = error as { data?: unknown; message?: unknown };
  if (isFields(data) && data["code"] !== undefined) return readRefusal(data);
  if (typeof message !== "string" || !CODES.has(message)) return null;
  return { code: readCode(message), retryAfterMs: null, reason: null };
}

export function readOpenAnswer(fields: Fields): OpenAnswer {
  const epoch = fields["epoch"];
  if (typeof epoch !== "string" && typeof epoch !== "number") throw new BadFrame("epoch");
  return {
    title: text(fields, "title"),
    epoch,
    role: roleOf(fields["role"]),
    update: bytes(fields, "update"),
    have: bytes(fields, "have"),
    you: text(fields, "you"),
    people: list(fields, "people").map(participant),
    others: count(fields, "others"),
  };
}

/** The stable id of the person that was answered. */
export function personOf({ you, people }: OpenAnswer): string | null {
  return people.find(({ id }) => id === you)?.user ?? null;
}

export function readEdited(fields: Fields): Uint8Array {
  return bytes(fields, "update");
}

export function readPeople(fields: Fields): PeopleChange {
  const cursors = fields["cursors"] ?? {};
  if (!isFields(cursors)) throw new BadFrame("cursors");
  return {
    joined: list(fields, "joined").map(participant),
    left: list(fields, "left").map((id) => {
      if (typeof id !== "string") throw new BadFrame("left");
      return id;
    }),
    cursors: new Map(Object.entries(cursors).map(([id, pair]) => [id, cursor(pair)])),
    others: count(fields, "others"),
  };
}

export function readRenamed(fields: Fields): string {
  return text(fields, "title");
}

export function readCommented(fields: Fields): Commented {
  return { version: count(fields, "version") };
}

export function readAccess(fields: Fields): Access {
  const { role, code, reason } = fields;
  return {
    role: role == null ? null : roleOf(role),
    code: code == null ? null : readCode(code),
    reason: typeof reason === "string" ? reason : null,
  };
}

export function readSlot(payload: unknown): number {
  const ms = isFields(payload) ? payload["slot_ms"] : undefined;
  if (typeof ms !== "number" || !Number.isFinite(ms)) throw new BadFrame("slot_ms");
  return ms;
}

function participant(value: unknown): Participant {
  if (!isFields(value)) throw new BadFrame("participant");
  const clientId = value["client_id"];
  if (typeof clientId !== "number") throw new BadFrame("client_id");
  return {
    id: text(value, "id"),
    user: text(value, "user"),
    name: text(value, "name"),
    color: text(value, "color"),
    clientId,
    role: roleOf(value["role"]),
    cursor: cursor(value["cursor"]),
  };
}

function cursor(value: unknown): Cursor | null {
  if (value == null) return null;
  const [anchor, head] = Array.isArray(value) ? value : [];
  if (!(anchor instanceof Uint8Array) || !(head instanceof Uint8Array)) throw new BadFrame("cursor");
  return { anchor, head };
}

function roleOf(value: unknown): Role {
  if (!ROLES.has(value)) throw new BadFrame("role");
  return value as Role;
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw new BadFrame(name);
  return value;
}

function bytes(fields: Fields, name: string): Uint8Array {
  const value = fields[name];
  if (!(value instanceof Uint8Array)) throw new BadFrame(name);
  return value;
}

function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value)) throw new BadFrame(name);
  return value;
}

function count(fields: Fields, name: string): number {
  const value = fields[name] ?? 0;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) throw new BadFrame(name);
  return value;
}
